"""Findings as CSV tables for spreadsheets."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from concerted.findings import Alone, Evidence, Findings, Group, Set, Tie

# what spreadsheets take for the start of a formula, with full-width forms and invisible space before it
FORMULA = re.compile("[\\s\ufeff\u200b-\u200f\u2060]*[=+\\-@\t\r\n＝＋－＠|%]")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

TABLES: dict[str, tuple[str, ...]] = {
    "accounts": (
        *("answer", "group", "account", "handle", "account_id", "p", "q", "ties", "share", "stability"),
        *("trace", "because"),
    ),
    "ties": (
        "answer",
        "group",
        "a",
        "b",
        "trace",
        "tier",
        "window_s",
        "both",
        "together",
        "expected",
        "p",
        "q",
        "leader",
    ),
    "evidence": (
        *("answer", "group", "a", "b", "trace", "object", "gap_s"),
        *("account_1", "time_1_utc", "text_1", "post_1", "link_1", "file_1", "row_1"),
        *("account_2", "time_2_utc", "text_2", "post_2", "link_2", "file_2", "row_2"),
    ),
    "said": ("about", "leans", "says"),
}


class Csv:
    """Four tables: accounts, ties, evidence, and what is said for and against.

    `answer` says in every table what the row belongs to: only `found` is found. A tie or an act outside
    groups has the answer of the account that it is shown for.

    `found.csv` holds the accounts; beside it lie `found.ties.csv`, `found.evidence.csv` and
    `found.said.csv`. UTF-8 with a byte order mark, so that spreadsheets show every script. A cell that a
    spreadsheet would run as a formula begins with an apostrophe.
    """

    name = "csv"
    suffixes = (".csv",)

    def write(self, findings: Findings, path: Path) -> None:
        """The files, of which `path` names the first."""
        rows = {"accounts": _accounts, "ties": _ties, "evidence": _evidence, "said": _said}
        for table, columns in TABLES.items():
            target = path if table == "accounts" else path.with_name(f"{path.stem}.{table}{path.suffix}")
            with target.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                for row in rows[table](findings):
                    writer.writerow([safe(row.get(column)) for column in columns])


def safe(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def _accounts(findings: Findings) -> Iterator[dict[str, Any]]:
    for group in findings.groups:
        for member in group.accounts:
            yield {"answer": "found", "group": group.id, **_plain(member), "trace": " ".join(group.traces)}
    for one in findings.sets:
        answer = f"member of {_kind(one)}"
        for member in one.accounts:
            yield {"answer": answer, "group": one.id, **_plain(member), "trace": one.trace}
    for answer, some in _outside(findings):
        for alone in some:
            yield {"answer": answer, **_plain(alone)}


def _ties(findings: Findings) -> Iterator[dict[str, Any]]:
    for group in findings.groups:
        yield from ({"answer": "found", "group": group.id, **_plain(tie)} for tie in group.ties)
    seen: set[Tie] = set()
    for answer, some in _outside(findings):
        for tie in (tie for alone in some for tie in alone.ties):
            if tie not in seen:
                seen.add(tie)
                yield {"answer": answer, **_plain(tie)}


def _evidence(findings: Findings) -> Iterator[dict[str, Any]]:
    for group in findings.groups:
        yield from _acts("found", group.id, group.evidence)
    for one in findings.sets:
        yield from _acts(_kind(one), one.id, one.evidence)
    for answer, some in _outside(findings):
        for alone in some:
            yield from _acts(answer, f"around {alone.account}", alone.evidence)


def _kind(one: Set) -> str:
    return "a set" if one.answer == "found" else "an unresolved set"


def _acts(answer: str, about: str, evidence: Iterable[Evidence]) -> Iterator[dict[str, Any]]:
    for pair in evidence:
        for coact in pair.acts:
            row: dict[str, Any] = {
                **_plain(coact),
                "answer": answer,
                "group": about,
                "a": pair.a,
                "b": pair.b,
            }
            row["object"] = coact.label or coact.object
            for place, act in ((1, coact.first), (2, coact.second)):
                row[f"time_{place}_utc"] = act.time.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
                for field in ("account", "text", "post", "link", "file", "row"):
                    row[f"{field}_{place}"] = getattr(act, field)
            yield row


def _said(findings: Findings) -> Iterator[dict[str, Any]]:
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


def _outside(findings: Findings) -> list[tuple[str, list[Alone]]]:
    return [
        ("found", findings.alone),
        ("explained", findings.explained),
        ("unresolved", findings.unresolved),
    ]


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}
