"""A group or set: why, what speaks against, its ties, members and rhythm."""

from __future__ import annotations

from typing import Any

from concerted.exports.html import titles
from concerted.findings import SET_FIGURES, Evidence, Findings, Group, Set, Tie
from concerted.web.query import Query
from concerted.web.views import Missing

AT_ONCE = 100  # ties on one page


def group(found: Findings, query: Query, key: str) -> dict[str, Any]:
    """A group and those of its ties that the query lets through. Raises Missing."""
    one = find(found.groups, key)
    proof = {frozenset((pair.a, pair.b)): pair for pair in one.evidence}
    rows = [_tie(tie, proof.get(frozenset((tie.a, tie.b)))) for tie in one.ties if fits(tie, query)]
    rows = [row for row in rows if _inside(proof.get(frozenset((row["a"], row["b"]))), row["trace"], query)]
    return {
        "id": one.id,
        "title": titles(found)[one.id],
        "traces": one.traces,
        "p": one.p,
        "q": one.q,
        "q_reason": one.q_reason,
        "first": one.first,
        "last": one.last,
        "why": one.why,
        "against": one.against,
        "notes": one.notes,
        "lasting": one.lasting,
        "verdict": next((verdict for verdict in found.verdicts if verdict.subject == key), None),
        "accounts": one.accounts,
        "pairs": len(one.lines),
        "ties": rows[query.place : query.place + AT_ONCE],
        "fitting": len(rows),
        "ties_in_all": len(one.ties),
        "skipped": query.place,
        "at_once": AT_ONCE,
        "rhythms": one.rhythms,
        **_beyond(found, key),
        "timeline": next((line for line in found.timelines if line.subject == key), None),
        "traces_of_ties": sorted({tie.trace for tie in one.ties}),
    }


def set_(found: Findings, query: Query, key: str) -> dict[str, Any]:
    """A set and those of its pairs that the query lets through. Raises Missing."""
    one = find(found.sets, key)
    fitting = [
        pair
        for pair in one.evidence
        if query.account in ("", pair.a, pair.b) and any(query.holds(act) for act in pair.acts)
    ]
    shown = fitting[query.place : query.place + AT_ONCE]
    return {
        **{
            name: getattr(one, name)
            for name in (*SET_FIGURES, "basis", "id", "why", "against", "notes", "accounts")
        },
        "title": titles(found)[one.id],
        "pairs": [{"a": p.a, "b": p.b, "acts": len(p.acts) + p.omitted} for p in shown],
        **_beyond(found, key),
        "fitting": len(fitting),
        "pairs_in_all": len(one.evidence),
        "skipped": query.place,
        "at_once": AT_ONCE,
        "timeline": next((line for line in found.timelines if line.subject == key), None),
    }


def network(found: Findings, key: str) -> dict[str, Any]:
    """A group as the picture needs it: members with their positions, pairs as places in the list of members.

    Raises Missing.
    """
    one = find(found.groups, key)
    place = {point.account: point for point in one.layout}
    course = next((line for line in found.timelines if line.subject == key), None)
    return {
        "members": [
            {
                "account": member.account,
                "x": place[member.account].x if member.account in place else 0.5,
                "y": place[member.account].y if member.account in place else 0.5,
                "ties": member.ties,
            }
            for member in one.accounts
        ],
        "lines": one.lines,
        "steps": len(course.counts) if course else 0,
    }


def find(some: Any, key: str) -> Any:
    """The group or set of this id. Raises Missing."""
    for one in some:
        if one.id == key:
            return one
    raise Missing(f"There is no {key} in these findings.")


def fits(tie: Tie, query: Query) -> bool:
    """Whether a tie is of the trace, account and q asked for."""
    return (
        (not query.trace or tie.trace == query.trace)
        and query.account in ("", tie.a, tie.b)
        and (query.q is None or tie.q <= query.q)
    )


def _beyond(found: Findings, key: str) -> dict[str, Any]:
    """Whom the members addressed at once, and of how many things that they pushed the way is drawn."""
    return {
        "targets": [one.account for one in found.targets if any(sent.group == key for sent in one.acts)],
        "things": sum(key in one.groups for one in found.passages),
    }


def _inside(pair: Evidence | None, trace: str, query: Query) -> bool:
    """Whether the two acted within the times asked for, in this trace."""
    if query.first is None and query.last is None:
        return True
    return pair is not None and any(query.holds(act) for act in pair.acts if act.trace == trace)


def _tie(tie: Tie, pair: Evidence | None) -> dict[str, Any]:
    names = ("a", "b", "trace", "tier", "window_s", "both", "together", "expected", "p", "q", "leader")
    row = {name: getattr(tie, name) for name in names}
    return {**row, "listed": sum(act.trace == tie.trace for act in pair.acts) if pair else 0}


def whole(found: Findings, key: str) -> Group | Set:
    """The group or set of this id. Raises Missing."""
    one: Group | Set = find([*found.groups, *found.sets], key)
    return one
