"""Findings as an event for MISP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from concerted import words
from concerted.exports import _disarm, _lines, _made, _show
from concerted.findings import Evidence, Findings, Group, Member

# template of MISP -> its id and the version that was checked
TEMPLATES = {
    "report": ("70a68471-df22-4e3f-aa1a-5a3be19f82df", "8"),
    "annotation": ("5d8dc046-15a1-4ca3-a09f-ed4ede7c4487", "3"),
    "user-account": ("49606b06-22f0-4ac8-8eee-2f12ad46f3d3", "6"),
}
Made = dict[str, Any]
Field = tuple[str, str, str, Made]  # relation, type, value, what else is said of it


class Misp:
    """A MISP event: a report; per group an annotation with what speaks for and against, the accounts as
    user-account objects, and an annotation per pair with the acts behind its tie.

    No attribute is for detection (`to_ids`), and pseudonyms are kept out of correlation: G1-01 of one case is
    not G1-01 of another. Shared with the own organisation only until somebody widens it; tagged TLP:AMBER and
    for review before publication. DISARM techniques are tags of the group's annotation, as candidates for a
    person to confirm. Sets, leads, accounts explained and unresolved are left out and counted in the report.
    The date is that of the last act.
    """

    name = "misp"
    suffixes = (".misp.json", ".misp")

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file."""
        event = {"Event": _Event(findings).made()}
        path.write_bytes(msgspec.json.format(msgspec.json.encode(event), indent=1) + b"\n")
        return [path]


class _Event:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.ids = _made.Ids(findings)
        latest = _made.latest(findings)
        self.date = latest.strftime("%Y-%m-%d")
        self.stamp = str(int(latest.timestamp()))

    def made(self) -> Made:
        objects = [self.report()]
        for number, group in enumerate(self.findings.groups, 1):
            objects += self.group(number, group)
        objects += [
            self.account(
                Member(alone.account, alone.account_id, p=alone.p, q=alone.q), "found without a group"
            )
            for alone in self.findings.alone
        ]
        return {
            "uuid": self.ids.of("event"),
            "info": "Accounts that acted together more than chance explains",
            "date": self.date,
            "timestamp": self.stamp,
            "published": False,
            "threat_level_id": "4",
            "analysis": "1",
            "distribution": "0",
            "Tag": [{"name": "tlp:amber"}, {"name": 'workflow:todo="review-before-publication"'}],
            "Attribute": [],
            "Object": objects,
        }

    def report(self) -> Made:
        fields: list[Field] = [
            ("title", "text", "Who acted together: a report by concerted", {}),
            ("summary", "text", "\n".join(_lines.whole(self.findings)), {}),
        ]
        return self.object("report", fields, ["report"])

    def group(self, number: int, group: Group) -> list[Made]:
        accounts = [self.account(member, f"member of group {number}") for member in group.accounts]
        known = dict(zip((member.account for member in group.accounts), accounts, strict=True))
        says = [
            f"Group {number}: {words.count(len(group.accounts), 'account')} acted together.",
            *_lines.said(group, self.findings.verdicts),
        ]
        tags = [{"name": f'misp-galaxy:disarm-techniques="{one.name}"'} for one in _disarm.techniques(group)]
        about = {"comment": f"{_disarm.CANDIDATE} DISARM {_disarm.VERSION}", "Tag": tags} if tags else {}
        whole = self.object(
            "annotation",
            [("text", "text", "\n".join(says), about), ("type", "text", "Annotation", {})],
            [group.id],
            list(known.values()),
        )
        return [whole, *accounts, *(self.pair(group, pair, known) for pair in group.evidence)]

    def pair(self, group: Group, pair: Evidence, accounts: dict[str, Made]) -> Made:
        ties = [_lines.tie(tie) for tie in group.ties if {tie.a, tie.b} == {pair.a, pair.b}]
        says = [f"{pair.a} and {pair.b}: the posts behind the tie", *ties, *_lines.evidence(pair)]
        acts = [act for coact in pair.acts for act in (coact.first, coact.second)]
        links = dict.fromkeys(act.link for act in acts if act.link and _show.safe(act.link))
        return self.object(
            "annotation",
            [("text", "text", "\n".join(says), {}), *(("ref", "link", link, {}) for link in links)],
            [group.id, pair.a, pair.b],
            [accounts[one] for one in (pair.a, pair.b) if one in accounts],
        )

    def account(self, member: Member, role: str) -> Made:
        shown = bool(member.handle)
        name = ("username", "text", member.handle or member.account, {"disable_correlation": not shown})
        says = f"{member.account}, {role}: {words.count(member.ties, 'tie')}, q = {words.small(member.q)}"
        fields = [name, ("description", "text", says, {})]
        if member.account_id:
            fields.append(("user-id", "text", member.account_id, {"disable_correlation": False}))
        return self.object("user-account", fields, ["account", member.account])

    def object(
        self,
        name: str,
        fields: list[Field],
        key: list[str],
        includes: list[Made] | None = None,
    ) -> Made:
        template, version = TEMPLATES[name]
        own = self.ids.of(name, *key)
        return {
            **{"name": name, "meta-category": "misc"},
            **{"template_uuid": template, "template_version": version},
            **{"uuid": own, "timestamp": self.stamp, "distribution": "5"},
            "Attribute": [
                {
                    **{"uuid": self.ids.of(name, *key, place), "object_relation": relation, "type": kind},
                    "category": "External analysis" if kind == "link" else "Other",
                    **{"value": _lines.plain(value), "to_ids": False, "disable_correlation": True},
                    **{"timestamp": self.stamp, "distribution": "5", **more},
                }
                for place, (relation, kind, value, more) in enumerate(fields)
            ],
            "ObjectReference": [
                {
                    "uuid": self.ids.of(name, *key, "to", other["uuid"]),
                    "object_uuid": own,
                    "referenced_uuid": other["uuid"],
                    "relationship_type": "includes",
                }
                for other in includes or []
            ],
        }
