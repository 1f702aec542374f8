"""Traces turn posts into events: who touched which object when.

Contract of `traces/<name>.py`: one frozen dataclass, registered in `registry.BUILTIN["traces"]`, whose
fields are its options and which has

    name                          as registered
    horizons                      the ladder: tuple of (window s, horizon s); `LADDER` unless stated
    needs                         columns of posts it cannot do without; "urls|text" means one of the two
    null                          only where the ladder does not fit: the name of a module of `nulls` that
                                  offers what `nulls/own.py` lists, which is one cell to pay for
    looks_at                      only where the events of a post depend on nothing but the post and those it
                                  points at: the columns that point, () for none. New posts are then added to
                                  what was made of earlier ones, which `Work` does
    events(posts, engine) -> (events, objects, ledger rows) or (events, objects, ledger rows, made rows)

Rows come sorted: events by (object, time, account), objects by object. An account has one event on an
object: its first touch, the smallest post id where two are of the same time. Every post that could make
no event is counted in the ledger rows, whose reasons begin with the name of the trace. Made rows say what
people must know, such as links that could not be resolved. `work.py` does what all of this has in common.

Its docstring is product text with the headings: What it sees, Null model, Innocent explanations, Example,
References. Missing and emptied values ("", [], nan, None, NULL, absent, [deleted]) are never objects.

The classes are at hand by name: `concerted.traces.Text(min_words=6)`.
"""

from __future__ import annotations

from typing import Any

LADDER = ((10, 600), (60, 3600), (600, 21600))


def __getattr__(name: str) -> Any:
    from concerted import registry

    for trace, target in registry.BUILTIN["traces"].items():
        if target.endswith(f":{name}"):
            return registry.find("traces", trace)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from concerted import registry

    return ["LADDER", *(target.partition(":")[2] for target in registry.BUILTIN["traces"].values())]
