"""A third account that a pair follows, told by the order of the three on the pair's own successes."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Flags, Ints, Log, blocks, distinct, expand
from concerted.nulls.rows import Rows
from concerted.nulls.trigger import HOUR, LEADS, LEAST

FIRST = 1 / 3  # three accounts in any order: how often a given one of them comes first


def forerunner(log: Log, rows: Rows, success: Flags, pairs: int, cost: int = 1 << 18) -> Ints:
    """Per pair the account that acts before both more often than chance orders three, else -1. (pairs,).

    Asked are accounts within the hour of at least four of the pair's successes: binomial with one third,
    Bonferroni over those asked, at 5 %. An account can lead the audience of its own and follow elsewhere, so
    its place over all objects (`trigger.leaders`) may say nothing.
    """
    found = np.full(pairs, -1)
    often = np.bincount(rows.pair[success], minlength=pairs) >= LEAST
    hit = rows.keep(success & often[rows.pair])
    if not len(hit.pair):
        return found
    low, high = log.back(HOUR)[hit.early], log.reach(HOUR)[hit.late]
    edge = np.flatnonzero(np.concatenate(([True], hit.pair[1:] != hit.pair[:-1], [True])))
    for lo, hi in blocks(np.add.reduceat(high - low, edge[:-1], dtype=np.int64), cost):
        part = slice(edge[lo], edge[hi])
        row, event = expand(low[part], high[part])
        early, late, pair = hit.early[part][row], hit.late[part][row], hit.pair[part][row]
        # in the same tick there is no order; the two themselves are not asked
        apart = (log.time[event] != log.time[early]) & (log.account[event] != log.account[late])
        apart &= log.account[event] != log.account[early]
        _tell(found, pair[apart], log.account[event][apart], (event < early)[apart])
    return found


def _tell(found: Ints, pair: Ints, account: Ints, before: Flags) -> None:
    from scipy.special import bdtrc

    if not len(pair):
        return
    width = int(account.max()) + 1
    key, at = distinct(pair * width + account)
    there = np.bincount(at)
    first = np.bincount(at, before).astype(np.int64)
    asked = (there >= LEAST) & (first > 0)
    key, there, first = key[asked], there[asked], first[asked]
    owner = key // width
    p = bdtrc(first - 1.0, there, FIRST) * np.bincount(owner - pair[0])[owner - pair[0]]  # pairs ascend
    best = np.lexsort((key, p, owner))
    best = best[np.flatnonzero(np.diff(owner[best], prepend=-1))]
    best = best[p[best] <= LEADS]
    found[owner[best]] = key[best] % width
