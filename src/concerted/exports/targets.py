"""Findings as a pack for those who were addressed by many members at once."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from concerted.exports import _made, html
from concerted.exports.csv import cell, safe
from concerted.findings import Findings, Group, Set, Target

COLUMNS = ("time_utc", "account", "group", "how", "first", "text", "copy", "link", "post", "file", "row")
HOW = {"reply": "answers", "quote": "quotes"}


class Targets:
    """The posts by which members of groups and sets addressed one account, for that account to hand on.

    `pack.targets.html` is a page to read and print, a target to a sheet: how many addressed it when, why the
    group was found, what speaks against it, every post with its time, text, address and place in the input,
    which texts are copies, and the hashes of the input. Beside it lies one table per target, such as
    `pack.T01.csv`, for a platform or a lawyer. Targets are pseudonyms in every copy: whose pack is whose
    stands in the `findings.json` of the case alone. Posts of found members have their addresses only where
    handles are shown.
    """

    name = "targets"
    suffixes = (".targets.html",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """The page, then a table per target."""
        path.write_text(render(findings), encoding="utf-8", newline="\n")
        written = [path]
        stem = path.name[: -len(self.suffixes[0])]
        for target in findings.targets:
            table = path.with_name(f"{stem}.{target.account}.csv")
            with table.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for row in rows(findings, target):
                    writer.writerow([safe(cell(row[column])) for column in COLUMNS])
            written.append(table)
        return written


def rows(findings: Findings, target: Target) -> list[dict[str, Any]]:
    """The posts to one target as rows of its table."""
    titles = html.titles(findings)
    return [
        {
            "time_utc": sent.act.time,
            "account": sent.act.account,
            "group": titles.get(sent.group, sent.group),
            "how": HOW.get(sent.kind, "names"),
            "first": sent.first,
            "text": sent.act.text,
            "copy": f"text {sent.copy}" if sent.copy else None,
            "link": sent.act.link,
            "post": sent.act.post,
            "file": sent.act.file,
            "row": sent.act.row,
        }
        for sent in target.acts
    ]


def render(findings: Findings) -> str:
    """The page as text; `findings` are already redacted."""
    titles = html.titles(findings)
    every: list[Group | Set] = [*findings.groups, *findings.sets]
    blocks = {block.id: block for block in every}
    packs = [
        (target, html.groups_of(target, titles), [blocks[one] for one in _ids(target) if one in blocks])
        for target in findings.targets
    ]
    return html.page(
        "targets.html.j2",
        findings,
        packs=packs,
        titles=titles,
        caveat=_made.CAVEAT,
        who=_made.who_is_shown(findings),
    )


def _ids(target: Target) -> list[str]:
    return list(dict.fromkeys(sent.group for sent in target.acts))
