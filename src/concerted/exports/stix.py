"""Findings as a STIX 2.1 bundle for threat intelligence platforms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from concerted import words
from concerted.exports import _disarm, _lines, _made, _show
from concerted.findings import Alone, Evidence, Findings, Group

AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"  # fixed by the standard
Object = dict[str, Any]


class Stix:
    """A STIX 2.1 bundle: a report; per group a grouping of its accounts, an observation and a note with the
    acts of every pair, a note with what speaks for and against, and DISARM techniques as candidates.

    Nothing in it is an indicator, a threat actor or a campaign, because acting together is none of them.
    Links that were shared stand in notes and are no objects, so that nobody blocks a newspaper by machine.
    Sets, leads, accounts explained and unresolved are left out and counted in the report. Technique ids are
    those of DISARM 1.6 that MISP's list has, too. Marked TLP:AMBER. Ids are computed from the document;
    `created` is the time of the last act, since no wall time is known.
    """

    name = "stix"
    suffixes = (".stix.json", ".stix")

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """One file."""
        made = _Bundle(findings)
        bundle = {"type": "bundle", "id": f"bundle--{made.ids.of('bundle')}", "objects": made.objects()}
        path.write_bytes(msgspec.json.format(msgspec.json.encode(bundle), indent=1) + b"\n")
        return [path]


class _Bundle:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.ids = _made.Ids(findings)
        self.time = _stamp(_made.latest(findings))
        self.maker = f"identity--{_made.fixed('concerted')}"
        self.caveat = f"marking-definition--{self.ids.of('marking')}"

    def objects(self) -> list[Object]:
        inner = [one for group in self.findings.groups for one in self.group(group)]
        inner += [one for alone in self.findings.alone for one in self.alone(alone)]
        used = sorted({one for group in self.findings.groups for one in _disarm.techniques(group)})
        patterns = [self.pattern(technique) for technique in used]
        return [self.identity(), *self.markings(), *patterns, *inner, self.report([*patterns, *inner])]

    def identity(self) -> Object:
        return {
            **_head("identity", _made.fixed("concerted"), _stamp(_made.NEVER)),
            "name": "concerted",
            "identity_class": "system",
        }

    def markings(self) -> Iterator[Object]:
        made = {"type": "marking-definition", "spec_version": "2.1"}
        yield {
            **made,
            **{"id": AMBER, "created": "2017-01-20T00:00:00.000Z", "definition_type": "tlp"},
            **{"name": "TLP:AMBER", "definition": {"tlp": "amber"}},
        }
        says = f"{_made.who_is_shown(self.findings)} {_made.CAVEAT}"
        yield {
            **made,
            **{"id": self.caveat, "created": self.time, "definition_type": "statement"},
            "definition": {"statement": says},
        }

    def pattern(self, technique: _disarm.Technique) -> Object:
        key = _made.fixed("disarm", _disarm.VERSION, technique.id)
        about = {"source_name": "DISARM", "external_id": technique.id, "url": _disarm.page(technique)}
        return {
            **_head("attack-pattern", key, _stamp(_made.NEVER)),
            "created_by_ref": self.maker,
            "name": technique.name,
            "description": technique.says,
            "external_references": [{**about, "description": f"DISARM {_disarm.VERSION}"}],
        }

    def group(self, group: Group) -> Iterator[Object]:
        number = self.findings.groups.index(group) + 1
        accounts = {member.account: self.account(member.account) for member in group.accounts}
        for member in group.accounts:
            known = {"user_id": member.account_id, "account_login": member.handle}
            named = {name: _lines.plain(value) for name, value in known.items() if value}
            yield {
                **{"type": "user-account", "spec_version": "2.1", "id": accounts[member.account]},
                "object_marking_refs": [AMBER, self.caveat],
                "display_name": member.account,
                **named,
            }
        seen = [one for pair in group.evidence for one in self.pair(group, pair, accounts)]
        yield from seen
        about = self.head("grouping", group.id)
        yield {
            **about,
            "name": f"Group {number}: {words.count(len(group.accounts), 'account')}",
            "description": _lines.plain(" ".join(group.why)),
            "context": "unspecified",
            "object_refs": [*accounts.values(), *(one["id"] for one in seen)],
        }
        yield self.note(
            f"Group {number}: what speaks for and against",
            _lines.said(group, self.findings.verdicts),
            [about["id"]],
            [group.id, "said"],
        )
        for technique in _disarm.techniques(group):
            yield {
                **self.head("relationship", group.id, technique.id),
                "relationship_type": "related-to",
                "description": _disarm.CANDIDATE,
                "source_ref": about["id"],
                "target_ref": f"attack-pattern--{_made.fixed('disarm', _disarm.VERSION, technique.id)}",
            }

    def pair(self, group: Group, pair: Evidence, accounts: dict[str, str]) -> Iterator[Object]:
        counted = [coact for coact in pair.acts if coact.counted]
        times = sorted(act.time for coact in counted for act in (coact.first, coact.second))
        ends = [accounts[one] for one in (pair.a, pair.b) if one in accounts]
        mine = [tie for tie in group.ties if {tie.a, tie.b} == {pair.a, pair.b}]
        if not times or not ends:
            return
        seen = self.head("observed-data", group.id, pair.a, pair.b)
        yield {
            **seen,
            "first_observed": _stamp(times[0]),
            "last_observed": _stamp(times[-1]),
            "number_observed": max((tie.together for tie in mine), default=len(counted)),
            "object_refs": ends,
        }
        acts = [act for coact in pair.acts for act in (coact.first, coact.second)]
        links = {act.link: act.account for act in acts if _show.safe(act.link)}
        yield {
            **self.note(
                f"{pair.a} and {pair.b}: the posts behind the tie",
                [*map(_lines.tie, mine), *_lines.evidence(pair)],
                [seen["id"], *ends],
                [group.id, pair.a, pair.b],
            ),
            **(
                {
                    "external_references": [
                        {"source_name": f"post by {a}", "url": url} for url, a in links.items()
                    ]
                }
                if links
                else {}
            ),
        }

    def alone(self, alone: Alone) -> Iterator[Object]:
        account = self.account(alone.account)
        yield {
            **{"type": "user-account", "spec_version": "2.1", "id": account, "display_name": alone.account},
            "object_marking_refs": [AMBER, self.caveat],
        }
        found = f"Found without a group, in {alone.trace}: q = {words.small(alone.q)}."
        yield self.note(
            f"{alone.account}: found", [found, *alone.against], [account], ["alone", alone.account]
        )

    def report(self, objects: list[Object]) -> Object:
        return {
            **self.head("report", "report"),
            "name": "Accounts that acted together more than chance explains",
            "description": _lines.plain("\n".join(_lines.whole(self.findings))),
            "report_types": ["observed-data"],
            "published": self.time,
            "object_refs": [one["id"] for one in objects] or [self.maker],
        }

    def account(self, account: str) -> str:
        return f"user-account--{self.ids.of('account', account)}"

    def note(self, abstract: str, lines: list[str], refs: list[str], key: list[str]) -> Object:
        return {
            **self.head("note", *key),
            "abstract": _lines.plain(abstract),
            "content": _lines.plain("\n".join(lines)),
            "object_refs": refs,
        }

    def head(self, kind: str, *key: str) -> Object:
        return {
            **_head(kind, self.ids.of(kind, *key), self.time),
            "created_by_ref": self.maker,
            "object_marking_refs": [AMBER, self.caveat],
        }


def _head(kind: str, key: str, time: str) -> Object:
    return {
        **{"type": kind, "spec_version": "2.1", "id": f"{kind}--{key}"},
        **{"created": time, "modified": time},
    }


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
