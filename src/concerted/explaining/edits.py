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
    whole = first.split() if gap else list(first)
    common = list(range(len(whole)))
    for other in others:
        match = SequenceMatcher(None, [whole[at] for at in common], other.split() if gap else other, False)
        blocks = match.get_matching_blocks()
        common = [common[at] for block in blocks for at in range(block.a, block.a + block.size)]
    if len(common) < LEAST_COMMON:
        return ""
    kept = set(common)
    parts = [word if at in kept else SLOT for at, word in enumerate(whole)]
    told = [part for at, part in enumerate(parts) if part != SLOT or at == 0 or parts[at - 1] != SLOT]
    shown = gap.join(told)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1].rstrip() + "…"


def _most(wordings: set[str]) -> tuple[int, list[str]]:
    return -len(wordings), sorted(wordings)


def _sentence(several: list[set[str]]) -> str:
    most = len(several[0])
    shown = frame(several[0])
    example = f": “{shown}”" if SLOT in shown else ""
    if len(several) == 1:
        return f"One text came from them in {most} wordings, edited copies of one another{example}."
    return (
        f"{words.count(len(several), 'text')} came from them in several wordings each, edited copies of one "
        f"another; one in {most}{example}."
    )
