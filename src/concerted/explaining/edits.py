"""Edited copies: texts that the accounts of a group posted in several wordings, and what stays the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

from concerted import words
from concerted.explaining.context import Context
from concerted.traces.skeleton import skeleton

COPIES = """
select distinct e.cluster, e.trace, e.object, e.text
from evidence e join objects o on o.trace = e.trace and o.object = e.object
where o.wordings > 1 and e.success and e.cluster <> '' and e.text is not null
"""
SLOT = "[…]"
LEAST_COMMON = 3  # words that a shown frame has outside its slots
LONGEST = 160  # characters of a shown frame


def sentences(context: Context) -> dict[str, list[str]]:
    """Per group or set with texts in several wordings: how many, and the one with most as a frame with
    slots. It describes and claims nothing: whether sharing texts means anything is the test's to say."""
    found: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in context.ask(COPIES):
        found[row["cluster"]][row["trace"], row["object"]].add(skeleton(row["text"]))
    said = {}
    for cluster, texts in found.items():
        several = sorted((wordings for wordings in texts.values() if len(wordings) > 1), key=_most)
        if several:
            said[cluster] = [_sentence(several)]
    return said


def frame(wordings: Iterable[str]) -> str:
    """What all wordings have in common, with a slot where they differ; "" where too little is common.

    Compared word by word, in texts without spaces character by character.
    """
    first, *others = sorted(wordings, key=lambda text: (len(text), text))
    gap = " " if " " in first else ""
    common = _pieces(first, gap)
    for other in others:
        match = SequenceMatcher(None, common, _pieces(other, gap), False)
        blocks = match.get_matching_blocks()
        common = [common[at] for block in blocks for at in range(block.a, block.a + block.size)]
    if len(common) < LEAST_COMMON:
        return ""
    slots = set().union(*(_gaps(common, _pieces(text, gap)) for text in (first, *others)))
    told = [SLOT] if 0 in slots else []
    for at, word in enumerate(common, 1):
        told += [word, SLOT] if at in slots else [word]
    shown = gap.join(told)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1].rstrip() + "…"


def _pieces(text: str, gap: str) -> list[str]:
    return text.split(gap) if gap else list(text)


def _gaps(common: list[str], words: list[str]) -> set[int]:
    """Before which of the common words a wording has others; their number stands for the end."""
    found, at = set(), 0
    for number, word in enumerate(common):
        place = words.index(word, at)
        if place > at:
            found.add(number)
        at = place + 1
    return found | {len(common)} if at < len(words) else found


def _most(wordings: set[str]) -> tuple[int, list[str]]:
    return -len(wordings), sorted(wordings)


def _sentence(several: list[set[str]]) -> str:
    most = len(several[0])
    shown = frame(several[0])
    copies = f"edited copies of one another{f', such as “{shown}”' if shown else ''}."
    if len(several) == 1:
        return f"One text came from them in {most} wordings, {copies}"
    each = "two wordings" if most == 2 else f"2 to {most} wordings"
    return f"{words.count(len(several), 'text')} came from them in {each} each, {copies}"
