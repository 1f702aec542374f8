"""The one document that everything shown to people comes from: frozen, versioned, JSON both ways.

No wall time is in it: the same input, settings and version give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from concerted.errors import InputError, UnknownName

VERSION = 1


class Input(msgspec.Struct, frozen=True):
    """One file that was read: records = posts + accounts + the sum of `left_out`.

    `no_event` holds per trace, by reason, how many of the posts (or of the links, tags or names in them) made
    no event there. They were read and stay in the case, so they are no part of `left_out`.
    """

    file: str
    sha256: str
    source: str
    clock: str
    records: int
    posts: int
    accounts: int
    left_out: dict[str, int]
    capability: list[str]
    no_event: dict[str, dict[str, int]] = {}


class Made(msgspec.Struct, frozen=True):
    """How the findings were made. `counts` holds what stages counted, in words, by stage."""

    version: str
    settings: dict[str, Any]
    seed: int
    inputs: list[Input]
    rows: dict[str, int]
    counts: dict[str, list[str]]


class Member(msgspec.Struct, frozen=True):
    """An account of a group or set. p and q are null for members of sets, who are not found one by one;
    `member_p` is the p of a member's own part in its set, 1 where it has too few days to say."""

    account: str
    account_id: str
    handle: str | None = None
    p: float | None = None
    q: float | None = None
    ties: int = 0
    stability: float | None = None
    share: float | None = None
    member_p: float | None = None


class Tie(msgspec.Struct, frozen=True):
    """Two accounts, in one trace at one window: `together` episodes against `expected` by chance."""

    a: str
    b: str
    trace: str
    tier: str
    window_s: int
    both: int
    together: int
    expected: float
    p: float
    q: float
    leader: str | None = None


class Act(msgspec.Struct, frozen=True):
    """One account's act behind a co-action."""

    account: str
    time: datetime
    post: str
    text: str | None
    link: str | None
    file: str
    row: int | None


class CoAct(msgspec.Struct, frozen=True):
    """Two accounts touched one object `gap_s` seconds apart; `same_post` marks acts already shown in
    another trace, `counted` those within the window that the tie is shown for. `also` names the other traces
    in which the same two posts count: one act, not several."""

    trace: str
    object: str
    label: str | None
    gap_s: float
    first: Act
    second: Act
    same_post: bool = False
    counted: bool = True
    also: list[str] = []


class Evidence(msgspec.Struct, frozen=True):
    """The acts behind one tie. `omitted` counts further co-acts kept in the case but not listed here."""

    a: str
    b: str
    acts: list[CoAct]
    omitted: int = 0


class Note(msgspec.Struct, frozen=True):
    """One observation in one sentence; `leans` is for, against or none."""

    signal: str
    says: str
    leans: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    reference: str | None = None


class Point(msgspec.Struct, frozen=True):
    """Position of a member in the picture, both in 0..1."""

    account: str
    x: float
    y: float


class Timeline(msgspec.Struct, frozen=True):
    """Acts of a group by time: `counts[i]` acts in [start + i step_s, start + (i + 1) step_s)."""

    subject: str
    start: datetime
    step_s: int
    counts: list[int]
    together: list[int]


class Line(msgspec.Struct, frozen=True):
    """Two members that are tied, for the picture: `a` and `b` are places in the group's `accounts`.

    `together` is the most episodes in any trace. `when` has bit i set, in hexadecimal, where they acted
    together in step i of the group's timeline.
    """

    a: int
    b: int
    together: int
    traces: list[str]
    when: str


class Rhythm(msgspec.Struct, frozen=True):
    """How a member's posts spread over the day: 24 counts, hour by hour from the busiest hour of the whole
    group on. Which hour of the clock that is is not said."""

    account: str
    counts: list[int]


class Verdict(msgspec.Struct, frozen=True):
    """What a reviewer said of a group: stands, explained or unsure, and a remark. `joined` accounts came to
    the group since then, `left` are no longer in it."""

    subject: str
    verdict: str
    remark: str
    joined: int = 0
    left: int = 0


class Lasting(msgspec.Struct, frozen=True):
    """The name that a group keeps in its case, whatever files are added; ids follow size and may change.

    `joined` and `left` count accounts since the groups of the case last changed; `absorbed` are names of
    groups that it took in, `parted` is that of the one from which it split.
    """

    name: str
    joined: int = 0
    left: int = 0
    absorbed: list[str] = []
    parted: str | None = None
    says: str = ""


class Group(msgspec.Struct, frozen=True):
    """Found accounts that hang together. q is null where the data do not allow one; `q_reason` says why.
    `lines` holds every tied pair for the picture, `rhythms` the members with most ties."""

    id: str
    accounts: list[Member]
    p: float | None
    q: float | None
    q_reason: str | None
    traces: list[str]
    first: datetime | None
    last: datetime | None
    why: list[str]
    against: list[str]
    ties: list[Tie]
    evidence: list[Evidence]
    notes: list[Note]
    layout: list[Point]
    lines: list[Line] = []
    rhythms: list[Rhythm] = []
    lasting: Lasting | None = None


# what the table of sets and a set here name alike
SET_FIGURES = (
    *("kind", "trace", "window_s", "answer", "p", "q"),
    *("ratio", "low", "high", "days", "named", "older"),
)


class Set(msgspec.Struct, frozen=True):
    """Accounts named by other evidence whose acts, pooled, come together more often than their own
    promptness explains. Members are not found one by one. `answer` is found or unresolved.

    `named` accounts were named and tested as a whole; listed are those whose own acts come together more
    often than chance gives. `older`: tested on what was made before the day before, thing by thing.
    """

    id: str
    kind: str
    basis: str
    trace: str
    window_s: int
    answer: str
    accounts: list[Member]
    p: float
    q: float
    ratio: float
    low: float
    high: float
    days: int
    why: list[str]
    against: list[str]
    evidence: list[Evidence]
    notes: list[Note] = []
    named: int = 0
    older: bool = False


class Alone(msgspec.Struct, frozen=True):
    """An account outside groups: found without a tie, explained or unresolved. `because` gives the reason."""

    account: str
    account_id: str
    p: float
    q: float | None
    trace: str
    because: str | None
    ties: list[Tie]
    evidence: list[Evidence]
    against: list[str]


class Lead(msgspec.Struct, frozen=True):
    """Accounts whose sharing looks alike. Not a finding: no error rate belongs to it."""

    accounts: list[str]
    traces: list[str]
    score: float
    says: str


class Addressing(msgspec.Struct, frozen=True):
    """A post by which a member addressed a target.

    `group` is the group or set of the member, `kind` that of the post: an original names the target. `first`
    marks the first one of its account; posts with the same number in `copy` have one text, 0 is none's.
    """

    act: Act
    group: str
    kind: str
    first: bool
    copy: int = 0


class Target(msgspec.Struct, frozen=True):
    """An account that many members began to address at once. It is named nowhere, whatever else is shown.

    `accounts` members sent `posts` posts to it; `omitted` of these are in the case and not listed.
    """

    account: str
    accounts: int
    posts: int
    notes: list[Note]
    acts: list[Addressing]
    omitted: int = 0


class Seen(msgspec.Struct, frozen=True):
    """Who had a thing first: `by` is anybody, members or the list; the clock has steps of `resolution_s`."""

    by: str
    act: Act
    resolution_s: float


class Passage(msgspec.Struct, frozen=True):
    """How a thing that many members of `groups` posted went through the files.

    `course` counts the accounts that came to it in each step of time, its `together` the members among them,
    `listed` those of a list that the user gave.
    """

    trace: str
    object: str
    label: str | None
    groups: list[str]
    accounts: int
    members: int
    notes: list[Note]
    seen: list[Seen]
    course: Timeline
    listed: list[int]


class _Form(msgspec.Struct, frozen=True):
    """What is read of a document before anything else."""

    format: int = VERSION


class Findings(msgspec.Struct, frozen=True):
    """Everything that is shown to people. `smallest` says what size of group would have been found."""

    made: Made
    limits: list[str]
    groups: list[Group]
    alone: list[Alone]
    sets: list[Set]
    leads: list[Lead]
    explained: list[Alone]
    unresolved: list[Alone]
    notes: list[Note]
    timelines: list[Timeline]
    pseudonyms: dict[str, str]
    smallest: str | None = None
    verdicts: list[Verdict] = []
    targets: list[Target] = []
    passages: list[Passage] = []
    format: int = VERSION

    def to_json(self) -> bytes:
        """The document as JSON, the same bytes for the same document."""
        return msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=1)

    def accounts(self) -> list[str]:
        """All accounts shown as such, in order of appearance, each once."""
        from concerted import privacy

        return privacy.accounts(self)

    def named(self, handles: Mapping[str, str]) -> Findings:
        """The document with its `pseudonyms`, which cover the handles given by account, too."""
        from concerted import privacy

        return msgspec.structs.replace(self, pseudonyms=privacy.name_all(self, handles))

    def export(self, path: str | Path, handles: bool = False) -> list[Path]:
        """Writes what a reader may see, in the format that the file's ending asks for; gives the files.

        The first is the one named; a format of several tables writes others beside it.

        With `handles`, members of groups keep their handles and the links to their posts.
        Raises UnknownName with the endings there are.
        """
        from concerted import privacy, registry

        path = Path(path)
        endings = {ending: one for one in registry.everything("exports").values() for ending in one.suffixes}
        fitting = [ending for ending in endings if path.name.lower().endswith(ending)]
        if not fitting:
            raise UnknownName("export", "".join(path.suffixes) or path.name, endings)
        written: list[Path] = endings[max(fitting, key=len)]().write(privacy.redact(self, handles), path)
        return written

    @classmethod
    def from_json(cls, data: bytes | Path) -> Findings:
        """The document from JSON or a file that holds it.

        Raises InputError where it is none, or of a newer format.
        """
        where = f"{data}: " if isinstance(data, Path) else ""
        raw = data.read_bytes() if isinstance(data, Path) else data
        try:
            # a newer format may have another shape, so its number is read first
            form = msgspec.json.decode(raw, type=_Form).format
            if form > VERSION:
                raise InputError(
                    f"{where}findings of format {form}, this version reads up to {VERSION}: update concerted"
                )
            return msgspec.json.decode(raw, type=cls)
        except msgspec.ValidationError as error:
            raise InputError(
                f"{where}not a findings document ({error}): pass the findings.json of a case"
            ) from None
        except msgspec.DecodeError as error:
            raise InputError(f"{where}not JSON ({error}): pass the findings.json of a case") from None
