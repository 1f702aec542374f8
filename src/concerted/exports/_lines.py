"""Evidence as lines of plain text, for formats that have no place of their own for it."""

from __future__ import annotations

import re

from concerted import words
from concerted.exports import _disarm, _evidence, _made
from concerted.findings import Act, CoAct, Evidence, Findings, Group, Tie, Verdict

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def evidence(pair: Evidence) -> list[str]:
    """One line per co-act: when, who, on what, how far apart, and where the posts stand; at the end how many
    further ones are in the case."""
    lines = [coact(one) for one in pair.acts]
    if pair.omitted:
        lines.append(f"{words.count(pair.omitted, 'further act')} of these two in the case.")
    return lines


def said(group: Group, verdicts: list[Verdict]) -> list[str]:
    """What speaks for and against a group, and what a reviewer said of it."""
    told = [f"{one.verdict}. {one.remark}".strip() for one in verdicts if one.subject == group.id]
    return [
        *group.why,
        *([f"Speaks against: {says}" for says in group.against] or ["No signal speaks against."]),
        *(f"A reviewer: {one}" for one in told),
    ]


def whole(findings: Findings) -> list[str]:
    """What a document says of itself where only what was found is handed on."""
    outside = (
        f"{words.count(len(findings.sets), 'set')}, {words.count(len(findings.leads), 'lead')}, "
        f"{words.count(len(findings.explained), 'account')} explained by innocent causes, "
        f"{words.count(len(findings.unresolved), 'account')} unresolved"
    )
    return [
        _made.who_is_shown(findings),
        _made.CAVEAT,
        f"Not found, and not in here: {outside}.",
        f"Techniques are those of DISARM {_disarm.VERSION}. {_disarm.CANDIDATE}",
        *(f"Limit: {limit}" for limit in findings.limits),
        *(f"Read: {one.file}, SHA-256 {one.sha256}" for one in findings.made.inputs),
        f"Made by concerted {findings.made.version}.",
    ]


def coact(one: CoAct) -> str:
    """Two acts on one object as a line."""
    what = _evidence.what(one)
    on = f"{what.says}: {what.label}" if what.label else what.says
    text = f" Text: “{' '.join((one.first.text or '').split())}”" if one.first.text else ""
    far = "" if one.counted else "; not counted, too far apart"
    also = f" The same two posts also count in {', '.join(one.also)}: one act." if one.also else ""
    apart = f"{_evidence.gap(one.gap_s)} apart{far}"
    return plain(f"{_act(one.first)}, then {_act(one.second)}, {apart}: {on}.{also}{text}")


def tie(one: Tie) -> str:
    """A tie with what chance explains."""
    return (
        f"{one.trace}, {words.within(one.window_s)}: {words.count(one.together, 'occasion')} "
        f"where chance explains {words.small(one.expected)} (q = {words.small(one.q)})"
    )


def plain(text: str) -> str:
    """Text without control characters, which XML forbids and terminals obey."""
    return CONTROL.sub("", text)


def _act(act: Act) -> str:
    row = "" if act.row is None else f":{act.row}"
    return f"{act.account} {words.utc(act.time)} ({act.file}{row})"
