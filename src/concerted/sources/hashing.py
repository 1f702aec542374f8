"""Hashes of many short texts at once."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from concerted.sources.letters import letters, longest, starts

_WORD = 4  # bytes that are taken together
_HALF = np.uint64(32)

Hashes = npt.NDArray[np.uint64]


def seed_of(texts: pa.Array) -> int:
    """A seed that these texts choose, so that nobody can write texts that collide under it."""
    return int.from_bytes(hashlib.blake2b(letters(texts).tobytes(), digest_size=8).digest(), "big")


def hashes(texts: pa.Array, seed: int) -> Hashes:
    """64 bits for every text; `seed` chooses the function.

    Two texts that were there before the function was chosen collide with probability 2^-64: twice the upper
    half of c_0 length + c_1 word_1 + c_2 word_2 ... modulo 2^64, with random 64-bit c and words of 32 bits
    (multilinear hashing: Lemire and Kaser, Strongly universal string hashing is fast, 2014).
    """
    at = starts(texts)
    size, begin = np.diff(at).astype(np.int64), at[:-1] - at[:1]
    # so many zeros that a word may be taken wherever a text ends
    data = np.concatenate([letters(texts), np.zeros(_WORD, np.uint8)])
    words = np.ndarray(len(data) - _WORD + 1, "<u4", data, strides=(1,))
    chance = np.random.default_rng(seed).integers(0, 2**64, (2 + longest(texts) // _WORD, 2), np.uint64)
    one, other = (size.astype(np.uint64) * factor for factor in chance[0])
    left = np.arange(len(size))
    for place, factors in enumerate(chance[1:]):
        left = left[size[left] > place * _WORD]
        # a look at all is faster than picking all out
        here = slice(None) if len(left) == len(size) else left
        ahead = size[here] - place * _WORD
        word = words[begin[here] + place * _WORD].astype(np.uint64)
        # what follows a text among the bytes is none of it
        short = np.flatnonzero(ahead < _WORD)
        word[short] &= (np.uint64(1) << (8 * ahead[short]).astype(np.uint64)) - np.uint64(1)
        one[here] += word * factors[0]
        other[here] += word * factors[1]
    upper: Hashes = (one >> _HALF << _HALF) | (other >> _HALF)
    return upper
