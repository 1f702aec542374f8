"""Appointments: what recurs at the same hours of the week has one cause, however many weeks it goes on."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import DAY, SECOND, Flags, Floats, Ints, Log
from concerted.nulls.rows import Rows, Tested, episodes, test

WEEK = 7 * DAY
SITTING = 6 * 3600 * SECOND  # the widest horizon: what lies further apart is never taken for one thing
LEAST = 5  # appointments, as many as days are asked of content of a group's own
RECURS = 0.05
DRAWS = 999


class Weeks:
    """How few appointments hold a number of days by chance, where accounts act at the hours of the day at
    which those of `log` do, on any day of the week. `seed` is that of the simulation."""

    def __init__(self, log: Log, seed: int) -> None:
        self._time, self._seed = log.time, seed
        self._below: dict[int, Floats] = {}

    def p(self, days: int, held: Ints) -> Floats:
        """P(at most `held` appointments hold so many days), never 0. Same shape as `held`."""
        if days not in self._below:
            rng = np.random.default_rng([self._seed, days])
            hour = self._time[rng.choice(len(self._time), DRAWS * days)] % DAY
            time = hour + rng.integers(0, 7, DRAWS * days) * DAY
            drawn = np.repeat(np.arange(DRAWS), days)
            count = np.bincount(_distinct(drawn, appointments(drawn, time), DRAWS), minlength=days + 1)
            self._below[days] = (1 + np.cumsum(count)) / (1 + DRAWS)
        return self._below[days][held]

    def recur(self, log: Log, rows: Rows, success: Flags, pairs: int) -> Flags:
        """Pairs whose days with a success take fewer appointments than chance gives, at 5 %: (pairs,)."""
        if not success.any():
            return np.zeros(pairs, bool)
        time, pair = log.time[rows.early[success]], rows.pair[success]
        order = np.lexsort((time, pair))
        time, pair = time[order], pair[order]
        day = pair * (int(time.max(initial=0)) // DAY + 1) + time // DAY
        first = np.flatnonzero(np.diff(day, prepend=-1))
        time, pair = time[first], pair[first]
        days = np.bincount(pair, minlength=pairs)
        held = _distinct(pair, appointments(pair, time), pairs)
        p = np.ones(pairs)
        for number in np.unique(days[days > 1]).tolist():
            p[days == number] = self.p(number, held[days == number])
        recurs: Flags = p <= RECURS
        return recurs


def appointments(owner: Ints, time: Ints) -> Ints:
    """Numbers the appointments that hold these times (microseconds): times of one owner get the same number
    where, in the week, they lie in one of the six-hour stretches laid from its longest idle time on.

    Numbers are unique over all owners. Same shape as `time`.
    """
    order = np.lexsort((time % WEEK, owner))
    time, start = time[order] % WEEK, _starts(owner[order])
    end = np.append(start[1:], len(time))
    mine = np.repeat(np.arange(len(start)), end - start)
    idle = np.diff(time, prepend=0)
    idle[start] = time[start] + WEEK - time[end - 1]
    longest = np.flatnonzero(idle == np.maximum.reduceat(idle, start)[mine])
    longest = longest[_starts(mine[longest])]
    # what was in order stays so when each week is turned to begin at another time
    turned = np.arange(len(time)) + (longest - start)[mine]
    turned = np.where(turned < end[mine], turned, turned - (end - start)[mine])
    time = (time[turned] - time[longest][mine]) % WEEK
    # longer gaps, and those from owner to owner, are cut to just too long: one ascending line of time
    gap = np.minimum(np.diff(time, prepend=0), SITTING + 1)
    gap[start] = SITTING + 1
    line = np.cumsum(gap)
    after = np.searchsorted(line, line + SITTING, side="right")
    head = np.zeros(len(time), bool)
    at, last = start, end
    while len(at):
        head[at] = True
        at = after[at]
        at, last = at[at < last], last[at < last]
    number = np.empty(len(time), np.int64)
    number[order[turned]] = np.cumsum(head)
    return number


def folded(log: Log, rows: Rows, q: Floats, success: Flags, pairs: int) -> Tested:
    """The test of pairs with appointments in place of days: all co-touches at one are one trial.

    p is 1 where fewer than five appointments hold a success.
    """
    block = appointments(rows.pair, log.time[rows.early])
    tested = test(episodes(rows.pair, block, log.object[rows.early], q, success), pairs)
    tested.p[tested.together < LEAST] = 1.0
    return tested


def _starts(owner: Ints) -> Ints:
    return np.flatnonzero(np.diff(owner, prepend=-1))


def _distinct(owner: Ints, code: Ints, owners: int) -> Ints:
    """How many distinct codes each owner has; codes of two owners never agree. Shape (owners,)."""
    _, first = np.unique(code, return_index=True)
    return np.bincount(owner[first], minlength=owners)
