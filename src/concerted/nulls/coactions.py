"""Which accounts act on the same objects within a window, and on how many: the count behind every pair.

Rows are sorted by object and time, so whoever acts within the window of a row stands in one range around it.
The ranges of an account's rows, one after the other, name its partners as often as they come. As a matrix
with a row per account these are turned about: each partner then names its accounts in order, and who comes
twice stands side by side. That is a sort by counting: a few steps per pair, however heavy an object is. Only
so many partners are turned at once as caches hold: the many pairs that met once are never held together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from concerted.nulls.log import Ints, Log, blocks, by_code
from concerted.parallel import in_parallel

CHUNK = 1 << 19  # partners turned at once, as many as caches hold; or one for each account there is

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
    met = high - low > 1
    twice = np.bincount(log.account[met], minlength=accounts) > 1
    part = met & twice[log.account]
    who, row = np.flatnonzero(twice), np.flatnonzero(part)
    code = (np.cumsum(twice) - 1)[log.account[row]]
    before: Ints = np.concatenate((np.zeros(1, np.int64), np.cumsum(part)))
    low, high = before[low[row]], before[high[row]]
    around = _ranges(code, low, high, len(who))
    by, start = by_code(code, len(who))
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum((high - low)[by])))[start]

    def counted(block: tuple[int, int]) -> tuple[Ints, Ints, Ints]:
        from scipy.sparse import csr_array

        first, last = block
        near = around[2 * by[start[first] : start[last]] + 1]
        own = near.indptr[start[first : last + 1] - start[first]]
        turned = csr_array((near.data, near.indices, own), shape=(last - first, len(who))).tocsc()
        same = np.append(turned.indices[1:] == turned.indices[:-1], False)
        same[turned.indptr[1:] - 1] = False  # the last of one partner and the first of the next
        again = np.flatnonzero(same)
        begins = np.flatnonzero(np.diff(again, prepend=-2) != 1)
        together = np.diff(begins, append=len(again)) + 1
        again = again[begins]
        a, b = turned.indices[again] + first, np.searchsorted(turned.indptr, again, side="right") - 1
        order = np.flatnonzero(a < b)
        order = order[np.lexsort((b[order], a[order]))]
        return who[a[order]], who[b[order]], together[order]

    none = np.zeros(0, np.int64)
    found = in_parallel(counted, blocks(np.diff(ends), max(CHUNK, len(who))))
    return Counted(*(np.concatenate(column) for column in zip((none, none, none), *found, strict=True)))


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
