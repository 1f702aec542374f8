"""A group named by other evidence, tested on timing with all the data and no price for its selection."""

from __future__ import annotations

import numpy as np

from concerted.nulls.ladder import ANCHORED
from concerted.nulls.log import SECOND, Floats, Ints, Log, expand, summed
from concerted.nulls.multiplicity import simes
from concerted.nulls.rows import episodes
from concerted.nulls.tails import poisson_binomial

HOUR = 3600 * SECOND
PRIOR = 3.0


def members_p(log: Log, members: Ints, window: int) -> tuple[Floats, Floats, Floats]:
    """P of each member's acts coming within `window` seconds of another member's as often as they do.

    The other members are fixed; each act is drawn from the outsiders of its object and latency bin:
    q = (near + 3 min(1, 2 cov)) / (outsiders + 3), cov the share of the bin within the window of a member.
    All acts of one account that begin in one UTC hour are one trial. Returns p, successes and expectation,
    each of shape (members,).
    """
    p, seen, expected = np.ones(len(members)), np.zeros(len(members)), np.zeros(len(members))
    accounts = int(log.account.max(initial=0)) + 1
    inside = np.zeros(accounts, bool)
    inside[members] = True
    mine = np.flatnonzero(inside[log.account])
    object = log.object[mine]
    # only objects that two members touched can bring a success
    shared = np.bincount(object, minlength=len(log.origin)) > 1
    mine = mine[shared[object]]
    if not len(mine):
        return p, seen, expected
    object, time = log.object[mine], log.time[mine]
    reach = window * SECOND
    gap = np.full(len(mine), np.iinfo(np.int64).max)
    same = object[1:] == object[:-1]
    step = np.where(same, time[1:] - time[:-1], np.iinfo(np.int64).max)
    gap[1:] = np.minimum(gap[1:], step)
    gap[:-1] = np.minimum(gap[:-1], step)

    ends = np.append(ANCHORED, ANCHORED[-1] * 2)
    bins = np.searchsorted(ANCHORED, log.latency, side="right") - 1
    cell = log.object * len(ANCHORED) + bins
    outsider = ~inside[log.account]
    near = outsider & (_nearest(log, mine) <= reach)
    cells = len(log.origin) * len(ANCHORED)
    n = np.bincount(cell[outsider], minlength=cells)[cell[mine]]
    n_near = np.bincount(cell[near], minlength=cells)[cell[mine]]
    low = log.anchor[object] + (ends[bins[mine]] * SECOND).astype(np.int64)
    # the last bin is open: it ends with the object's last event
    end = log.time[np.maximum(log.start[object + 1] - 1, 0)]
    high = log.anchor[object] + (ends[bins[mine] + 1] * SECOND).astype(np.int64)
    high = np.where(bins[mine] == len(ANCHORED) - 1, np.maximum(high, end + SECOND), high)
    start = np.searchsorted(object, object, side="left")
    stop = np.searchsorted(object, object, side="right")
    row, other = expand(start, stop)
    apart = other != row
    row, other = row[apart], other[apart]
    cover = np.minimum(high[row], time[other] + reach) - np.maximum(low[row], time[other] - reach)
    cov = np.bincount(row, np.maximum(cover, 0), len(mine)) / np.maximum(high - low, 1)
    q = np.minimum(1.0, (n_near + PRIOR * np.minimum(1.0, 2 * np.minimum(1.0, cov))) / (n + PRIOR))

    who = np.searchsorted(members, log.account[mine])
    trials = episodes(who, time // HOUR, object, q, gap <= reach)
    hits = np.bincount(trials.pair[trials.hit], minlength=len(members))
    p = poisson_binomial(trials.chance, trials.pair, hits.astype(np.int64))
    return p, hits.astype(np.float64), summed(trials.pair, trials.chance, len(members))


def _nearest(log: Log, mine: Ints) -> Ints:
    """Microseconds from each event to the nearest of the events `mine` on its object."""
    far = np.iinfo(np.int64).max // 4
    index = np.arange(len(log.time))
    marked = np.full(len(index), -1)
    marked[mine] = mine
    before = np.maximum.accumulate(marked)
    after = np.where(marked < 0, len(index), marked)
    after = np.minimum.accumulate(after[::-1])[::-1]
    gaps = []
    for other in (before, after):
        ok = (other >= 0) & (other < len(index))
        at = np.where(ok, other, 0)
        ok &= log.object[at] == log.object
        gaps.append(np.where(ok, np.abs(log.time[at] - log.time), far))
    return np.minimum(*gaps)


def test(log: Log, members: Ints, window: int) -> tuple[float, float, float, Floats]:
    """p of the cohort (Simes over its members), observed and expected successes, p of each member."""
    p, seen, expected = members_p(log, members, window)
    whole = simes(p, np.zeros(len(p), np.int64), np.array([len(p)]))
    return float(whole[0]), float(seen.sum()), float(expected.sum()), p
