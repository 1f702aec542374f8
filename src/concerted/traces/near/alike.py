"""The exact check: how alike two texts are, and whether that makes them the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from concerted.traces.near.candidates import blocks
from concerted.traces.near.shingles import Hashes, Ints, Shingles, distinct, shingles

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SHORTEST = 12  # texts with fewer pieces are alike only where they are identical
# pieces of the shorter text, at least -> plain likeness that suffices
PLAIN = ((80, 0.60), (40, 0.65), (SHORTEST, 0.75))
WEIGHTED = 0.5  # weighted likeness that suffices
SHORT, SHARED = 40, 60.0  # a text under 40 pieces must then share pieces of 60 bits together
WITHOUT_TAGS = 0.5  # likeness that must remain without hashtags

_AT_ONCE = 1 << 18  # pieces compared at once, to fit a processor's cache
_TEXTS = 1 << 14  # texts counted at once
_COUNTED = 200_000  # texts whose pieces are counted for the weights
_CELLS = 1 << 22  # counters of the weights, at most
_HASH_BITS = 44
_PAIRS = 1 << 19  # pairs compared at once: what is left of 64 bits beside hash and side


class Likeness(NamedTuple):
    """Per pair: plain and weighted Jaccard likeness (0 to 1), bits of the pieces shared, and the length of
    the shorter text in pieces."""

    plain: Floats
    weighted: Floats
    shared: Floats
    shorter: Ints

    def same(self) -> Flags:
        """Whether the two are the same text, hashtags not yet considered. Texts under `SHORTEST` pieces are
        only where they are identical."""
        sizes, needed = zip(*sorted(PLAIN), strict=True)
        limit = np.array((np.inf, *needed))[np.searchsorted(sizes, self.shorter, side="right")]
        enough = (self.shorter >= SHORT) | (self.shared >= SHARED)
        weighted = (self.shorter >= SHORTEST) & (self.weighted >= WEIGHTED) & enough
        same: Flags = (self.plain >= limit) | weighted | (self.plain == 1)
        return same


class Weights:
    """Rare pieces weigh more: log2((texts + 1) / texts that hold the piece), in bits.

    Counted in cells addressed by hash, over every n-th text where there are more than 200,000: two pieces
    in one cell weigh as one that both texts' holders have, a little less than they should.
    """

    def __init__(self, texts: pa.Array) -> None:
        some = texts.take(np.arange(0, len(texts), max(1, -(-len(texts) // _COUNTED))))
        cells = 1 << 10
        while cells < min(_CELLS, 100 * len(some)):
            cells *= 2
        self._shift = np.uint64(_HASH_BITS - (cells.bit_length() - 1))
        counts = np.zeros(cells, np.int64)
        for low in range(0, len(some), _TEXTS):
            held = _once(shingles(some.slice(low, _TEXTS)))
            np.add.at(counts, (held >> self._shift).astype(np.int64), 1)
        self._bits = np.log2((len(some) + 1) / np.maximum(counts, 1)).clip(0).astype(np.float32)

    def of(self, pieces: Hashes) -> npt.NDArray[np.float32]:
        """Bits of pieces, given as hashes of `_HASH_BITS` bits."""
        return self._bits[(pieces >> self._shift).astype(np.int64)]


def _once(pieces: Shingles) -> Hashes:
    """Short hashes of the pieces of each text, each once per text."""
    owner = np.repeat(np.arange(len(pieces.start) - 1, dtype=np.uint64), pieces.sizes)
    short = pieces.hashes >> np.uint64(64 - _HASH_BITS)
    packed = distinct(owner << np.uint64(_HASH_BITS) | short)
    held: Hashes = packed & np.uint64(2**_HASH_BITS - 1)
    return held


def likeness(texts: pa.Array, first: Ints, second: Ints, weights: Weights) -> Likeness:
    """How alike texts[first[i]] and texts[second[i]] are; the same numbers whichever comes first."""
    lengths = np.asarray(pc.binary_length(texts), dtype=np.int64)
    work = np.concatenate(([0], np.cumsum(lengths[first] + lengths[second] + 1)))
    parts = [
        _compared(
            texts,
            first[start : min(high, start + _PAIRS)],
            second[start : min(high, start + _PAIRS)],
            weights,
        )
        for low, high in blocks(work, _AT_ONCE)
        for start in range(low, high, _PAIRS)
    ]
    return Likeness(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _compared(texts: pa.Array, first: Ints, second: Ints, weights: Weights) -> Likeness:
    used, places = np.unique(np.concatenate((first, second)), return_inverse=True)
    pieces = shingles(texts.take(used))
    sides = places[: len(first)], places[len(first) :]
    packed = distinct(np.concatenate([_packed(pieces, side, number) for number, side in enumerate(sides)]))
    whole = packed >> np.uint64(1)
    again = np.zeros(len(whole), np.bool_)  # the second of two equal ones: the piece is in both texts
    again[1:] = whole[1:] == whole[:-1]
    pair = (whole >> np.uint64(_HASH_BITS)).astype(np.int64)
    bits = weights.of(whole & np.uint64(2**_HASH_BITS - 1)).astype(np.float64)
    count = len(first)
    both, both_bits = _counted(pair[again], bits[again], count)
    either, all_bits = _counted(pair[~again], bits[~again], count)
    shorter: Ints = np.minimum(pieces.lengths[sides[0]], pieces.lengths[sides[1]])
    weighted = np.divide(both_bits, all_bits, out=np.zeros(count), where=all_bits > 0)
    return Likeness(both / either, weighted, both_bits, shorter)


def _counted(pair: Ints, bits: Floats, pairs: int) -> tuple[Floats, Floats]:
    """Pieces of each pair, and their bits."""
    return (
        np.bincount(pair, minlength=pairs).astype(np.float64),
        np.bincount(pair, bits, pairs).astype(np.float64),
    )


def _packed(pieces: Shingles, side: Ints, number: int) -> Hashes:
    """Pieces of one text of each pair as pair << 45 | hash << 1 | side."""
    sizes = pieces.sizes[side]
    first = np.cumsum(sizes) - sizes
    at = np.arange(sizes.sum()) + np.repeat(pieces.start[side] - first, sizes)
    pair = np.repeat(np.arange(len(side), dtype=np.uint64), sizes)
    short = pieces.hashes[at] >> np.uint64(64 - _HASH_BITS)
    packed: Hashes = pair << np.uint64(_HASH_BITS + 1) | short << np.uint64(1) | np.uint64(number)
    return packed
