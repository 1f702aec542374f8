"""From texts to objects: every cluster of texts that are nearly the same is one."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from concerted.traces.near.shingles import Ints
from concerted.traces.near.surprise import surprise
from concerted.traces.near.texts import accounts, led


class Nearly(NamedTuple):
    """What became of some posts: `of` is each post's object, or -1 where nobody else posted its text;
    `keys`, `bits` (how improbable by chance) and `wordings` (different texts after reduction) are one per
    object, `bands` and `rows` what found candidates."""

    of: Ints
    keys: pa.Array
    bits: npt.NDArray[np.float64]
    wordings: Ints
    bands: int
    rows: int


def key(text: str) -> str:
    """The object of a text that was reduced to what it is compared by: "text:" and 16 hexadecimal digits."""
    return "text:" + blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def nearly_the_same(texts: pa.Array, code: Ints, posts: pa.Table) -> Nearly:
    """Objects of posts: `texts` holds the different reduced texts, `code` the place of each post's. `posts`
    has account, time and label, the text as exported."""
    found = led(texts, code, posts)
    count = len(found.texts)
    whose = found.leader[found.of]
    shared = np.flatnonzero(accounts(whose, found.account, count) > 1)
    number = np.full(count, -1, np.int64)
    number[shared] = np.arange(len(shared))
    return Nearly(
        number[whose],
        pa.array([key(text) for text in found.texts.take(pa.array(shared)).to_pylist()], pa.string()),
        surprise(found.texts, found.uses, found.leader, shared),
        np.bincount(found.leader, minlength=count)[shared],
        found.bands,
        found.rows,
    )
