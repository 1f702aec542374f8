"""Traces turn posts into events: who touched which object when.

Contract of `traces/<name>.py`: one frozen dataclass, registered in `registry.BUILTIN["traces"]`, whose
fields are its options and which has

    name                          as registered
    horizons                      the ladder: tuple of (window s, horizon s); `LADDER` unless stated
    needs                         columns of posts it cannot do without
    events(posts, engine) -> (events, objects, ledger rows)

Its docstring is product text with the headings: What it sees, Null model, Innocent explanations, Example,
References. Missing and emptied values ("", [], nan, None, NULL, absent, [deleted]) are never objects.
"""

LADDER = ((10, 600), (60, 3600), (600, 21600))
