"""Everything that was found, on one page."""

from __future__ import annotations

from typing import Any

from concerted.exports.html import facts, titles
from concerted.findings import Findings, Group, Timeline, Verdict
from concerted.web.query import Query

AT_ONCE = 200  # groups on one page


def overview(found: Findings, query: Query) -> dict[str, Any]:
    """The summary, groups that the query lets through, sets, and how many accounts lie outside groups."""
    names = titles(found)
    verdicts = {verdict.subject: verdict for verdict in found.verdicts}
    courses = {line.subject: line for line in found.timelines}
    fitting = [group for group in found.groups if _fits(group, query, verdicts.get(group.id))]
    shown = fitting[query.place : query.place + AT_ONCE]
    return {
        "facts": {**facts(found), "sets": _answered(found, True), "maybe": _answered(found, False)},
        "groups": [
            _row(group, names[group.id], verdicts.get(group.id), courses.get(group.id)) for group in shown
        ],
        "fitting": len(fitting),
        "groups_in_all": len(found.groups),
        "skipped": query.place,
        "at_once": AT_ONCE,
        "sets": [
            {
                "id": one.id,
                "title": names[one.id],
                "kind": one.kind,
                "answer": one.answer,
                "accounts": len(one.accounts),
                "trace": one.trace,
                "q": one.q,
                "ratio": one.ratio,
                "low": one.low,
                "high": one.high,
                "why": one.why[:1],
            }
            for one in found.sets
        ],
        "outside": {
            "alone": len(found.alone),
            "explained": len(found.explained),
            "unresolved": len(found.unresolved),
            "leads": len(found.leads),
        },
        "traces": sorted({trace for group in found.groups for trace in group.traces}),
        "profiles": sum(one.accounts for one in found.made.inputs),
        "told": [note.says for note in found.notes if note.leans == "for"],
        "smallest": found.smallest,
        "limits": found.limits,
        "judged": len(verdicts),
    }


def _row(group: Group, title: str, verdict: Verdict | None, course: Timeline | None) -> dict[str, Any]:
    return {
        "id": group.id,
        "title": title,
        "accounts": len(group.accounts),
        "traces": group.traces,
        "q": group.q,
        "q_reason": group.q_reason,
        "first": group.first,
        "last": group.last,
        "why": group.why[:1],
        "against": len(group.against),
        "verdict": verdict,
        "timeline": course,
    }


def _fits(group: Group, query: Query, verdict: Verdict | None) -> bool:
    size = len(group.accounts)
    given = verdict.verdict if verdict else "none"
    return (
        (not query.trace or query.trace in group.traces)
        and (query.least is None or size >= query.least)
        and (query.most is None or size <= query.most)
        and (query.q is None or (group.q is not None and group.q <= query.q))
        and (query.first is None or (group.last is not None and group.last >= query.first))
        and (query.last is None or (group.first is not None and group.first <= query.last))
        and (not query.verdict or query.verdict == given)
    )


def _answered(found: Findings, yes: bool) -> int:
    return sum((one.answer == "found") is yes for one in found.sets)
