"""Innocent causes the file can show: one account follows the other, or both follow a third."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls.ladder import geometry
from concerted.nulls.log import Flags, Floats, Ints, Log, blocks, expand
from concerted.nulls.rows import Rows

HOUR = 3600.0
PRECEDES = 0.85  # share of successes one account must lead
LEAST = 4  # successes, so that all led by one is a chance of at most 1 in 8
COIN = 0.125
COVERS = 0.8  # share of successes that must follow the trigger
MARGIN = 1.5


@dataclass(frozen=True)
class Leads:
    """Per pair the account that goes first (-1: neither, more often than a fair coin), and whether nearly
    always. Shape (pairs,)."""

    who: Ints
    always: Flags


def leads(log: Log, rows: Rows, success: Flags, a: Ints, b: Ints) -> Leads:
    """One account goes first in more of at least 4 successes than a fair coin explains at 1 in 8.

    `always`: in at least 85 % of them. Successes in the same tick have no order and count for neither.
    """
    from scipy.special import bdtr

    pairs = len(a)
    hit = rows.keep(success)
    apart = log.time[hit.early] < log.time[hit.late]
    total = np.bincount(hit.pair, minlength=pairs)
    ordered = np.bincount(hit.pair, apart, pairs)
    a_first = np.bincount(hit.pair, apart & (log.account[hit.early] == a[hit.pair]), pairs)
    most = np.maximum(a_first, ordered - a_first)
    chance = np.minimum(1.0, 2 * bdtr(ordered - most, np.maximum(ordered.astype(np.int64), 1), 0.5))
    leading = (total >= LEAST) & (chance <= COIN)
    who = np.where(leading, np.where(a_first >= most, a, b), -1)
    return Leads(who, leading & (most >= PRECEDES * total))


@dataclass(frozen=True)
class Third:
    """Up to two other accounts that act shortly before a pair's successes; -1 for none. Shape (pairs,)."""

    first: Ints
    second: Ints


def third(log: Log, rows: Rows, success: Flags, pairs: int, most: int, cost: int = 20_000_000) -> Third:
    """Accounts that act within the hour before at least 80 % of a pair's successes: one, or (`most` 2) two."""
    found = Third(np.full(pairs, -1), np.full(pairs, -1))
    hit = rows.keep(success)
    if not len(hit.pair):
        return found
    low = log.back(HOUR)[hit.early]
    edge = np.flatnonzero(np.concatenate(([True], hit.pair[1:] != hit.pair[:-1], [True])))
    work = np.add.reduceat(hit.early - low, edge[:-1])
    for lo, hi in blocks(work, cost):
        part = slice(edge[lo], edge[hi])
        row, before = expand(low[part], hit.early[part])
        pair, account = hit.pair[part][row], log.account[before]
        total = np.bincount(hit.pair[part], minlength=pairs)
        one, cover = _best(pair, account, pairs)
        enough = cover >= COVERS * total
        done = enough & (one >= 0)
        found.first[done] = one[done]
        if most == 2:
            covered = np.zeros(part.stop - part.start, bool)
            covered[row[account == one[pair]]] = True
            rest = ~covered[row]
            two, more = _best(pair[rest], account[rest], pairs)
            both = ~done & (two >= 0) & (cover + more >= COVERS * total)
            found.first[both], found.second[both] = one[both], two[both]
    return found


def _best(pair: Ints, account: Ints, pairs: int) -> tuple[Ints, Ints]:
    """Per pair the most frequent account (the smallest of equals) and how often it occurs."""
    best, cover = np.full(pairs, -1), np.zeros(pairs, np.int64)
    if not len(pair):
        return best, cover
    width = int(account.max()) + 1
    key, count = np.unique(pair * width + account, return_counts=True)
    owner = key // width
    order = np.lexsort((key, -count, owner))
    first = order[np.concatenate(([True], owner[order][1:] != owner[order][:-1]))]
    best[owner[first]], cover[owner[first]] = key[first] % width, count[first]
    return best, cover


def raised(
    log: Log, rows: Rows, q: Floats, cause: Third, edges: Floats, window: float, horizon: float, floor: float = 0.0
) -> Floats:
    """q of the rows where both accounts follow the pair's trigger within the hour, raised to 1.5 times
    what geometry gives for latencies from the trigger; other rows keep q, at least `floor`."""
    ratio = geometry(edges, log.clock, window, horizon).ratio
    best = np.maximum(q, floor)
    object = log.object[rows.early]
    for who in (cause.first, cause.second):
        account = who[rows.pair]
        at = log.event_of(np.maximum(account, 0), object)
        at = np.where(account >= 0, at, -1)
        start = log.time[np.maximum(at, 0)]
        k = (log.time[rows.early] - start) / 1e6
        l = (log.time[rows.late] - start) / 1e6
        ok = (at >= 0) & (k >= 0) & (l <= HOUR) & (at != rows.early) & (at != rows.late)
        bins = [np.searchsorted(edges, np.maximum(x, 0), side="right") - 1 for x in (k, l)]
        best = np.where(ok, np.maximum(best, np.minimum(1.0, MARGIN * ratio[bins[0], bins[1]])), best)
    return best
