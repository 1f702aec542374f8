"""The different texts of some posts by rank, and which text leads each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from concerted.traces.near import clusters
from concerted.traces.near.alike import Weights, likeness
from concerted.traces.near.candidates import Keys, band_keys, pairs, setting
from concerted.traces.near.shingles import Hashes, Ints, distinct, shingles
from concerted.traces.near.tags import agree_without_tags

Flags = npt.NDArray[np.bool_]

_AT_ONCE = 4096  # texts whose pieces fit a processor's cache


class Texts(NamedTuple):
    """All different texts, by rank; how many accounts use each, and which leads it. `of` and `account` are
    one per post: its text, and its account as a number. `bands` and `rows` found the candidates."""

    texts: pa.Array
    uses: Ints
    leader: Ints
    of: Ints
    account: Ints
    bands: int
    rows: int


def led(found: pa.Array, code: Ints, posts: pa.Table) -> Texts:
    """Texts and leaders of posts: `found` holds the different reduced texts, `code` the place of each post's.
    `posts` has account, time and label, the text as exported."""
    account = np.asarray(posts["account"].combine_chunks().dictionary_encode().indices, dtype=np.int64)
    time = np.asarray(posts["time"].combine_chunks().cast(pa.int64()).fill_null(2**62), dtype=np.int64)
    bands, rows = setting(len(found))
    keys, fingerprints = _signed(found, bands, rows)
    order, uses = _ranked(fingerprints, code, account, time)
    texts = found.take(pa.array(order))
    del found
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    code = rank[code]
    candidates = pairs(band[order] for band in keys)
    del keys
    leader = _leaders(texts, candidates, code, posts["label"])
    return Texts(texts, uses, leader, code, account, bands, rows)


def unified(coded: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """All different values of a column coded as dictionaries, and the place of each row's."""
    parts = coded.unify_dictionaries().chunks
    if not parts:
        return pa.array([], pa.large_string()), np.zeros(0, np.int64)
    return parts[-1].dictionary, np.concatenate([np.asarray(part.indices, dtype=np.int64) for part in parts])


def accounts(item: Ints, account: Ints, items: int) -> Ints:
    """How many accounts each item has; `item` and `account` are one per post."""
    width = int(account.max(initial=0)) + 1
    return np.bincount(distinct(item * width + account) // width, minlength=items)


def _signed(texts: pa.Array, bands: int, rows: int) -> tuple[Keys, Hashes]:
    """Band keys and one fingerprint of each text. Shapes (bands, texts) and (texts,)."""
    keys = np.empty((bands, len(texts)), np.uint32)
    whole = np.empty(len(texts), np.uint64)
    for low in range(0, len(texts), _AT_ONCE):
        pieces = shingles(texts.slice(low, _AT_ONCE))
        part = slice(low, low + len(pieces.sizes))
        keys[:, part] = band_keys(pieces, bands, rows)
        place = np.arange(len(pieces.hashes)) - np.repeat(pieces.start[:-1], pieces.sizes)
        placed = pieces.hashes * (place.astype(np.uint64) * np.uint64(2) + np.uint64(1))
        whole[part] = np.add.reduceat(placed, pieces.start[:-1])
    return keys, whole


def _ranked(fingerprints: Hashes, code: Ints, account: Ints, time: Ints) -> tuple[Ints, Ints]:
    """Texts by rank: by accounts, first time, then the text itself; and the accounts of each, by rank."""
    uses = accounts(code, account, len(fingerprints))
    first = np.full(len(fingerprints), np.iinfo(np.int64).max)
    np.minimum.at(first, code, time)
    order = np.lexsort((fingerprints, first, -uses))
    return order, uses[order]


def _leaders(texts: pa.Array, candidates: Hashes, code: Ints, labels: pa.ChunkedArray) -> Ints:
    if not len(candidates):
        return np.arange(len(texts))
    weights = Weights(texts)

    def verify(one: Ints, other: Ints) -> tuple[Flags, npt.NDArray[np.float64]]:
        found = likeness(texts, one, other, weights)
        same = found.same()
        held = np.flatnonzero(same)
        same[held] = agree_without_tags(texts, code, labels, one[held], other[held], weights)
        return same, np.maximum(found.plain, found.weighted)

    return clusters.leaders(len(texts), candidates, verify)
