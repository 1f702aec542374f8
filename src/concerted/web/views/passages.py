"""How things that members pushed went through the files."""

from __future__ import annotations

from typing import Any

from concerted.findings import Findings, Passage
from concerted.web.query import Query
from concerted.web.views import blocks, post

AT_ONCE = 20  # things on one page, each with its timeline


def passages(found: Findings, query: Query) -> dict[str, Any]:
    """The things of the trace asked for: who had each first, and when how many came to it."""
    fitting = [one for one in found.passages if query.trace in ("", one.trace)]
    return {
        "things": [_thing(found, one) for one in fitting[query.place : query.place + AT_ONCE]],
        "fitting": len(fitting),
        "in_all": len(found.passages),
        "traces": sorted({one.trace for one in found.passages}),
        "skipped": query.place,
        "at_once": AT_ONCE,
    }


def _thing(found: Findings, one: Passage) -> dict[str, Any]:
    return {
        "trace": one.trace,
        "object": one.object,
        "label": one.label,
        "accounts": one.accounts,
        "members": one.members,
        "listed": sum(one.listed),
        "by": blocks(found, one.groups),
        "says": [note.says for note in one.notes],
        "seen": [{"by": seen.by, "resolution_s": seen.resolution_s, **post(seen.act)} for seen in one.seen],
        "timeline": one.course,
    }
