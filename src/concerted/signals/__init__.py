"""Signals turn tables into notes about a group, set or account, for or against.

Contract of `signals/<name>.py`: one frozen dataclass, registered in `registry.BUILTIN["signals"]`, whose
fields are its options and which has

    name                              as registered
    notes(subjects, tables, engine) -> pyarrow.Table of schema "notes"

`subjects` is a pyarrow.Table (subject_kind, subject, account): one row per member of a group ("cluster"),
set ("set") or account outside groups ("account"). One that tests is a `_judged.Tested` and has

    asked(subjects, tables, engine) -> rows of notes with p

instead: q is over everything that all of them ask in one run. Signals explain groups; they never make one.
None scores an account by what it believes, and none names or locates a person.

Its docstring is product text with the headings: What it sees, Null model, Innocent explanations, Example,
References.
"""
