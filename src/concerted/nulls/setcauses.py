"""Innocent causes of a set's successes. They only ever raise p."""

from __future__ import annotations

import numpy as np

from concerted.nulls import appointment, trigger
from concerted.nulls.daily import t_test
from concerted.nulls.ladder import ANCHORED
from concerted.nulls.log import DAY, Flags, Floats, Ints, Log
from concerted.nulls.rows import Rows
from concerted.nulls.timetable import Timetables

LEADER = "an account that goes first may explain it"
TWO = "two of its members make it: without them the others do not act together more than chance explains"
CLOCK = "members that act by the clock may explain it"
WEEKLY = "they meet at fixed hours of the week"
LIST = "a list that the file does not show may have told them of it, and they were not opened together"


class Set:
    """The co-touches (early[i], late[i]) of a set's members, chances q with `margin` in them, by day or, of
    `older` things, by thing. Times of rungs in seconds."""

    def __init__(
        self,
        log: Log,
        early: Ints,
        late: Ints,
        success: Flags,
        q: Floats,
        margin: float,
        seed: int,
        older: bool = False,
    ) -> None:
        self._log, self._seed, self._margin = log, seed, margin
        self._early, self._late, self._success, self._q = early, late, success, q
        self._day = log.time[early] // DAY
        self._block = log.object[early] if older else self._day

    def p(self, q: Floats, keep: Flags | None = None, block: Ints | None = None) -> float:
        """p of the set with these chances, on part of the rows, over these blocks instead of its own."""
        keep = np.ones(len(q), bool) if keep is None else keep
        block = self._block if block is None else block
        none = np.zeros(int(keep.sum()), np.int64)
        return float(t_test(none, block[keep], self._success[keep], q[keep], 1)[0][0])

    def raised(self, before: float, window: float, horizon: float) -> tuple[float, str]:
        """The largest p that a cause gives, and which; `before` and no cause where none gives more."""
        led = self._led(window, horizon)
        found = [
            (self.p(led), LEADER),
            (self._clocked(window), CLOCK),
            (self._without_two(led), TWO),
            (self._weekly(), WEEKLY),
        ]
        p, because = max(found, key=lambda cause: cause[0])
        return (p, because) if p > before else (before, "")

    def _led(self, window: float, horizon: float) -> Floats:
        hit = self._success
        who = trigger.leaders(self._log, self._early[hit], self._late[hit])
        return trigger.led(
            self._log, self._early, self._late, self._q, who, ANCHORED, window, horizon, self._margin
        )[0]

    def _clocked(self, window: float) -> float:
        return self.p(self._by_clock(window))

    def _by_clock(self, window: float) -> Floats:
        account = self._log.account
        members = np.unique(np.concatenate((account[self._early], account[self._late])))
        rows = Rows(np.zeros(len(self._early), np.int64), self._early, self._late)
        return Timetables(self._log, members, self._seed).raised(rows, self._q, window, self._margin)

    def _without_two(self, q: Floats) -> float:
        """Without the two members who exceed their chances most: two are a pair, and no set."""
        excess = self._success - q
        a, b = self._log.account[self._early], self._log.account[self._late]
        accounts = int(max(a.max(), b.max())) + 1
        each = np.bincount(a, excess, accounts) + np.bincount(b, excess, accounts)
        most = np.argsort(-each, kind="stable")[:2]
        return self.p(q, ~np.isin(a, most) & ~np.isin(b, most))

    def _weekly(self) -> float:
        """By appointments instead of days, where the days' successes recur at the same hours of the week.

        A set has successes at many hours of a day: one of each day is drawn to be asked for its hour.
        """
        hit = np.random.default_rng([self._seed, 61]).permutation(np.flatnonzero(self._success))
        one = hit[np.unique(self._day[hit], return_index=True)[1]]
        drawn = np.zeros(len(self._q), bool)
        drawn[one] = True
        none = np.zeros(len(self._q), np.int64)
        rows = Rows(none, self._early, self._late)
        if not appointment.Weeks(self._log, self._seed).recur(self._log, rows, drawn, 1)[0]:
            return 0.0
        return self.p(self._q, block=appointment.appointments(none, self._log.time[self._early]))
