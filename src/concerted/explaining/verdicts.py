"""A reviewer's word on a group, carried over to the group as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from concerted.findings import Findings, Verdict

WITHDRAWN = "none"


def judged(findings: Findings, rows: Iterable[dict[str, Any]]) -> Findings:
    """The findings with the verdicts in rows of the table `verdicts`, the newest of each group.

    Names of groups change when posts are added, so a verdict follows the accounts it was given to: it goes
    to the group that holds more than half of them, and says how many joined or left since. More than half,
    so that no verdict can go to two groups. `findings` must hold real accounts.
    """
    home = {member.account: group.id for group in findings.groups for member in group.accounts}
    size = {group.id: len(group.accounts) for group in findings.groups}
    newest: dict[str, Verdict] = {}
    for row in sorted(rows, key=lambda row: row["time"]):
        given = set(row["accounts"] or ())
        held: dict[str, int] = {}
        for account in given & home.keys():
            held[home[account]] = held.get(home[account], 0) + 1
        for group, count in held.items():
            if 2 * count > len(given):
                newest[group] = Verdict(
                    group, row["verdict"], row["remark"] or "", size[group] - count, len(given) - count
                )
    order = [newest[group.id] for group in findings.groups if group.id in newest]
    return msgspec.structs.replace(
        findings, verdicts=[verdict for verdict in order if verdict.verdict != WITHDRAWN]
    )
