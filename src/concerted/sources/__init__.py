"""Sources turn one file of one export family into rows of posts, accounts and ledger.

Contract of `sources/<name>.py`: one class, registered in `registry.BUILTIN["sources"]`, with

    name        as registered          says     one line: which export it reads
    covers      roles it can fill      clock    one line: where times and their zone come from
    recognise(opened) -> float         0 not mine .. 1 surely mine, from content, never from the file name
    read(opened, options) -> iterator of (table name, pyarrow.Table)     tables posts, accounts, ledger

Every record read is a row of posts or accounts, or is counted in ledger with its reason.
A source never uses the machine's time zone, never fetches, and never loads a field that could identify
or locate a private person (e-mail, phone, device, coordinates, reported location, who follows whom).
"""
