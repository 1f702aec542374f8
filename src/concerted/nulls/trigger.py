"""Innocent causes the file can show: one account follows the other, or both follow a third."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls.ladder import geometry
from concerted.nulls.log import SECOND, Flags, Floats, Ints, Log, blocks, distinct, expand
from concerted.nulls.rows import Rows

HOUR = 3600.0
PRECEDES = 0.85  # share of successes one account must lead
LEAST = 4  # successes, so that all led by one is a chance of at most 1 in 8
COIN = 0.125
LEADS = 0.05
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


def third(log: Log, rows: Rows, success: Flags, pairs: int, cost: int = 1 << 18) -> Ints:
    """Per pair the account that acts within the hour before at least 80 % of its successes, else -1."""
    found = np.full(pairs, -1)
    hit = rows.keep(success)
    if not len(hit.pair):
        return found
    low = log.back(HOUR)[hit.early]
    edge = np.flatnonzero(np.concatenate(([True], hit.pair[1:] != hit.pair[:-1], [True])))
    work = np.add.reduceat(hit.early - low, edge[:-1], dtype=np.int64)
    total = np.bincount(hit.pair, minlength=pairs)
    for lo, hi in blocks(work, cost):
        part = slice(edge[lo], edge[hi])
        row, before = expand(low[part], hit.early[part])
        pair, who, cover = _best(hit.pair[part][row], log.account[before])
        enough = cover >= COVERS * total[pair]
        found[pair[enough]] = who[enough]
    return found


def _best(pair: Ints, account: Ints) -> tuple[Ints, Ints, Ints]:
    """The pairs there are, of each the most frequent account (the smallest of equals) and how often it is."""
    width = int(account.max(initial=0)) + 1
    key, at = distinct(pair * width + account)
    count = np.bincount(at, minlength=len(key))
    owner = key // width
    order = np.lexsort((key, -count, owner))
    first = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    return owner[first], key[first] % width, count[first]


def raised(
    log: Log, rows: Rows, q: Floats, cause: Ints, edges: Floats, window: float, horizon: float, floor: float
) -> Floats:
    """q of the rows where both accounts follow the pair's third account within the hour, raised to 1.5
    times what geometry gives for latencies from it; other rows keep q, at least `floor`."""
    ratio = geometry(edges, log.clock, window, horizon).ratio
    account = cause[rows.pair]
    at = log.event_of(np.maximum(account, 0), log.object[rows.early])
    start = log.time[np.maximum(at, 0)]
    k, l = (log.time[rows.early] - start) / SECOND, (log.time[rows.late] - start) / SECOND
    ok = (account >= 0) & (at >= 0) & (k >= 0) & (l <= HOUR) & (at != rows.early) & (at != rows.late)
    bins = [np.searchsorted(edges, np.maximum(x, 0), side="right") - 1 for x in (k, l)]
    best = np.maximum(q, floor)
    return np.where(ok, np.maximum(best, np.minimum(1.0, MARGIN * ratio[bins[0], bins[1]])), best)


def leaders(log: Log, early: Ints, late: Ints) -> Ints:
    """Accounts that act before others on the objects of these successes more often than a fair coin says.

    `early` and `late` are the events of successes. For each object an account touched within the hour of
    them: did it go before most of them? One-sided sign test over its objects (at least 4), Bonferroni over
    accounts at 5 %. In a group without a head nobody leads; an influencer, a feed and the head of an
    operation do, and a file cannot tell these apart.
    """
    from scipy.special import bdtrc

    members = np.zeros(len(log.time) + 1, np.int32)
    members[np.concatenate((early, late)) + 1] = 1
    np.cumsum(members, out=members)
    # an account touches an object once: of each event, how many members come later than it, less those before
    after = members[log.reach(HOUR)] - members[log.reach(0)]
    before = members[log.back(0)] - members[log.back(HOUR)]
    there = after + before > 0
    if not there.any():
        return np.zeros(0, np.int64)
    who, ahead = log.account[there], (after - before)[there]
    accounts = int(who.max()) + 1
    objects = np.bincount(who, ahead != 0, accounts).astype(np.int64)
    wins = np.bincount(who, ahead > 0, accounts).astype(np.int64)
    tested = objects >= LEAST
    p = np.ones(accounts)
    some = tested & (wins > 0)
    p[some] = bdtrc(wins[some] - 1, objects[some], 0.5)
    return np.flatnonzero(p <= LEADS / max(1, tested.sum()))


def led(
    log: Log,
    early: Ints,
    late: Ints,
    q: Floats,
    who: Ints,
    edges: Floats,
    window: float,
    horizon: float,
    margin: float = MARGIN,
) -> tuple[Floats, Ints]:
    """q of rows in which a leader goes first, or both follow one within the hour, raised to `margin` times
    what geometry gives for latencies from the leader. Also the leader of each row, -1 for none."""
    ratio = geometry(edges, log.clock, window, horizon).ratio
    flag = np.zeros(int(log.account.max(initial=0)) + 1, bool)
    flag[who] = True
    best, lead = q.copy(), np.full(len(q), -1)
    if not len(who):
        return best, lead
    leading = np.flatnonzero(flag[log.account])
    low, high = np.searchsorted(leading, log.back(HOUR)[early]), np.searchsorted(leading, early + 1)
    for lo, hi in blocks(high - low + 1, 20_000_000):
        row, at = expand(low[lo:hi], high[lo:hi])
        row, event = row + lo, leading[at]
        ok = log.time[late[row]] - log.time[event] <= HOUR * SECOND
        row, event = row[ok], event[ok]
        k = np.searchsorted(edges, (log.time[early[row]] - log.time[event]) / SECOND, side="right") - 1
        l = np.searchsorted(edges, (log.time[late[row]] - log.time[event]) / SECOND, side="right") - 1
        value = np.minimum(1.0, margin * ratio[k, l])
        up = value > best[row]
        order = np.argsort(value[up], kind="stable")
        best[row[up][order]] = value[up][order]
        lead[row[up][order]] = log.account[event[up][order]]
    return best, lead
