"""Found accounts and their ties as a graph, for the formats of network tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from concerted.exports import _lines, _made
from concerted.findings import Evidence, Findings, Group


def graph(findings: Findings) -> Any:
    """A networkx.Graph; its own attributes say who is shown, and what findings do not prove."""
    import networkx

    made = networkx.Graph(
        name=f"concerted {findings.made.version}",
        who_is_shown=_made.who_is_shown(findings),
        what_it_does_not_prove=_made.CAVEAT,
    )
    for group in findings.groups:
        for member in group.accounts:
            more = {"p": member.p, "q": member.q, "handle": member.handle, "account_id": member.account_id}
            _node(made, member.account, {"group": group.id, "ties": member.ties, **more})
        acts = {frozenset((pair.a, pair.b)): pair for pair in group.evidence}
        for (a, b), values in _edges(group, acts).items():
            made.add_edge(_clean(a), _clean(b), **_given(values))
        for line in group.lines:
            a, b = (_clean(group.accounts[place].account) for place in (line.a, line.b))
            if not made.has_edge(a, b):
                # a tie that the document lists in short only: it is no less a tie
                known = {"traces": ", ".join(line.traces), "together": line.together}
                made.add_edge(a, b, **known, weight=float(line.together))
    for alone in findings.alone:
        _node(made, alone.account, {"p": alone.p, "q": alone.q})
    return made


def _node(made: Any, account: str, values: Mapping[str, Any]) -> None:
    made.add_node(_clean(account), label=_clean(account), answer="found", **_given(values))


def _edges(group: Group, acts: Mapping[frozenset[str], Evidence]) -> dict[tuple[str, str], dict[str, Any]]:
    """The edges of a group, a pair in several traces once."""
    pairs: dict[tuple[str, str], list[Any]] = {}
    for tie in group.ties:
        pairs.setdefault((tie.a, tie.b), []).append(tie)
    edges = {}
    for (a, b), some in sorted(pairs.items()):
        ties = sorted(some, key=lambda tie: (tie.q, tie.trace, tie.tier, tie.window_s))
        pair = acts.get(frozenset((a, b)), Evidence(a, b, []))
        counted = [coact for coact in pair.acts if coact.counted]
        times = sorted(act.time for coact in counted for act in (coact.first, coact.second))
        edges[a, b] = {
            "traces": ", ".join(sorted({tie.trace for tie in ties})),
            "q": ties[0].q,
            "p": ties[0].p,
            "window_s": ties[0].window_s,
            "together": ties[0].together,
            "expected": ties[0].expected,
            "weight": float(ties[0].together),
            "ties": "\n".join(map(_lines.tie, ties)),
            "evidence": "\n".join(_lines.evidence(pair)),
            "acts_listed": len(pair.acts),
            "acts_further_in_case": pair.omitted,
            "first_utc": times[0].strftime("%Y-%m-%dT%H:%M:%SZ") if times else None,
            "last_utc": times[-1].strftime("%Y-%m-%dT%H:%M:%SZ") if times else None,
        }
    return edges


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _clean(value) for name, value in values.items() if value not in (None, "")}


def _clean(value: Any) -> Any:
    return _lines.plain(value) if isinstance(value, str) else value
