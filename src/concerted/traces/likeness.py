"""Which perceptual hashes show the same picture: near a leader, so that likeness does not chain.

A leader is the first of its kind; whatever is near enough to it shows the same, and nothing joins by way of
another member. Candidates come from multi-index hashing (Norouzi, Punjani and Fleet 2012), which misses none:
of two hashes that differ in fewer than 32 of 256 bits, one of 16 words differs in one bit at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

BITS, WORDS = 256, 16
WORD = BITS // WORDS
# as published for PDQ, and for videos as lists of PDQ hashes (vPDQ): 31 of 256 bits, four of five pictures
NEAR = 31
SHARE = 0.8

HASH = re.compile(r"[0-9a-f]{64}(?:\.[0-9a-f]{64})*")


class Leaders:
    """Leaders of pictures or of videos, each a list of hashes; near are those within `bits`, at most 31."""

    def __init__(self, bits: int = NEAR) -> None:
        self._bits = bits
        self._frames: list[tuple[int, int]] = []  # hash, leader
        self._index: dict[int, list[int]] = {}  # word and its place -> frames
        self._count = 0

    def join(self, hashes: Sequence[int]) -> int:
        """The number of the leader that these hashes are near to, a new one where there is none.

        Of several the one with most hashes in common, then the nearest, then the first.
        """
        near: dict[int, list[int]] = {}
        for one in hashes:
            closest: dict[int, int] = {}
            for frame in {frame for key in _probes(one) for frame in self._index.get(key, ())}:
                own, leader = self._frames[frame]
                distance = (one ^ own).bit_count()
                if distance <= self._bits:
                    closest[leader] = min(distance, closest.get(leader, BITS))
            for leader, distance in closest.items():
                near.setdefault(leader, []).append(distance)
        enough = [
            (-len(found), sum(found), leader)
            for leader, found in near.items()
            if len(found) >= SHARE * len(hashes)
        ]
        return min(enough)[2] if enough else self._lead(hashes)

    def _lead(self, hashes: Iterable[int]) -> int:
        for one in hashes:
            for key in _words(one):
                self._index.setdefault(key, []).append(len(self._frames))
            self._frames.append((one, self._count))
        self._count += 1
        return self._count - 1


def leaders(hashes: Iterable[str], bits: int = NEAR) -> dict[str, str]:
    """The leader of each hash, given in the order in which they may lead; those of no known form lead only
    themselves. Hashes are 64 hexadecimal digits, several parted by full stops for a video."""
    kinds: dict[bool, tuple[Leaders, list[str]]] = {one: (Leaders(bits), []) for one in (False, True)}
    found: dict[str, str] = {}
    for text in hashes:
        if not HASH.fullmatch(text):
            found[text] = text
            continue
        known, names = kinds["." in text]
        leader = known.join([int(part, 16) for part in text.split(".")])
        if leader == len(names):
            names.append(text)
        found[text] = names[leader]
    return found


def _words(one: int) -> list[int]:
    """The words of a hash, each with its place."""
    mask = (1 << WORD) - 1
    return [place << WORD | (one >> place * WORD) & mask for place in range(WORDS)]


def _probes(one: int) -> Iterable[int]:
    for word in _words(one):
        yield word
        yield from (word ^ 1 << bit for bit in range(WORD))
