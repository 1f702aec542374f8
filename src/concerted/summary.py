"""The end of a run in words, and the same for programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from concerted.findings import Findings, Group, Input

SHOWN = 10  # groups and limits listed; the report has them all
FOUND = "acted together more than chance explains"


def in_words(findings: Findings, case: Path) -> str:
    """What was read, what was found and what was not, and where the report is.

    `findings` are already without what a person may not see.
    """
    lines = _read(findings)
    members = {member.account for group in findings.groups for member in group.accounts}
    if findings.groups:
        lines.append(f"{_count(len(findings.groups), 'group')} of {_count(len(members), 'account')} {FOUND}:")
        lines += [_group(group) for group in findings.groups[:SHOWN]]
        if len(findings.groups) > SHOWN:
            lines.append(f"  and {len(findings.groups) - SHOWN} more in the report")
    sets = [one for one in findings.sets if one.answer == "found"]
    if findings.alone:
        lines.append(f"{_count(len(findings.alone), 'account')} found outside groups.")
    if sets:
        lines.append(
            f"{_count(len(sets), 'set')} whose members, pooled, {FOUND}; members are not found one by one."
        )
    posts = sum(entry.posts for entry in findings.made.inputs)
    profiles = sum(entry.accounts for entry in findings.made.inputs)
    if profiles and not posts:
        lines.append("There are no posts in these files, so nobody could be tested for acting together.")
    elif not (findings.groups or findings.alone or sets):
        lines.append(
            f"No accounts were found that {FOUND}. That is a result: the limits "
            "below say what these files could have shown."
        )
        lines += [f"  - {limit}" for limit in findings.limits[:SHOWN]]
        if len(findings.limits) > SHOWN:
            lines.append(f"  and {len(findings.limits) - SHOWN} more in the report")
    told = [note.says for note in findings.notes if note.leans == "for"]
    if told or (profiles and not posts):
        told = told or ["no batch of accounts that are alike more than chance explains"]
        # newcomers make a surge, too: it is told, and is no batch
        told += [note.says for note in findings.notes if note.signal == "births" and note.leans == "none"][
            :SHOWN
        ]
        lines += ["What the profiles show:", *(f"  - {says}" for says in told)]
    open_sets = len(findings.sets) - len(sets)
    lines.append(
        f"Explained by innocent causes: {_count(len(findings.explained), 'account')}. "
        f"Unresolved: {_count(len(findings.unresolved), 'account')}"
        + (f", {_count(open_sets, 'set')}" if open_sets else "")
        + f". Leads, which are not findings: {len(findings.leads)}."
    )
    if findings.groups or findings.alone or sets:
        lines.append("Acting together is no proof of deceit: the report says what speaks against.")
    lines.append(f"Report: {case / 'report.html'}")
    return "\n".join(lines)


def in_figures(findings: Findings, case: Path) -> dict[str, Any]:
    """The same as plain values: counts, files and limits, no accounts."""
    return {
        "case": str(case),
        "report": str(case / "report.html"),
        "findings": str(case / "findings.json"),
        "files": [
            {
                "file": entry.file,
                "source": entry.source,
                "records": entry.records,
                "posts": entry.posts,
                "accounts": entry.accounts,
                "left_out": _unused(entry),
                "reasons": entry.left_out,
            }
            for entry in findings.made.inputs
        ],
        "groups": len(findings.groups),
        "accounts_in_groups": len({m.account for group in findings.groups for m in group.accounts}),
        "alone": len(findings.alone),
        "sets_found": sum(one.answer == "found" for one in findings.sets),
        "sets_unresolved": sum(one.answer != "found" for one in findings.sets),
        "leads": len(findings.leads),
        "explained": len(findings.explained),
        "unresolved": len(findings.unresolved),
        "limits": findings.limits,
    }


def _read(findings: Findings) -> list[str]:
    inputs = findings.made.inputs
    posts = sum(entry.posts for entry in inputs)
    reasons: dict[str, int] = {}
    for entry in inputs:
        for reason, count in entry.left_out.items():
            reasons[reason] = reasons.get(reason, 0) + count
    unused = sum(_unused(entry) for entry in inputs)
    lines = [f"Read {_count(len(inputs), 'file')}: {_count(posts, 'post')}, {_left_out(unused, reasons)}."]
    profiles = sum(entry.accounts for entry in inputs)
    if profiles:
        lines.append(f"Profiles without posts: {profiles:,}.")
    return lines


def _unused(entry: Input) -> int:
    return entry.records - entry.posts - entry.accounts


def _left_out(unused: int, reasons: Mapping[str, int]) -> str:
    if not unused:
        return "nothing left out"
    if sum(reasons.values()) != unused:
        return f"{_count(unused, 'record')} left out (for which reasons is in the report)"
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    named = "; ".join(f"{count:,} {reason}" for reason, count in ordered[:4])
    more = "; other reasons in the report" if len(ordered) > 4 else ""
    return f"{_count(unused, 'record')} left out ({named}{more})"


def _group(group: Group) -> str:
    why = group.why[0] if group.why else ", ".join(group.traces)
    return f"  {group.id}, {_count(len(group.accounts), 'account')}: {why}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
