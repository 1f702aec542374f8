"""Exports write findings for people and other programs. They read Findings only.

Contract of `exports/<name>.py`: one class, registered in `registry.BUILTIN["exports"]`, with

    name, suffixes           as registered; file endings that ask for it, such as (".html",)
    write(findings, path)    the findings are already redacted by `privacy.py`
"""
