"""Findings as a report: one file that opens without a network and runs nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from concerted import words
from concerted.exports import _evidence, _figures, _show
from concerted.findings import Findings, Tie

TEMPLATES = Path(__file__).parent / "templates"


class Html:
    """The report: what was found in words first, then pictures, what speaks against, and the posts.

    Style and pictures are inside the file. It has no script, asks the network for nothing and forbids both
    by its content security policy. Light and dark follow the reader's system; it prints on paper.
    """

    name = "html"
    suffixes = (".html", ".htm")

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file in UTF-8."""
        path.write_text(render(findings), encoding="utf-8", newline="\n")
        return [path]


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
        options=options,
    )
    lines = {line.subject: _figures.chart(line) for line in findings.timelines}
    return environment.get_template("report.html.j2").render(
        found=findings,
        facts=facts(findings),
        count=words.count,
        networks={group.id: _figures.network(group) for group in findings.groups if len(group.accounts) > 2},
        charts=lines,
        titles=titles(findings),
        steps={line.subject: words.span(line.step_s) for line in findings.timelines},
        ties_of=ties_of,
        blocks=_evidence.blocks,
        figures=_figures,
    )


def facts(findings: Findings) -> dict[str, Any]:
    """The numbers of the summary."""
    grouped = [member.account for group in findings.groups for member in group.accounts]
    weigh = findings.made.settings.get("weigh")
    fdr = findings.made.settings.get("fdr", weigh.get("fdr") if isinstance(weigh, dict) else None)
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


def ties_of(ties: list[Tie], block: _evidence.Block) -> list[Tie]:
    """The ties that a block of evidence belongs to."""
    return [tie for tie in ties if {tie.a, tie.b} == {block.a, block.b}]


def options(value: object) -> str:
    """A setting as people read it; of the files read, only what was set for them."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        value = [{name: set_ for name, set_ in one.items() if set_} for one in value]
    return json.dumps(value, ensure_ascii=False)
