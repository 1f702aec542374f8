"""Accounts outside groups, and leads."""

from __future__ import annotations

from typing import Any

from concerted.findings import Alone, Findings
from concerted.web.query import Query


def outside(found: Findings, query: Query) -> dict[str, Any]:
    """Accounts found alone, explained and unresolved, and leads, each of the trace asked for."""
    return {
        "found": [_row(one) for one in found.alone if query.trace in ("", one.trace)],
        "explained": [_row(one) for one in found.explained if query.trace in ("", one.trace)],
        "unresolved": [_row(one) for one in found.unresolved if query.trace in ("", one.trace)],
        "leads": [one for one in found.leads if not query.trace or query.trace in one.traces],
        "traces": sorted(
            {one.trace for some in (found.alone, found.explained, found.unresolved) for one in some}
            | {trace for lead in found.leads for trace in lead.traces}
        ),
    }


def _row(one: Alone) -> dict[str, Any]:
    names = ("account", "p", "q", "trace", "because", "against")
    return {**{name: getattr(one, name) for name in names}, "pairs": len(one.evidence)}
