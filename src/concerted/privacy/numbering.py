"""Pseudonyms: numbers in the order in which the findings mention accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from concerted.findings import Findings


def accounts(findings: Findings) -> list[str]:
    """All accounts that the findings show as such, in order of appearance, each once."""
    return list(dict.fromkeys(account for _, account in _appearing(findings)))


def name_all(findings: Findings, handles: Mapping[str, str]) -> dict[str, str]:
    """Pseudonyms by account, and by "@handle" for the accounts whose handle is known."""
    names: dict[str, str] = {}
    counted: dict[str, int] = {}
    for prefix, account in _appearing(findings):
        if account not in names:
            counted[prefix] = counted.get(prefix, 0) + 1
            names[account] = f"{prefix}{counted[prefix]:02d}"
    aliases = {f"@{handle}": names[account] for account, handle in handles.items() if account in names}
    return {**names, **dict(sorted(aliases.items()))}


def _appearing(findings: Findings) -> Iterator[tuple[str, str]]:
    for place, group in enumerate(findings.groups, 1):
        for member in group.accounts:
            yield f"G{place}-", member.account
    for target in findings.targets:
        yield "T", target.account
    for place, one in enumerate(findings.sets, 1):
        for member in one.accounts:
            yield f"S{place}-", member.account
    for prefix, some in (("A", findings.alone), ("E", findings.explained), ("U", findings.unresolved)):
        for alone in some:
            yield prefix, alone.account
    for lead in findings.leads:
        for account in lead.accounts:
            yield "L", account
    for some in (findings.alone, findings.explained, findings.unresolved):
        for alone in some:
            for tie in alone.ties:
                yield from (("T", tie.a), ("T", tie.b))
            for pair in alone.evidence:
                yield from (("T", pair.a), ("T", pair.b))
    for passage in findings.passages:
        for seen in passage.seen:
            yield "T", seen.act.account
