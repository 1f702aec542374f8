"""Which accounts act on the same objects within a window, and on how many: the count behind every pair.

Rows are sorted by object and time, so whoever acts within the window of a row stands in one range around it.
The ranges of an account's rows, one after the other, name its partners as often as they come; sorted, those
that come twice stand side by side. That costs a few steps per pair, however heavy an object is. Only so many
accounts are taken at once as caches hold partners of: the many pairs that met once are never held together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from concerted.nulls.log import Flags, Ints, Log, blocks
from concerted.nulls.parallel import in_parallel

CHUNK = 1 << 18  # partners sorted at once, as many as caches hold
SMALL = 32  # bits of the numbers that are sorted, as long as they have room for a few hundred accounts
ROOM = 8  # bits of that room

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Counted:
    """Pairs of accounts by code (a < b), sorted, and how many objects bring them together."""

    a: Ints
    b: Ints
    together: Ints


def count(log: Log, window: float, accounts: int) -> Counted:
    """Pairs that touch at least two distinct objects within `window` seconds of each other.

    `accounts` is the number of accounts there are codes for.
    """
    low, high = log.back(window), log.reach(window)
    rows, ends = _meeting(log.account, high - low > 1, accounts)
    who = np.flatnonzero(np.diff(ends))
    start = np.append(ends[who], len(rows))
    size = (high - low)[rows]
    around = _ranges(log.account, low, high, accounts)
    bits = max(1, accounts.bit_length())
    word: np.dtype[Any] = np.dtype(np.uint32 if bits + ROOM <= SMALL else np.uint64)
    most = 1 << (np.iinfo(word).bits - bits)

    def counted(block: tuple[int, int]) -> tuple[Ints, Ints, Ints]:
        first, last = block
        part = slice(start[first], start[last])
        own = np.repeat(np.arange(last - first).astype(word) << bits, np.diff(start[first : last + 1]))
        keys = np.repeat(own, size[part])
        np.bitwise_or(keys, around[2 * rows[part] + 1].indices, out=keys, dtype=word, casting="unsafe")
        keys.sort()
        again = np.flatnonzero(keys[1:] == keys[:-1])
        begins = np.flatnonzero(np.diff(again, prepend=-2) != 1)
        together = np.diff(begins, append=len(again)) + 1
        keys = keys[again[begins]].astype(np.int64)
        a, b = who[first + (keys >> bits)], keys & ((1 << bits) - 1)
        return a[a < b], b[a < b], together[a < b]

    # an account costs at least its share of a block, so that numbers have room for all of them
    cost = np.maximum(np.diff(np.append(0, np.cumsum(size))[start]), -(-CHUNK // most))
    none = np.zeros(0, np.int64)
    found = [(none, none, none), *in_parallel(counted, blocks(cost, CHUNK))]
    return Counted(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _meeting(account: Ints, met: Flags, accounts: int) -> tuple[Ints, Ints]:
    """Rows that met another, of accounts with two of them, by account, and where each account's begin."""
    from scipy.sparse import csr_array

    rows = np.flatnonzero(met & (np.bincount(account[met], minlength=accounts) > 1)[account])
    ones = np.ones(len(rows), np.int8)
    by = csr_array((ones, account[rows], np.arange(len(rows) + 1)), shape=(len(rows), accounts)).tocsc()
    return rows[by.indices], by.indptr


def _ranges(account: Ints, low: Ints, high: Ints, accounts: int) -> csr_array:
    """A matrix whose row 2i + 1 has the accounts of low[i] : high[i]: ranges that overlap, held once.

    What stands between two ranges is in the other rows, for which nobody asks. Taking rows of a matrix copies
    ranges faster than an index of all their places could be written.
    """
    from scipy.sparse import csr_array, get_index_dtype

    ends = np.zeros(2 * len(account) + 1, get_index_dtype(maxval=max(accounts, 2 * len(account) + 1)))
    ends[1::2], ends[2::2] = low, high
    nothing = np.zeros(len(account), np.int8)
    return csr_array((nothing, account.astype(ends.dtype), ends), shape=(len(ends) - 1, accounts))
