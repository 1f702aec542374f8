"""What the stage `explain` is made of: which ties are shown, the acts behind them, the sentences.

shown      ties that people see, with window and horizon
evidence   the acts of both accounts behind each of them
sentences  why and against, for groups, sets and accounts
picture    positions and timelines
targets    accounts that many members addressed at once, and the posts
passages   how things that members pushed went through the files
limits     what the file could not show
document   all of it as one Findings
"""
