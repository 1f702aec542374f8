"""Exports write findings for people and other programs. They read Findings only.

Contract of `exports/<name>.py`: one class, registered in `registry.BUILTIN["exports"]`, with

    name, suffixes           as registered; file endings that ask for it, such as (".html",)
    write(findings, path)    the findings are already redacted by `privacy.py`; gives every file it wrote,
                             the one named by `path` first

No wall time and no random id goes into a file: the same findings give the same bytes. Every output says
whether handles of members of groups are shown (`_made.shown`).
"""
