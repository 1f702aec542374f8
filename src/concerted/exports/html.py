"""Findings as a report: one file that opens without a network and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from concerted import words
from concerted.exports import _evidence, _figures, _made, _show
from concerted.exports._templates import environment
from concerted.findings import Findings, Target, Tie, Verdict

TEMPLATES = Path(__file__).parent / "templates"
ARTICLES = 120  # groups that the report describes, and sets; the others are in the tables
LISTED = 100  # rows of a list of accounts outside groups
VERDICTS = {
    "stands": "the evidence stands",
    "explained": "an innocent explanation fits",
    "unsure": "unsure, more is needed",
}


class Html:
    """The report: what was found in words first, then group by group why, what speaks against, pictures and
    the posts side by side, then sets, leads, what was explained, methods, limits, settings and hashes.

    Style and pictures are inside the file. It has no script, asks the network for nothing and forbids both
    by its content security policy. Light and dark follow the reader's system; it prints on paper, a group
    to a page, with what it does not prove on every page. Where it does not list all there is, it says how
    much is left and which export has it.
    """

    name = "html"
    suffixes = (".html", ".htm")

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file in UTF-8."""
        path.write_text(render(findings), encoding="utf-8", newline="\n")
        return [path]


def render(findings: Findings) -> str:
    """The report as text; `findings` are already redacted."""
    groups, sets = findings.groups[:ARTICLES], findings.sets[:ARTICLES]
    return page(
        "report.html.j2",
        findings,
        groups=groups,
        sets=sets,
        networks={group.id: _figures.network(group) for group in groups if len(group.accounts) > 2},
        charts={line.subject: _figures.chart(line) for line in findings.timelines},
        courses={one.object: _figures.passing(one.course) for one in findings.passages},
        steps_of={one.object: words.span(one.course.step_s) for one in findings.passages},
        titles=titles(findings),
        steps={line.subject: words.span(line.step_s) for line in findings.timelines},
        verdicts=verdicts(findings),
        ties_of=ties_of,
        blocks=_evidence.blocks,
        group_pairs=_evidence.share(_evidence.ALL_PAIRS, len(groups)),
        set_pairs=_evidence.share(_evidence.ALL_PAIRS, len(sets)),
        printed=_evidence.share(_evidence.PRINTED, len(groups)),
        alone_pairs=_evidence.PAIRS_ALONE,
        listed=LISTED,
    )


def page(template: str, findings: Findings, **values: Any) -> str:
    """A template of `templates/` with the report's style inside, which alone its policy lets pass.

    `found`, `facts`, `count` and `figures` are there for every template; `values` are its own.
    """
    made = environment(TEMPLATES, linked=_show.linked, options=options, series=series, groups_of=groups_of)
    told = facts(findings)
    css = made.get_template("report.css").render(version=findings.made.version, facts=told)
    # the only style that the policy lets pass is this one, byte by byte
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return made.get_template(template).render(
        found=findings,
        css=Markup(css),
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'",
        facts=told,
        count=words.count,
        figures=_figures,
        **values,
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
        "handles": _made.shown(findings),
    }


def titles(findings: Findings) -> dict[str, str]:
    """What groups and sets are called in headings, by id."""
    groups = {group.id: f"Group {place}" for place, group in enumerate(findings.groups, 1)}
    return groups | {one.id: f"Set {place}" for place, one in enumerate(findings.sets, 1)}


def verdicts(findings: Findings) -> dict[str, tuple[str, Verdict]]:
    """What a reviewer said of groups, in words and as given, by group."""
    return {one.subject: (VERDICTS.get(one.verdict, one.verdict), one) for one in findings.verdicts}


def ties_of(ties: list[Tie], block: _evidence.Block) -> list[Tie]:
    """The ties that a block of evidence belongs to."""
    return [tie for tie in ties if {tie.a, tie.b} == {block.a, block.b}]


def groups_of(target: Target, titles: dict[str, str]) -> list[str]:
    """What the groups and sets are called whose members addressed a target."""
    return list(dict.fromkeys(titles.get(act.group, act.group) for act in target.acts))


def series(parts: Sequence[str]) -> str:
    """Parts as a sentence has them: "a, b and c"."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def options(value: object) -> str:
    """A setting as people read it; of the files read, only what was set for them."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        value = [{name: set_ for name, set_ in one.items() if set_} for one in value]
    return json.dumps(value, ensure_ascii=False)
