"""Findings as a report: one file that opens without a network and runs nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from concerted import words
from concerted.exports import _figures, _show
from concerted.findings import Alone, Evidence, Findings, Tie

TEMPLATES = Path(__file__).parent / "templates"
# an account outside groups gets this many pairs with posts; the JSON export has all that the document lists
PAIRS_ALONE = 3


class Html:
    """The report: what was found in words first, then pictures, what speaks against, and the posts.

    Style and pictures are inside the file. It has no script, asks the network for nothing and forbids both
    by its content security policy. Light and dark follow the reader's system; it prints on paper.
    """

    name = "html"
    suffixes = (".html", ".htm")

    def write(self, findings: Findings, path: Path) -> None:
        """One file in UTF-8."""
        path.write_text(render(findings), encoding="utf-8", newline="\n")


def render(findings: Findings) -> str:
    """The report as text; `findings` are already redacted."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        shown=_show.shown,
        post=_show.post,
        linked=_show.linked,
        small=words.small,
        utc=words.utc,
        span=words.span,
        within=words.within,
        did=words.did,
        options=lambda settings: json.dumps(settings, ensure_ascii=False),
    )
    lines = {line.subject: _figures.chart(line) for line in findings.timelines}
    return environment.get_template("report.html.j2").render(
        found=findings,
        facts=facts(findings),
        count=words.count,
        networks={group.id: _figures.network(group) for group in findings.groups},
        charts=lines,
        titles=titles(findings),
        steps={line.subject: words.span(line.step_s) for line in findings.timelines},
        strongest=strongest,
        ties_of=ties_of,
        most=PAIRS_ALONE,
        figures=_figures,
    )


def facts(findings: Findings) -> dict[str, Any]:
    """The numbers of the summary."""
    grouped = [member.account for group in findings.groups for member in group.accounts]
    weigh = findings.made.settings.get("weigh")
    fdr = weigh.get("fdr") if isinstance(weigh, dict) else None
    return {
        "grouped": len(grouped),
        "alone": len(findings.alone),
        "found": len(grouped) + len(findings.alone),
        "sets": [one for one in findings.sets if one.answer == "found"],
        "maybe": [one for one in findings.sets if one.answer != "found"],
        "posts": sum(one.posts for one in findings.made.inputs),
        "records": sum(one.records for one in findings.made.inputs),
        "left_out": sum(count for one in findings.made.inputs for count in one.left_out.values()),
        "fdr": fdr if isinstance(fdr, (int, float)) else None,
        "handles": bool(
            findings.made.settings.get("privacy", {}).get("handles_of_group_members_shown", False)
        ),
    }


def titles(findings: Findings) -> dict[str, str]:
    """What groups and sets are called in headings, by id."""
    groups = {group.id: f"Group {place}" for place, group in enumerate(findings.groups, 1)}
    return groups | {one.id: f"Set {place}" for place, one in enumerate(findings.sets, 1)}


def ties_of(ties: list[Tie], evidence: Evidence) -> list[Tie]:
    """The ties that a block of evidence belongs to."""
    return [tie for tie in ties if {tie.a, tie.b} == {evidence.a, evidence.b}]


def strongest(alone: Alone) -> Tie | None:
    """The tie with the smallest p of an account outside groups."""
    return min(alone.ties, key=lambda tie: (tie.p, tie.trace, tie.tier), default=None)
