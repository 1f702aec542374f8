"""Which accounts act on the same objects within a window, and on how many: the count behind every pair.

Rows are sorted by object and time, so whoever acts within the window of a row stands in one range around it.
The ranges of an account's rows name its partners as often as they come, and each pair is asked for from its
lower account. Which come again is found without sorting: all are thrown into a table, where who comes again
meets itself. Only so many are thrown at once as caches hold: the many pairs that met once are never held
together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls.log import Flags, Ints, Keys, Log, Places, blocks, counted_before, hashed
from concerted.parallel import in_parallel

CHUNK = 1 << 17  # partners asked for at once: so many, and the table for half of them, stay in a cache
ROOM = 1  # bits: a table has 2 to 4 places a key
MOST_BITS = 24  # of a table; an account with more partners than fit has them sorted
SHORT = 1 << 32  # pairs of a block, if fewer, get numbers of 32 bits, which take less time


@dataclass(frozen=True)
class Counted:
    """Pairs of accounts by code (a < b), sorted, and how many objects bring them together."""

    a: Ints
    b: Ints
    together: Ints

    def coded(self, code: Ints) -> Counted:
        """The same pairs where account i is called code[i]."""
        one, other = code[self.a], code[self.b]
        a, b = np.minimum(one, other), np.maximum(one, other)
        order = np.argsort(a * len(code) + b)
        return Counted(a[order], b[order], self.together[order])


def count(log: Log, window: float, accounts: int, part: Flags | None = None) -> Counted:
    """Pairs that touch at least two distinct objects within `window` seconds of each other.

    `accounts` is the number of accounts there are codes for; `part` are the events that take part, else all.
    """
    low, high = log.back(window), log.reach(window)
    if part is None or part.all():
        met = high - low > 1
    else:
        before = counted_before(part)
        met = part & (before[high] - before[low] > 1)
    twice = np.bincount(log.account[met], minlength=accounts) > 1
    met &= twice[log.account]
    who, row = np.flatnonzero(twice), np.flatnonzero(met)
    code = (np.cumsum(twice, dtype=np.uint32) - 1)[log.account[row]]
    before = counted_before(met)
    begin = before[low[row]]
    size = before[high[row]] - begin
    # rows are put together by blocks of accounts, of which there are few: numpy sorts those by counting
    some = list(blocks(np.bincount(code, size, len(who)).astype(np.int64), CHUNK))
    number = np.arange(len(some), dtype=np.min_scalar_type(len(some)))
    block = np.repeat(number, [last - first for first, last in some])[code]
    order = np.argsort(block, kind="stable").astype(np.int32)
    rows = np.split(order, np.cumsum(np.bincount(block, minlength=len(some))))[:-1]
    known = np.stack((begin, size, code.view(np.int32)), axis=1)  # one wait for memory a row, not three

    def counted(task: tuple[tuple[int, int], Places]) -> tuple[Ints, Ints, Ints]:
        (first, last), row = task
        kind = np.dtype(np.uint32 if (last - first) * len(who) < SHORT else np.uint64)
        begin, size, own = known.take(row, axis=0).T
        place = np.repeat(begin - (np.cumsum(size) - size), size)
        place += np.arange(len(place))
        other = code.take(place).astype(kind, copy=False)
        mine = np.repeat(own.astype(kind), size)
        higher = np.flatnonzero(other > mine)
        keys: Keys = (mine - kind.type(first)) * kind.type(len(who)) + other
        pair, together = again(keys.take(higher))
        a, b = np.divmod(pair.astype(np.int64), len(who))
        return who[a + first], who[b], together

    none = np.zeros(0, np.int64)
    found = in_parallel(counted, zip(some, rows, strict=True))
    return Counted(*(np.concatenate(column) for column in zip((none, none, none), *found, strict=True)))


def again(keys: Keys) -> tuple[Keys, Ints]:
    """The keys that come more than once, sorted, and how often they come. Two arrays of one length.

    Each is written to its place in a table, over what was there. Who reads another number than its own has
    either met its like or come upon another key: only the few of these are sorted.
    """
    bits = min(MOST_BITS, (len(keys) << ROOM).bit_length())
    place = hashed(keys, bits)
    number: Keys = np.arange(len(keys), dtype=np.min_scalar_type(len(keys)))
    table = np.empty_like(number, shape=1 << bits)
    table[place] = number
    over = np.flatnonzero(table.take(place) != number)
    key, times = np.unique(keys.take(over), return_counts=True)
    times += keys.take(table.take(hashed(key, bits))) == key
    often = np.flatnonzero(times > 1)
    return key[often], times[often]
