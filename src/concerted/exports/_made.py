"""What every output says of itself, and ids and times that the same findings give again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid5

from concerted.findings import Act, Alone, Findings, Group, Set

# made once by uuid4: a name in it is nobody else's
SPACE = UUID("6e2f5c0e-43a1-4c55-9d5a-0f1c6c8a7b21")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

CAVEAT = (
    "Accounts named here acted together more than chance explains. That proves neither inauthenticity nor "
    "automation nor who is behind an account: friends, fans, staff, activists and automatic feeds act "
    "together, too. Read the posts and what speaks against before you name anybody."
)


class Ids:
    """Ids of the things in one document. They differ between documents, because G1-01 of one case is not
    G1-01 of another and a program that collects both must not take them for one account."""

    def __init__(self, findings: Findings) -> None:
        self._space = uuid5(SPACE, hashlib.sha256(findings.to_json()).hexdigest())

    def of(self, *names: object) -> str:
        """The id of what these names name."""
        return str(uuid5(self._space, "\x1f".join(map(str, names))))


def fixed(*names: object) -> str:
    """The id of something that is the same in every document, such as a technique."""
    return str(uuid5(SPACE, "\x1f".join(map(str, names))))


def shown(findings: Findings) -> bool:
    """Whether handles of members of groups are shown."""
    privacy = findings.made.settings.get("privacy", {})
    return bool(privacy.get("handles_of_group_members_shown", False))


def who_is_shown(findings: Findings) -> str:
    """The same as a sentence."""
    if shown(findings):
        return "Handles of members of found groups are shown; all other accounts have pseudonyms."
    return "All accounts have pseudonyms."


def latest(findings: Findings) -> datetime:
    """The time of the last act shown, which stands where a format demands a date: no wall time is known."""
    ends = [group.last for group in findings.groups if group.last is not None]
    return max([*ends, *(act.time for act in _acts(findings))], default=NEVER)


def _acts(findings: Findings) -> Iterator[Act]:
    outside = [*findings.alone, *findings.explained, *findings.unresolved]
    blocks: list[Group | Set | Alone] = [*findings.groups, *findings.sets, *outside]
    for block in blocks:
        for pair in block.evidence:
            for coact in pair.acts:
                yield from (coact.first, coact.second)
