"""Which accounts act on the same objects within a window, and on how many: the count behind every pair.

Rows are sorted by object and time, so whoever acts within the window of a row stands in one range around it.
The ranges of an account's rows, one after the other, name its partners as often as they come, and each pair
is asked for from its lower account. Which come again is found without sorting: all are thrown into a table,
where who comes again meets itself. Only so many are thrown at once as caches hold: the many pairs that met
once are never held together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from concerted.nulls.log import Flags, Ints, Log, blocks, by_code, hashed
from concerted.parallel import in_parallel

CHUNK = 1 << 18  # partners asked for at once: so many, and the table for half of them, stay in a cache
ROOM = 2  # bits: a table has 4 to 8 places a key
MOST_BITS = 24  # of a table; an account with more partners than fit has them sorted

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Counted:
    """Pairs of accounts by code (a < b), sorted, and how many objects bring them together."""

    a: Ints
    b: Ints
    together: Ints


def count(log: Log, window: float, accounts: int, part: Flags | None = None) -> Counted:
    """Pairs that touch at least two distinct objects within `window` seconds of each other.

    `accounts` is the number of accounts there are codes for; `part` are the events that take part, else all.
    """
    low, high = log.back(window), log.reach(window)
    if part is None or part.all():
        met = high - low > 1
    else:
        before = _before(part)
        met = part & (before[high] - before[low] > 1)
    twice = np.bincount(log.account[met], minlength=accounts) > 1
    met &= twice[log.account]
    who, row = np.flatnonzero(twice), np.flatnonzero(met)
    code = (np.cumsum(twice) - 1)[log.account[row]]
    before = _before(met)
    begin, end = before[low[row]], before[high[row]]
    around = _ranges(code, begin, end, len(who))
    by, start = by_code(code, len(who))
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum((end - begin)[by])))[start]

    def counted(block: tuple[int, int]) -> tuple[Ints, Ints, Ints]:
        first, last = block
        near = around[2 * by[start[first] : start[last]].astype(np.int64) + 1]
        own = near.indptr[start[first : last + 1] - start[first]]
        lower = np.repeat(np.arange(first, last, dtype=near.indices.dtype), np.diff(own))
        higher = np.flatnonzero(near.indices > lower)
        pair, together = again(lower[higher] * np.int64(len(who)) + near.indices[higher])
        a, b = np.divmod(pair, len(who))
        return who[a], who[b], together

    none = np.zeros(0, np.int64)
    found = in_parallel(counted, blocks(np.diff(ends), CHUNK))
    return Counted(*(np.concatenate(column) for column in zip((none, none, none), *found, strict=True)))


def _before(part: Flags) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(part)))


def again(keys: Ints) -> tuple[Ints, Ints]:
    """The keys that come more than once, sorted, and how often they come. Two arrays of one length.

    Each is written to its place in a table, over what was there. Who reads another number than its own has
    either met its like or come upon another key: only the few of these are sorted.
    """
    bits = min(MOST_BITS, (len(keys) << ROOM).bit_length())
    place = hashed(keys, bits)
    number = np.arange(len(keys), dtype=np.min_scalar_type(len(keys)))
    table = np.empty(1 << bits, number.dtype)
    table[place] = number
    met = table[place]
    over = np.flatnonzero(met != number)
    met = met[over]
    same = keys[over] == keys[met]
    times = np.bincount(met[same])
    first = np.flatnonzero(times)
    rest, often = np.unique(keys[over[~same]], return_counts=True)
    pair = np.concatenate((keys[first], rest[often > 1]))
    order = np.argsort(pair)
    return pair[order], np.concatenate((times[first] + 1, often[often > 1]))[order]


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
