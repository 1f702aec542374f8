"""Findings as flat tables, one row per thing, for spreadsheets and statistics programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa

from concerted.exports import _made
from concerted.findings import Alone, Evidence, Findings, Group, Set, Tie

TEXT, NUMBER, COUNT, FLAG = pa.string(), pa.float64(), pa.int64(), pa.bool_()
TIME, TEXTS = pa.timestamp("us", tz="UTC"), pa.list_(pa.string())

Row = dict[str, Any]

# the first is the one that stands under the name a person gave
TABLES: dict[str, dict[str, pa.DataType]] = {
    "accounts": {
        **{"answer": TEXT, "group": TEXT, "account": TEXT, "handle": TEXT, "account_id": TEXT},
        **{"p": NUMBER, "q": NUMBER, "ties": COUNT, "share": NUMBER, "stability": NUMBER},
        **{"traces": TEXTS, "because": TEXT},
    },
    "groups": {
        **{"answer": TEXT, "group": TEXT, "accounts": COUNT, "p": NUMBER, "q": NUMBER, "q_reason": TEXT},
        **{"traces": TEXTS, "first_utc": TIME, "last_utc": TIME, "kept_name": TEXT},
    },
    "sets": {
        **{"answer": TEXT, "group": TEXT, "kind": TEXT, "basis": TEXT, "trace": TEXT, "window_s": COUNT},
        **{"named": COUNT, "older": FLAG, "accounts": COUNT, "days": COUNT, "p": NUMBER, "q": NUMBER},
        **{"ratio": NUMBER, "low": NUMBER, "high": NUMBER},
    },
    "ties": {
        **{
            "answer": TEXT,
            "group": TEXT,
            "a": TEXT,
            "b": TEXT,
            "trace": TEXT,
            "tier": TEXT,
            "window_s": COUNT,
        },
        **{"both": COUNT, "together": COUNT, "expected": NUMBER, "p": NUMBER, "q": NUMBER, "leader": TEXT},
    },
    "evidence": {
        **{"answer": TEXT, "group": TEXT, "a": TEXT, "b": TEXT, "trace": TEXT, "object": TEXT},
        **{"gap_s": NUMBER, "counted": FLAG, "same_post": FLAG, "also": TEXTS},
        "further_in_case": COUNT,
        **{
            f"{name}_{place}{utc}": kind
            for place in (1, 2)
            for name, utc, kind in (
                *(("account", "", TEXT), ("time", "_utc", TIME), ("text", "", TEXT), ("post", "", TEXT)),
                *(("link", "", TEXT), ("file", "", TEXT), ("row", "", COUNT)),
            )
        },
    },
    "said": {"about": TEXT, "leans": TEXT, "says": TEXT},
    "notes": {
        **{"about": TEXT, "signal": TEXT, "leans": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER},
        **{"p": NUMBER, "q": NUMBER, "reference": TEXT, "says": TEXT},
    },
    "leads": {"lead": COUNT, "account": TEXT, "traces": TEXTS, "score": NUMBER},
    "timelines": {"group": TEXT, "start_utc": TIME, "step_s": COUNT, "acts": COUNT, "together": COUNT},
    "targets": {
        **{"target": TEXT, "group": TEXT, "account": TEXT, "time_utc": TIME, "kind": TEXT, "first": FLAG},
        **{"copy": COUNT, "text": TEXT, "post": TEXT, "link": TEXT, "file": TEXT, "row": COUNT},
    },
    "passages": {
        **{"trace": TEXT, "object": TEXT, "groups": TEXTS, "start_utc": TIME, "step_s": COUNT},
        **{"accounts": COUNT, "members": COUNT, "listed": COUNT},
    },
    "verdicts": {"group": TEXT, "verdict": TEXT, "remark": TEXT, "joined": COUNT, "left": COUNT},
    "inputs": {
        **{"file": TEXT, "sha256": TEXT, "source": TEXT, "clock": TEXT, "records": COUNT, "posts": COUNT},
        **{"profiles": COUNT, "left_out": COUNT},
    },
    "ledger": {"file": TEXT, "answer": TEXT, "trace": TEXT, "reason": TEXT, "count": COUNT},
    "made": {"name": TEXT, "value": TEXT},
}


def rows(findings: Findings) -> Iterator[tuple[str, dict[str, pa.DataType], Iterator[Row]]]:
    """Every table with its columns and its rows, columns that a row lacks being empty."""
    for name, columns in TABLES.items():
        yield name, columns, MAKERS[name](findings)


def _accounts(findings: Findings) -> Iterator[Row]:
    for group in findings.groups:
        for member in group.accounts:
            yield {"answer": "found", "group": group.id, **_plain(member), "traces": group.traces}
    for one in findings.sets:
        for member in one.accounts:
            answer = f"member of {_kind(one)}"
            yield {"answer": answer, "group": one.id, **_plain(member), "traces": [one.trace]}
    for answer, some in _outside(findings):
        for alone in some:
            yield {"answer": answer, **_plain(alone), "ties": len(alone.ties), "traces": [alone.trace]}


def _groups(findings: Findings) -> Iterator[Row]:
    for group in findings.groups:
        yield {
            **_plain(group),
            **{"answer": "found", "group": group.id, "accounts": len(group.accounts)},
            **{"first_utc": group.first, "last_utc": group.last},
            "kept_name": group.lasting.name if group.lasting else None,
        }


def _sets(findings: Findings) -> Iterator[Row]:
    for one in findings.sets:
        yield {**_plain(one), "answer": _kind(one), "group": one.id, "accounts": len(one.accounts)}


def _ties(findings: Findings) -> Iterator[Row]:
    for group in findings.groups:
        yield from ({"answer": "found", "group": group.id, **_plain(tie)} for tie in group.ties)
    seen: set[Tie] = set()
    for answer, some in _outside(findings):
        for tie in (tie for alone in some for tie in alone.ties):
            if tie not in seen:
                seen.add(tie)
                yield {"answer": answer, **_plain(tie)}


def _evidence(findings: Findings) -> Iterator[Row]:
    for group in findings.groups:
        yield from _acts("found", group.id, group.evidence)
    for one in findings.sets:
        yield from _acts(_kind(one), one.id, one.evidence)
    for answer, some in _outside(findings):
        for alone in some:
            yield from _acts(answer, f"around {alone.account}", alone.evidence)


def _acts(answer: str, about: str, evidence: Iterable[Evidence]) -> Iterator[Row]:
    for pair in evidence:
        for coact in pair.acts:
            row = {**_plain(coact), "answer": answer, "group": about, "a": pair.a, "b": pair.b}
            row |= {"object": coact.label or coact.object, "further_in_case": pair.omitted}
            for place, act in ((1, coact.first), (2, coact.second)):
                row[f"time_{place}_utc"] = act.time
                row |= {f"{name}_{place}": value for name, value in _plain(act).items() if name != "time"}
            yield row


def _said(findings: Findings) -> Iterator[Row]:
    yield from ({"about": "the files", "leans": "limit", "says": says} for says in findings.limits)
    yield from ({"about": "the files", **_plain(note)} for note in findings.notes)
    blocks: list[Group | Set] = [*findings.groups, *findings.sets]
    for block in blocks:
        about = f"{block.id} ({_kind(block)})" if isinstance(block, Set) else f"{block.id} (found)"
        yield from ({"about": about, "leans": "for", "says": says} for says in block.why)
        yield from ({"about": about, "leans": "against", "says": says} for says in block.against)
    for answer, some in _outside(findings):
        for alone in some:
            about = f"{alone.account} ({answer})"
            yield from ({"about": about, "leans": "against", "says": says} for says in alone.against)
    for place, lead in enumerate(findings.leads, 1):
        members = ", ".join(lead.accounts)
        yield {"about": f"lead {place}, not a finding: {members}", "leans": "none", "says": lead.says}


def _notes(findings: Findings) -> Iterator[Row]:
    yield from ({"about": "the files", **_plain(note)} for note in findings.notes)
    blocks: list[Group | Set] = [*findings.groups, *findings.sets]
    for block in blocks:
        yield from ({"about": block.id, **_plain(note)} for note in block.notes)
    for target in findings.targets:
        yield from ({"about": target.account, **_plain(note)} for note in target.notes)
    for one in findings.passages:
        yield from ({"about": one.label or one.object, **_plain(note)} for note in one.notes)


def _leads(findings: Findings) -> Iterator[Row]:
    for place, lead in enumerate(findings.leads, 1):
        for account in lead.accounts:
            yield {"lead": place, "account": account, "traces": lead.traces, "score": lead.score}


def _timelines(findings: Findings) -> Iterator[Row]:
    for line in findings.timelines:
        for place, (acts, together) in enumerate(zip(line.counts, line.together, strict=True)):
            start = line.start + timedelta(seconds=place * line.step_s)
            yield {
                **{"group": line.subject, "start_utc": start, "step_s": line.step_s},
                **{"acts": acts, "together": together},
            }


def _targets(findings: Findings) -> Iterator[Row]:
    for target in findings.targets:
        for sent in target.acts:
            yield {**_plain(sent.act), **_plain(sent), "target": target.account, "time_utc": sent.act.time}


def _passages(findings: Findings) -> Iterator[Row]:
    for one in findings.passages:
        course = one.course
        steps = zip(course.counts, course.together, one.listed, strict=True)
        for place, (accounts, members, listed) in enumerate(steps):
            yield {
                **{"trace": one.trace, "object": one.label or one.object, "groups": one.groups},
                **{"start_utc": course.start + timedelta(seconds=place * course.step_s)},
                **{"step_s": course.step_s, "accounts": accounts, "members": members, "listed": listed},
            }


def _verdicts(findings: Findings) -> Iterator[Row]:
    yield from ({**_plain(verdict), "group": verdict.subject} for verdict in findings.verdicts)


def _inputs(findings: Findings) -> Iterator[Row]:
    for one in findings.made.inputs:
        yield {**_plain(one), "profiles": one.accounts, "left_out": sum(one.left_out.values())}


def _ledger(findings: Findings) -> Iterator[Row]:
    for one in findings.made.inputs:
        for reason, count in one.left_out.items():
            yield {"file": one.file, "answer": "left out", "reason": reason, "count": count}
        for trace, reasons in one.no_event.items():
            for reason, count in reasons.items():
                yield {
                    "file": one.file,
                    "answer": "no event",
                    "trace": trace,
                    "reason": reason,
                    "count": count,
                }


def _made_of(findings: Findings) -> Iterator[Row]:
    made = findings.made
    values = {
        "concerted": made.version,
        "who is shown": _made.who_is_shown(findings),
        "what it does not prove": _made.CAVEAT,
        "seed": made.seed,
        "smallest group": findings.smallest or "",
        **{f"settings of {name}": value for name, value in made.settings.items()},
        **{f"rows of {name}": count for name, count in made.rows.items()},
    }
    for name, value in values.items():
        plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        yield {"name": name, "value": plain}


MAKERS: dict[str, Callable[[Findings], Iterator[Row]]] = {
    **{"accounts": _accounts, "groups": _groups, "sets": _sets, "ties": _ties, "evidence": _evidence},
    **{"said": _said, "notes": _notes, "leads": _leads, "timelines": _timelines, "verdicts": _verdicts},
    **{"targets": _targets, "passages": _passages},
    **{"inputs": _inputs, "ledger": _ledger, "made": _made_of},
}


def _kind(one: Set) -> str:
    return "a set" if one.answer == "found" else "an unresolved set"


def _outside(findings: Findings) -> list[tuple[str, list[Alone]]]:
    return [
        ("found", findings.alone),
        ("explained", findings.explained),
        ("unresolved", findings.unresolved),
    ]


def _plain(row: Any) -> Row:
    return {name: getattr(row, name) for name in row.__struct_fields__}
