"""Two accounts side by side: the very posts, to the second."""

from __future__ import annotations

from typing import Any

from concerted.exports import _evidence
from concerted.exports.html import titles
from concerted.findings import Alone, CoAct, Evidence, Findings, Tie
from concerted.web.query import Query
from concerted.web.views import Missing, post
from concerted.web.views.group import whole


def pair(found: Findings, query: Query, key: str, a: str, b: str) -> dict[str, Any]:
    """The ties of two accounts of a group or set, and their acts on the same objects. Raises Missing."""
    one = whole(found, key)
    return {
        "id": one.id,
        "title": titles(found)[one.id],
        "of": "sets" if hasattr(one, "basis") else "groups",
        "against": one.against,
        **side_by_side(one.evidence, getattr(one, "ties", []), query, a, b),
    }


def account(found: Findings, query: Query, name: str) -> dict[str, Any]:
    """An account outside groups with the posts it shares with others. Raises Missing."""
    for answer, some in (
        ("found", found.alone),
        ("explained", found.explained),
        ("unresolved", found.unresolved),
    ):
        for one in some:
            if one.account == name:
                return {"answer": answer, **_alone(one, query)}
    raise Missing(f"There is no account {name} outside groups in these findings.")


def side_by_side(evidence: list[Evidence], ties: list[Tie], query: Query, a: str, b: str) -> dict[str, Any]:
    """Acts of two accounts in the order of time, the first account's always on the left. Raises Missing."""
    ends = {a, b}
    listed = next((one for one in evidence if {one.a, one.b} == ends), None)
    if listed is None:
        raise Missing(f"There are no posts of {a} and {b} together in these findings.")
    left, right = listed.a, listed.b
    acts = [_row(act, place, left) for place, act in enumerate(listed.acts, 1) if query.holds(act)]
    return {
        "a": left,
        "b": right,
        "ties": [tie for tie in ties if {tie.a, tie.b} == ends],
        "acts": acts,
        "acts_in_all": len(listed.acts),
        "omitted": listed.omitted,
        "traces": sorted({act.trace for act in listed.acts}),
    }


def _row(act: CoAct, place: int, left: str) -> dict[str, Any]:
    same = act.first.account == left
    what = _evidence.block(Evidence(act.first.account, act.second.account, [act]), 1).rows[0].what[0]
    mine, other = (act.first, act.second) if same else (act.second, act.first)
    return {
        "place": place,
        "trace": act.trace,
        "object": act.object,
        "says": what.says,
        "label": what.label,
        "gap_s": act.gap_s,
        "counted": act.counted,
        "same_post": act.same_post,
        "same_text": bool(act.first.text) and act.first.text == act.second.text,
        "first": act.first.account if act.gap_s else None,
        "left": post(mine),
        "right": post(other),
    }


def _alone(one: Alone, query: Query) -> dict[str, Any]:
    return {
        "account": one.account,
        "p": one.p,
        "q": one.q,
        "trace": one.trace,
        "because": one.because,
        "against": one.against,
        "pairs": [side_by_side(one.evidence, one.ties, query, listed.a, listed.b) for listed in one.evidence],
    }
