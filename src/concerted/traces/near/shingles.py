"""Texts as sets of short pieces, hashed, all at once and for every script."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

LONGEST = 4000  # characters of a text that are compared
_SIDE = 6  # room around each text for what pads it

# Han, kana and Hangul, where one character says about what a syllable or a word says elsewhere
_DENSE = (
    (0x1100, 0x11FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3040, 0x318F),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    np.uint64,
)


_Values = TypeVar("_Values", Hashes, Ints)


class Shingles(NamedTuple):
    """`hashes[start[i] : start[i + 1]]` are the pieces of text i, as many as it has places for them: a piece
    that is repeated is repeated here. `dense` tells texts of Han, kana or Hangul. Shapes (pieces,),
    (texts + 1,) and (texts,)."""

    hashes: Hashes
    start: Ints
    dense: npt.NDArray[np.bool_]

    @property
    def sizes(self) -> Ints:
        """Pieces of each text, at least one; about its number of characters. Shape (texts,)."""
        return np.diff(self.start)

    @property
    def lengths(self) -> Ints:
        """How long texts are for the rules: a piece of Han, kana or Hangul counts as two. Shape (texts,)."""
        lengths: Ints = self.sizes * (1 + self.dense)
        return lengths


def shingles(texts: pa.Array) -> Shingles:
    """Pieces of five characters of texts with a space on both sides; of three characters, without spaces,
    where more than half of a text is Han, kana or Hangul. A text shorter than one piece is one piece.

    Scripts that part no words, such as Thai, keep the spaces they have. `texts` holds no nulls; of each the
    first `LONGEST` characters count.
    """
    texts = pc.utf8_slice_codeunits(texts, 0, LONGEST)
    codes, start = code_points(texts)
    dense = _mostly_dense(codes, start)
    if dense.any():
        kept = (codes != ord(" ")) | ~np.repeat(dense, np.diff(start))
        start = np.concatenate(([0], np.cumsum(kept)))[start]
        codes = codes[kept]
    lengths = np.diff(start)
    begins = np.concatenate(([0], np.cumsum(lengths + _SIDE)))
    shift = begins[:-1] + ~dense  # where each text's first character goes
    padded = np.zeros(begins[-1], np.uint64)
    padded[np.arange(len(codes)) + np.repeat(shift - start[:-1], lengths)] = codes
    padded[begins[:-1][~dense]] = ord(" ")
    padded[(shift + lengths)[~dense]] = ord(" ")
    sizes = np.maximum(1, lengths - 2)  # places for five in length + 2 characters, for three in length
    first = np.concatenate(([0], np.cumsum(sizes)))
    at = np.arange(first[-1]) + np.repeat(begins[:-1] - first[:-1], sizes)
    short = _sums(padded, 0, 3)
    whole = short + _sums(padded, 3, 5)
    if dense.any():
        whole = np.where(np.repeat(dense, lengths + _SIDE)[: len(whole)], short, whole)
    return Shingles(mixed(whole[at]), first, dense)


def code_points(texts: pa.Array) -> tuple[npt.NDArray[np.uint32], Ints]:
    """The characters of all texts one after the other, and where each text starts. Shape (texts + 1,)."""
    whole = "".join(texts.to_pylist())
    lengths = np.asarray(pc.utf8_length(texts), dtype=np.int64)
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
    return codes, np.concatenate(([0], np.cumsum(lengths)))


def mixed(values: Hashes) -> Hashes:
    """Well spread hashes of 64-bit values (the finaliser of SplitMix64; Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def distinct(values: _Values) -> _Values:
    """Each value once, sorted, by the fastest sort there is: numpy's `unique` takes ten times as long."""
    values = np.sort(values)
    fresh = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return values[fresh]


def _mostly_dense(codes: npt.NDArray[np.uint32], start: Ints) -> npt.NDArray[np.bool_]:
    """Whether more than half of a text's characters, spaces apart, are Han, kana or Hangul."""
    if not len(codes) or codes.max() < _DENSE[0][0]:
        return np.zeros(len(start) - 1, np.bool_)
    bounds = np.array(_DENSE, np.uint32)
    slot = np.searchsorted(bounds[:, 0], codes, side="right") - 1
    is_dense = (slot >= 0) & (codes <= bounds[slot, 1])
    count = np.concatenate(([0], np.cumsum(2 * is_dense.astype(np.int64) - (codes != ord(" ")))))
    majority: npt.NDArray[np.bool_] = count[start[1:]] > count[start[:-1]]
    return majority


def _sums(padded: Hashes, low: int, high: int) -> Hashes:
    """The share of characters `low` to `high` of each piece in its hash, for a piece at every place."""
    last = len(padded) - len(_FACTORS) + 1
    total = np.zeros(max(0, last), np.uint64)
    for place in range(low, high):
        total += padded[place : last + place] * _FACTORS[place]
    return total
