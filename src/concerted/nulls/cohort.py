"""A group named by other evidence, tested on timing with all the data and no price for its selection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls import trigger
from concerted.nulls.ladder import ANCHORED
from concerted.nulls.log import SECOND, Flags, Floats, Ints, Log, expand, summed
from concerted.nulls.rows import episodes
from concerted.nulls.setcauses import LEADER
from concerted.nulls.tails import poisson_binomial

HOUR = 3600 * SECOND
PRIOR = 3.0
PAIR = 2  # members that make a pair, not a set


@dataclass(frozen=True)
class Acts:
    """Acts of members on objects that two members touched: event of the log, chance of coming within the
    window of another member's act, whether it does. And the pairs of such acts on one object (row, other)."""

    event: Ints
    q: Floats
    hit: Flags
    row: Ints
    other: Ints


def acts(log: Log, members: Ints, window: int) -> Acts:
    """The other members are fixed; each act is drawn from the outsiders of its object and latency bin:
    q = (near + 3 min(1, 2 cov)) / (outsiders + 3), cov the share of the bin within the window of a member.
    """
    accounts = int(log.account.max(initial=0)) + 1
    inside = np.zeros(accounts, bool)
    inside[members] = True
    mine = np.flatnonzero(inside[log.account])
    object = log.object[mine]
    # only objects that two members touched can bring a success
    shared = np.bincount(object, minlength=len(log.origin)) > 1
    mine = mine[shared[object]]
    object, time = log.object[mine], log.time[mine]
    reach = window * SECOND
    gap = np.full(len(mine), np.iinfo(np.int64).max)
    same = object[1:] == object[:-1]
    step = np.where(same, time[1:] - time[:-1], np.iinfo(np.int64).max)
    gap[1:] = np.minimum(gap[1:], step)
    gap[:-1] = np.minimum(gap[:-1], step)

    ends = np.append(ANCHORED, ANCHORED[-1] * 2)
    bins = log.bins(ANCHORED)
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
    return Acts(mine, q, gap <= reach, row, other)


@dataclass(frozen=True)
class Joined:
    """Of each member: p, episodes with a success, and their expectation. Shapes (members,)."""

    p: Floats
    seen: Floats
    expected: Floats


def members_p(log: Log, members: Ints, mine: Acts, q: Floats) -> Joined:
    """P of each member's acts coming near another member's as often as they do, by chances `q`.

    All acts of one account that begin in one UTC hour are one trial.
    """
    who = np.searchsorted(members, log.account[mine.event])
    trials = episodes(who, log.time[mine.event] // HOUR, log.object[mine.event], q, mine.hit)
    hits = np.bincount(trials.pair[trials.hit], minlength=len(members))
    p = poisson_binomial(trials.chance, trials.pair, hits.astype(np.int64))
    return Joined(p, hits.astype(np.float64), summed(trials.pair, trials.chance, len(members)))


def behind_leaders(log: Log, mine: Acts, window: int) -> Floats:
    """The chances, raised where a leader acted within the hour before an act and another member's: to what
    following that leader gives, summed over the members who follow it. Shape (acts,)."""
    early, late = np.minimum(mine.row, mine.other), np.maximum(mine.row, mine.other)
    once = mine.row < mine.other
    early, late = mine.event[early[once]], mine.event[late[once]]
    near = log.time[late] - log.time[early] <= window * SECOND
    who = trigger.leaders(log, early[near], late[near])
    led, _ = trigger.led(
        log, early, late, np.zeros(len(early)), who, ANCHORED, window, trigger.HOUR, trigger.MARGIN
    )
    chance = np.zeros(len(mine.q))
    for side in (mine.row, mine.other):
        chance += np.bincount(side[once], led, len(chance))
    return np.maximum(mine.q, np.minimum(1.0, chance))


@dataclass(frozen=True)
class Together:
    """A cohort at one window: `before` is before innocent causes."""

    p: float
    before: float
    because: str
    each: Joined


def test(log: Log, members: Ints, window: int) -> Together:
    """p that at most two members act together beyond chance: Simes (1986) over all members but the two with
    the smallest p (Benjamini and Heller 2008), since two are a pair and no set."""
    mine = acts(log, members, window)
    each = members_p(log, members, mine, mine.q)
    before = _third(each.p)
    after = _third(members_p(log, members, mine, behind_leaders(log, mine, window)).p)
    return Together(max(before, after), before, LEADER if after > before else "", each)


def _third(p: Floats) -> float:
    rest = np.sort(p)[PAIR:]
    return float(min(1.0, (rest * len(rest) / np.arange(1, len(rest) + 1)).min(initial=1.0)))


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
