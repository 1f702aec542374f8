"""Which acts the report lists, and in which rows, so that a reader sees the evidence and no repetition."""

from __future__ import annotations

import re
from typing import NamedTuple

from concerted import words
from concerted.findings import Act, CoAct, Evidence

OPEN = 8  # rows of the first pair of a group, which stands open
FOLDED = 5  # rows of each further pair
PAIRS = 12  # pairs of a group or set, at most
PAIRS_ALONE = 2  # pairs of an account outside groups
ALL_PAIRS = 240  # pairs of all groups together, and of all sets
PRINTED = 24  # of them, those that are on paper without being opened

THE_SAME = {
    "reshare": "reshared the same post",
    "text": "posted the same or nearly the same text",
    "reply": "answered the same post",
    "quote": "quoted the same post",
    "media": "posted the same image or video",
}


class What(NamedTuple):
    """One thing both touched: in words, and its label where the posts beside it do not show it already."""

    says: str
    label: str | None


class Row(NamedTuple):
    """Two posts, with all that both touched by them. `again`: both posts have the same text. `layers`: the
    traces in which the two posts count, where they are several."""

    what: list[What]
    first: Act
    second: Act
    gap: str
    again: bool
    counted: bool
    layers: list[str]


class Block(NamedTuple):
    """The rows of a pair; `more` further acts are in the case or in the other exports."""

    a: str
    b: str
    rows: list[Row]
    more: int
    total: int


def block(evidence: Evidence, most: int) -> Block:
    """At most so many rows of a pair, those that count first; acts by the same two posts share a row."""
    found: dict[tuple[object, ...], list[CoAct]] = {}
    for act in evidence.acts:
        found.setdefault((*_key(act.first), *_key(act.second)), []).append(act)
    kept = sorted(found.values(), key=lambda acts: not any(act.counted for act in acts))[:most]
    listed = sum(map(len, kept))
    total = len(evidence.acts) + evidence.omitted
    return Block(evidence.a, evidence.b, [_row(acts) for acts in kept], total - listed, total)


def share(whole: int, among: int) -> int:
    """How many pairs each of so many groups may show, so that a report of many groups stays readable."""
    return max(1, min(PAIRS, whole // max(1, among)))


def blocks(some: list[Evidence], pairs: int = PAIRS) -> list[Block]:
    """At most so many pairs: the first at some length, the others shorter."""
    return [block(one, FOLDED if place else OPEN) for place, one in enumerate(some[:pairs])]


def gap(seconds: float) -> str:
    """A distance in time, no finer than people read: "0.4 s", "12 s", "4.1 min"."""
    if 0 < seconds < 0.1:
        return "under 0.1 s"
    return words.span(round(seconds, 1 if seconds < 10 else 0))


def _row(acts: list[CoAct]) -> Row:
    first, second = acts[0].first, acts[0].second
    layers = sorted({trace for act in acts for trace in (act.trace, *act.also)})
    return Row(
        [what(act) for act in acts],
        first,
        second,
        gap(acts[0].gap_s),
        bool(first.text) and first.text == second.text,
        any(act.counted for act in acts),
        layers if len(layers) > 1 else [],
    )


def what(act: CoAct) -> What:
    """What both touched, in words."""
    label = act.label or act.object
    known = THE_SAME.get(act.trace)
    if known and act.label and _bare(act.first.text).startswith(_bare(act.label)[:60]):
        return What(known, None)
    if known and not act.label:
        return What(known, None)
    return What(known or f"{words.did(act.trace)} the same {_noun(act.trace)}", label)


def _noun(trace: str) -> str:
    return words.objects(trace, 1).removeprefix("1 ")


def _bare(text: str | None) -> str:
    plain = re.sub(r"^\W*RT\b", "", text or "")
    return "".join(char for char in plain.casefold() if char.isalnum())


def _key(act: Act) -> tuple[object, ...]:
    return act.account, act.file, act.row, act.time
