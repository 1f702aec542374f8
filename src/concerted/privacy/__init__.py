"""What a person may see: the only place that decides.

Accounts get numbered names in the order in which the findings mention them: G1-01 a member of a group,
S1-01 of a set only, A01 found alone, E01 explained, U01 unresolved, L01 in a lead, T01 anybody else, first
those whom many addressed at once.
They are no hashes of ids: a hash without a secret can be undone by hashing every known id, and a secret
would give other bytes on every run. Texts stay as posted but for the accounts they name, so a text can
still be found again by searching for it: pseudonyms keep honest people from being read as accused, they do
not hide a public post.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from concerted.findings import (
    Act,
    Alone,
    CoAct,
    Evidence,
    Findings,
    Group,
    Made,
    Member,
    Passage,
    Set,
    Target,
    Tie,
)
from concerted.privacy.masking import Mask
from concerted.privacy.numbering import accounts, name_all

__all__ = ["CONTENT", "accounts", "name_all", "redact"]

# traces whose objects are public content; those of all others may be posts or accounts and get numbers
CONTENT = ("link", "domain", "hashtag", "sequence", "synchrony", "deletion")
NAMELESS = re.compile(r"(?:posts?(?: of)?|conversation|image|photo|video|media)?[\s…\[\]]*")


def redact(findings: Findings, handles: bool = False) -> Findings:
    """A copy that may be shown: pseudonyms for accounts, no ids and no addresses of posts.

    With `handles`, members of groups keep handle, account id and the links to their posts; members of sets,
    accounts explained, unresolved or alone, and those acted upon never do. `made.settings` records which it
    was. What is already redacted comes back unchanged, but handles that it shows go unless they are asked for
    again.
    """
    if "privacy" in findings.made.settings and not findings.pseudonyms:
        shown = findings.made.settings["privacy"].get("handles_of_group_members_shown", False)
        if handles or not shown:
            return findings
    return _Redaction(findings, handles).done()


class _Redaction:
    def __init__(self, findings: Findings, handles: bool) -> None:
        self.findings = findings
        found = {member.account for group in findings.groups for member in group.accounts}
        known = findings.pseudonyms or name_all(findings, _handles(findings))
        # who was addressed is named in no copy, not even as a member of another group
        self.open = found - {target.account for target in findings.targets} if handles else set()
        self.handles = handles
        self.mask = Mask(known, self.open, _ids(findings), _posts(findings))
        self.numbers: dict[tuple[str, str], str] = {}

    def done(self) -> Findings:
        old = self.findings
        return msgspec.structs.replace(
            old,
            groups=[self.group(group) for group in old.groups],
            sets=[self.set(one) for one in old.sets],
            alone=[self.alone(one) for one in old.alone],
            explained=[self.alone(one) for one in old.explained],
            unresolved=[self.alone(one) for one in old.unresolved],
            leads=[
                msgspec.structs.replace(
                    lead,
                    accounts=[self.mask.account(a) for a in lead.accounts],
                    says=self.mask.sentence(lead.says),
                )
                for lead in old.leads
            ],
            targets=[self.target(target) for target in old.targets],
            passages=[self.passage(passage) for passage in old.passages],
            limits=self.said(old.limits),
            smallest=None if old.smallest is None else self.mask.sentence(old.smallest),
            notes=[self.note(note) for note in old.notes],
            made=self.made(old.made),
            verdicts=[msgspec.structs.replace(v, remark=self.mask.text(v.remark)) for v in old.verdicts],
            pseudonyms={},
        )

    def said(self, sentences: list[str]) -> list[str]:
        return [self.mask.sentence(sentence) for sentence in sentences]

    def note(self, note: Any) -> Any:
        reference = None if note.reference is None else self.mask.sentence(note.reference)
        return msgspec.structs.replace(note, says=self.mask.sentence(note.says), reference=reference)

    def group(self, group: Group) -> Group:
        return msgspec.structs.replace(
            group,
            accounts=[self.member(member) for member in group.accounts],
            q_reason=None if group.q_reason is None else self.mask.sentence(group.q_reason),
            why=self.said(group.why),
            against=self.said(group.against),
            ties=[self.tie(tie) for tie in group.ties],
            evidence=[self.evidence(pair) for pair in group.evidence],
            notes=[self.note(note) for note in group.notes],
            layout=[msgspec.structs.replace(p, account=self.mask.account(p.account)) for p in group.layout],
            rhythms=[msgspec.structs.replace(r, account=self.mask.account(r.account)) for r in group.rhythms],
        )

    def set(self, one: Set) -> Set:
        return msgspec.structs.replace(
            one,
            accounts=[self.member(member) for member in one.accounts],
            basis=self.mask.sentence(one.basis),
            why=self.said(one.why),
            against=self.said(one.against),
            evidence=[self.evidence(pair) for pair in one.evidence],
            notes=[self.note(note) for note in one.notes],
        )

    def alone(self, one: Alone) -> Alone:
        return msgspec.structs.replace(
            one,
            account=self.mask.account(one.account),
            account_id="",
            because=None if one.because is None else self.mask.sentence(one.because),
            ties=[self.tie(tie) for tie in one.ties],
            evidence=[self.evidence(pair) for pair in one.evidence],
            against=self.said(one.against),
        )

    def member(self, member: Member) -> Member:
        shown = member.account in self.open
        return msgspec.structs.replace(
            member,
            account=self.mask.account(member.account),
            account_id=self.mask.clean(member.account_id) if shown else "",
            handle=self.mask.clean(member.handle) if shown and member.handle else None,
        )

    def tie(self, tie: Tie) -> Tie:
        leader = None if tie.leader is None else self.mask.account(tie.leader)
        return msgspec.structs.replace(
            tie, a=self.mask.account(tie.a), b=self.mask.account(tie.b), leader=leader
        )

    def evidence(self, pair: Evidence) -> Evidence:
        return msgspec.structs.replace(
            pair,
            a=self.mask.account(pair.a),
            b=self.mask.account(pair.b),
            acts=[self.coact(act) for act in pair.acts],
        )

    def target(self, target: Target) -> Target:
        acts = [msgspec.structs.replace(one, act=self.act(one.act)) for one in target.acts]
        notes = [self.note(note) for note in target.notes]
        return msgspec.structs.replace(
            target, account=self.mask.account(target.account), acts=acts, notes=notes
        )

    def passage(self, one: Passage) -> Passage:
        key, label = self.object(one.trace, one.object, one.label)
        return msgspec.structs.replace(
            one,
            object=key,
            label=label,
            notes=[self.note(note) for note in one.notes],
            seen=[msgspec.structs.replace(seen, act=self.act(seen.act)) for seen in one.seen],
            course=msgspec.structs.replace(one.course, subject=key),
        )

    def object(self, trace: str, key: str, label: str | None) -> tuple[str, str | None]:
        """Key and label of what was touched: public content as it is, posts and accounts as numbers."""
        if trace in CONTENT:
            return self.mask.text(key), label and self.mask.text(label)
        key = self.numbers.setdefault((trace, key), f"{trace} {len(self.numbers) + 1}")
        label = self.mask.label(label or "")
        # a label that was an id only says nothing any more; the number does
        return key, None if NAMELESS.fullmatch(label) else label

    def coact(self, act: CoAct) -> CoAct:
        key, label = self.object(act.trace, act.object, act.label)
        return msgspec.structs.replace(
            act, object=key, label=label, first=self.act(act.first), second=self.act(act.second)
        )

    def act(self, act: Act) -> Act:
        shown = act.account in self.open
        file = self.mask.name(act.file)
        return msgspec.structs.replace(
            act,
            account=self.mask.account(act.account),
            post=self.mask.clean(act.post) if shown else f"{file}:{act.row}",
            link=self.mask.clean(act.link) if shown and act.link else None,
            text=None if act.text is None else self.mask.text(act.text),
            file=file,
        )

    def made(self, made: Made) -> Made:
        inputs = [
            msgspec.structs.replace(
                one,
                file=self.mask.name(one.file),
                clock=self.mask.sentence(one.clock),
                left_out={self.mask.sentence(reason): count for reason, count in one.left_out.items()},
                capability=self.said(one.capability),
            )
            for one in made.inputs
        ]
        return msgspec.structs.replace(
            made,
            settings={
                **self.plain(made.settings),
                "privacy": {"handles_of_group_members_shown": self.handles},
            },
            inputs=inputs,
            counts={stage: self.said(said) for stage, said in made.counts.items()},
        )

    def plain(self, value: Any) -> Any:
        """Settings may hold lists of accounts and the analyst's own folders."""
        if isinstance(value, Mapping):
            return {
                self.plain(key): [self.mask.account(str(name)) for name in one]
                if key == "accounts" and isinstance(one, list)
                else self.plain(one)
                for key, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.plain(one) for one in value]
        return self.mask.name(value) if isinstance(value, str) else value


def _handles(findings: Findings) -> dict[str, str]:
    members = (m for some in (findings.groups, findings.sets) for one in some for m in one.accounts)
    return {member.account: member.handle for member in members if member.handle}


def _ids(findings: Findings) -> dict[str, str]:
    """account_id -> account."""
    found: dict[str, str] = {}
    for block in _blocks(findings):
        for one in [block] if isinstance(block, Alone) else block.accounts:
            if one.account_id:
                found[one.account_id] = one.account
    return found


def _posts(findings: Findings) -> set[str]:
    """Ids of posts: of acts, and of the objects of traces whose objects are posts."""
    found = set()
    for coact in (act for block in _blocks(findings) for pair in block.evidence for act in pair.acts):
        found |= {coact.first.post, coact.second.post}
        if coact.trace not in CONTENT:
            bare = coact.object.partition(":")[2]
            found |= {coact.object, bare, bare.removeprefix("thread:")}
    found |= {sent.act.post for target in findings.targets for sent in target.acts}
    return found | {seen.act.post for passage in findings.passages for seen in passage.seen}


def _blocks(findings: Findings) -> list[Group | Set | Alone]:
    alone = [*findings.alone, *findings.explained, *findings.unresolved]
    return [*findings.groups, *findings.sets, *alone]
