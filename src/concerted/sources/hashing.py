"""Hashes of many short texts at once."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from concerted.sources.frame import Numbers
from concerted.sources.letters import letters, longest, starts

Hashes = npt.NDArray[np.uint64]

_WORD = 8  # bytes that are taken together
_HALF = np.uint64(32)
_LOWER = np.uint64(2**32 - 1)
# bits of a word that a text with so many bytes left has
_BITS = np.array([2 ** (8 * left) - 1 for left in range(_WORD + 1)], np.uint64)
_TOGETHER = 1 << 14  # texts whose sums stay in the cache of a processor


def seed_of(texts: pa.Array) -> int:
    """A seed that these texts choose, so that nobody can write texts that collide under it."""
    return int.from_bytes(hashlib.blake2b(letters(texts).tobytes(), digest_size=8).digest(), "big")


def hashes(texts: pa.Array, seed: int) -> Hashes:
    """64 bits for every text; `seed` chooses the function.

    Two texts that were there before the function was chosen collide with probability 2^-64: twice the upper
    half of c length + (a_0 + low_0)(b_0 + high_0) - a_0 b_0 + ... modulo 2^64, with random 64-bit a, b, c and
    the halves of words of 64 bits. Beyond its end a text adds nothing, as if it went on in zeros (multilinear
    hashing with half the multiplications: Lemire and Kaser, Strongly universal string hashing is fast, 2014).
    """
    at = starts(texts)
    size, begin = np.diff(at).astype(np.int64), (at[:-1] - at[:1]).astype(np.int64)
    # so many zeros that a word may be taken wherever a text ends
    data = np.concatenate([letters(texts), np.zeros(_WORD, np.uint8)])
    words = np.ndarray(len(data) - _WORD + 1, "<u8", data, strides=(1,))
    many = 1 + 2 * -(-longest(texts) // _WORD)
    chance = np.random.default_rng(seed).integers(0, 2**64, (many, 2), np.uint64)
    found = np.empty(len(size), np.uint64)
    for start in range(0, len(size), _TOGETHER):
        some = slice(start, start + _TOGETHER)
        found[some] = _summed(words, begin[some], size[some], chance)
    return found


def _summed(words: Hashes, begin: Numbers, size: Numbers, chance: Hashes) -> Hashes:
    one, other = (size.astype(np.uint64) * factor for factor in chance[0])
    left: slice | Numbers = slice(None)
    lower, upper = chance[1::2], chance[2::2]
    for low, high, nothing in zip(lower, upper, lower * upper, strict=True):
        going = size > 0
        # picking out the texts that go on takes longer than one more look at all, unless they are few
        if 2 * np.count_nonzero(going) < len(size):
            left = np.arange(len(one))[left][going]
            begin, size = begin[going], size[going]
            if not len(left):
                break
        word = words[np.minimum(begin, len(words) - 1)]
        word &= _BITS[np.clip(size, 0, _WORD)]
        half = word >> _HALF
        word &= _LOWER
        one[left] += (word + low[0]) * (half + high[0]) - nothing[0]
        other[left] += (word + low[1]) * (half + high[1]) - nothing[1]
        begin, size = begin + _WORD, size - _WORD
    summed: Hashes = (one >> _HALF << _HALF) | (other >> _HALF)
    return summed
