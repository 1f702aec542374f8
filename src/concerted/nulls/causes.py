"""Innocent causes of a pair's successes, asked one after the other. They only ever raise p."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from concerted.nulls import appointment, trigger
from concerted.nulls.forerunner import forerunner
from concerted.nulls.log import DAY, Flags, Floats, Ints, Log
from concerted.nulls.rows import APPOINTMENT, BY_CLOCK, FOLLOWS, TRIGGER, Rows, Tested, fold, test
from concerted.nulls.timetable import Timetables

CHECK = 1e-2  # pairs whose p is at most this are asked


@dataclass(frozen=True)
class Rung:
    """What every tier of one rung needs. Times in seconds; `unit` is the length of an episode in
    microseconds."""

    log: Log
    window: int
    horizon: int
    rows: Rows
    success: Flags
    half: Flags | None
    unit: int = DAY

    def test(self, q: Floats, pairs: int) -> Tested:
        """P(as many successful episodes by chance) for each pair, from the chance of each row."""
        return test(fold(self.log, self.rows, q, self.success, self.unit), pairs, self.half, self.unit)

    def keep(self, mask: Flags) -> Rung:
        """The rung without the other rows."""
        rows, success = self.rows.keep(mask), self.success[mask]
        return Rung(self.log, self.window, self.horizon, rows, success, self.half, self.unit)


class Causes:
    """Raises the p of one cell's pairs (a[i], b[i]) in `result`, and in `q` the chances of their rows."""

    def __init__(self, rung: Rung, q: Floats, result: Tested, a: Ints, b: Ints) -> None:
        self.result, self.q = result, q.copy()
        suspect = result.p <= CHECK
        self._suspect = np.flatnonzero(suspect)
        self._a, self._b = a[suspect], b[suspect]
        self._place = np.flatnonzero(suspect[rung.rows.pair])
        # within, pairs go by their place among the suspects
        rows = rung.rows.keep(self._place)
        rows = Rows((np.cumsum(suspect) - 1)[rows.pair], rows.early, rows.late)
        self._rung = replace(rung, rows=rows, success=rung.success[self._place])
        self._before = q[self._place]

    def third(self, edges: Floats, floor: float) -> None:
        """One other account acts before nearly all of a pair's successes."""
        rung, pairs = self._rung, len(self._a)
        someone = trigger.third(rung.log, rung.rows, rung.success, pairs)
        caught = np.isin(rung.rows.pair, np.flatnonzero(someone >= 0))
        rows, q = rung.rows.keep(caught), self._before[caught]
        worse = trigger.raised(rung.log, rows, q, someone, edges, rung.window, rung.horizon, floor)
        self._again(caught, worse, np.full(pairs, TRIGGER), someone)

    def leaders(self, edges: Floats) -> None:
        """Accounts that act before others lead the pair, or are one of it."""
        rung, pairs = self._rung, len(self._a)
        rows = rung.rows
        who = trigger.leaders(rung.log, rows.early[rung.success], rows.late[rung.success])
        if not len(who):
            return
        worse, lead = trigger.led(
            rung.log, rows.early, rows.late, self._before, who, edges, rung.window, rung.horizon
        )
        someone = np.full(pairs, -1)
        someone[rows.pair[lead >= 0]] = lead[lead >= 0]
        cause = np.where((someone == self._a) | (someone == self._b), FOLLOWS, TRIGGER)
        self._again(np.ones(len(rows.pair), bool), worse, cause, someone)

    def forerunner(self, edges: Floats) -> None:
        """One other account goes before both, in the order of the three."""
        rung, pairs = self._rung, len(self._a)
        someone = forerunner(rung.log, rung.rows, rung.success, pairs)
        caught = np.isin(rung.rows.pair, np.flatnonzero(someone >= 0))
        rows, q = rung.rows.keep(caught), self._before[caught]
        worse = trigger.raised(rung.log, rows, q, someone, edges, rung.window, rung.horizon, 0.0)
        self._again(caught, worse, np.full(pairs, TRIGGER), someone)

    def first(self) -> None:
        """One of the two goes first more often than a coin gives."""
        rung, pairs = self._rung, len(self._a)
        first = trigger.leads(rung.log, rung.rows, rung.success, self._a, self._b)
        led = np.isin(rung.rows.pair, np.flatnonzero(first.who >= 0))
        rows = rung.rows.keep(led)
        follows = rung.log.account[rows.early] == first.who[rows.pair]
        worse = np.where(follows, 1.0, self._before[led])
        self._again(led, worse, np.full(pairs, FOLLOWS), first.who, never=first.always)

    def by_clock(self, timetables: Timetables, margin: float = 1.0) -> None:
        """Both post by a timetable; `margin` is that which the chances hold already."""
        rung, pairs = self._rung, len(self._a)
        if len(self._suspect):
            worse = timetables.raised(rung.rows, self._before, rung.window, margin)
            mine = np.isin(rung.rows.pair, rung.rows.pair[worse > self._before])
            self._again(mine, worse[mine], np.full(pairs, BY_CLOCK), np.full(pairs, -1))

    def appointments(self, weeks: appointment.Weeks) -> None:
        """They meet at the same hours of the week more than chance gives."""
        rung, pairs = self._rung, len(self._a)
        recur = weeks.recur(rung.log, rung.rows, rung.success, pairs)
        if not recur.any():
            return
        mine = rung.keep(recur[rung.rows.pair])
        q = self._before[recur[rung.rows.pair]]
        other = appointment.folded(mine.log, mine.rows, q, mine.success, pairs)
        # the days of one appointment are not halved, so neither half says more than the whole
        other.p_odd = np.maximum(self.result.p_odd[self._suspect], other.p)
        other.p_even = np.maximum(self.result.p_even[self._suspect], other.p)
        self._raise(other, np.flatnonzero(recur), np.full(pairs, APPOINTMENT), np.full(pairs, -1))

    def _again(
        self, mask: Flags, worse: Floats, cause: Ints, leader: Ints, never: Flags | None = None
    ) -> None:
        """Tests the pairs of these rows with larger chances, and takes over what is larger; pairs of `never`
        get p = 1."""
        rung = self._rung.keep(mask)
        other = rung.test(worse, len(self._a))
        if never is not None:
            other.p[never] = other.p_odd[never] = other.p_even[never] = 1.0
        asked = np.bincount(rung.rows.pair, minlength=len(self._a)) > 0
        up = self._raise(other, np.flatnonzero(asked), cause, leader)
        mine = np.isin(rung.rows.pair, up)
        self.q[self._place[mask][mine]] = worse[mine]

    def _raise(self, other: Tested, pairs: Ints, cause: Ints, leader: Ints) -> Ints:
        """Takes over the test of the given pairs where it gives a larger p; returns those pairs."""
        up = pairs[other.p[pairs] > self.result.p[self._suspect[pairs]]]
        at = self._suspect[up]
        for field in ("expected", "p", "p_odd", "p_even"):
            getattr(self.result, field)[at] = getattr(other, field)[up]
        self.result.because[at] = cause[up]
        self.result.leader[at] = leader[up]
        return up
