"""Accounts that post by a timetable: their times are only as fine as its step."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from concerted.nulls.daily import ranked
from concerted.nulls.log import SECOND, Floats, Ints, Log
from concerted.nulls.rows import Rows

STEPS = (60, 300, 600, 900, 1800, 3600)  # seconds: as cron, schedulers and feed readers offer them
LATE = 15  # seconds that schedulers may be late
LEVEL = 0.05


class Timetables:
    """Which events of these accounts lie on a timetable of their account; looked for once, when asked.

    An account has a timetable of a step where more of its times than chance gives lie at the beginning of
    the step, within a twentieth of it and a quarter of a minute: binomial, Bonferroni over accounts and steps
    at 5 %. Only round times count, since everybody's clock has these. Times on a finer timetable count as
    drawn from it. One time is drawn, by `seed`, of each stretch as long as the step, so that a burst of posts
    counts once.
    """

    def __init__(self, log: Log, accounts: Ints, seed: int) -> None:
        self._log, self._accounts, self._seed = log, accounts, seed

    def raised(self, rows: Rows, q: Floats, window: float, margin: float) -> Floats:
        """q of the rows of which both events lie on timetables, raised as the finer step makes it likelier.

        Within `window` seconds of a time lie 2 window + 1 ticks of the clock. On a timetable, where each tick
        draws the times of a whole step, lie (2 window // step + 1) steps. Of that ratio counts the share of
        events that a timetable drew, beyond those that lie on it by chance, and what exceeds the `margin`
        that q holds already.
        """
        step, drawn = self._found
        both = np.minimum(step[rows.early], step[rows.late])
        clock = np.maximum(self._clock[rows.early], self._clock[rows.late])
        ticks = (2 * (window // clock) + 1) * clock
        ratio = (2 * (window // np.maximum(both, 1.0)) + 1) * both / ticks
        likely = drawn[rows.early] * drawn[rows.late]
        more = (1.0 + likely * (np.maximum(ratio, 1.0) - 1.0)) / margin
        return np.minimum(1.0, q * np.maximum(1.0, more))

    @cached_property
    def _mine(self) -> Ints:
        """The events of the accounts."""
        return np.flatnonzero(np.isin(self._log.account, self._accounts, kind="table"))

    @cached_property
    def _clock(self) -> Floats:
        """The coarsest clock of each event's account, at least a second; a second for other accounts."""
        name, who = ranked(self._log.account[self._mine])
        coarsest, clock = np.ones(len(name)), np.ones(len(self._log.time))
        np.maximum.at(coarsest, who, self._log.step[self._mine])
        clock[self._mine] = coarsest[who]
        return clock

    @cached_property
    def _found(self) -> tuple[Floats, Floats]:
        """The step in seconds of the timetable that each event lies on, 0 for none; and which share of such
        events lies there beyond chance."""
        from scipy.special import bdtrc

        log = self._log
        step = np.zeros(len(log.time))
        event = np.random.default_rng([self._seed, 60]).permutation(self._mine)
        # numbered among themselves: the other accounts may be a thousand times as many
        name, who = ranked(log.account[event])
        time, accounts = log.time[event], len(name)
        fine, has = np.ones(accounts), np.zeros(accounts, bool)
        fine[who] = self._clock[event]
        for period in STEPS:
            asked = (~has[who] | (step[event] > 0)) & (period % fine[who] == 0) & (period > fine[who])
            if not asked.any():
                continue
            at, turn = np.flatnonzero(asked), period * SECOND
            stretch = who[at] * (int(time.max()) // turn + 1) + time[at] // turn
            one = at[np.unique(stretch, return_index=True)[1]]
            early = time % turn <= _narrow(period) * SECOND
            most = np.bincount(who[one], early[one], accounts)
            size = np.bincount(who[one], minlength=accounts)
            p = bdtrc(np.maximum(most - 1.0, 0.0), np.maximum(size, 1), _share(period, fine))
            kept = (most > 0) & (p <= LEVEL / (len(STEPS) * len(self._accounts)))
            on = at[kept[who[at]] & early[at]]
            step[event[on]] = period
            fine[kept], has[kept] = period, True
        beyond, on = np.zeros(len(step)), np.flatnonzero(step)
        key = log.account[on] * (STEPS[-1] + 1) + step[on].astype(np.int64)
        every, on_it = np.bincount(log.account)[log.account[on]], ranked(key)[1]
        by_chance = _share(step[on], self._clock[on]) * every / np.bincount(on_it)[on_it]
        beyond[on] = np.maximum(0.0, 1.0 - by_chance)
        return step, beyond


def _narrow(period: float | Floats) -> Floats:
    """How many seconds of a step may pass before what belongs to its beginning."""
    return np.minimum(period // 20, LATE)


def _share(period: float | Floats, tick: Floats) -> Floats:
    """The share of a step's ticks that lie at its beginning, at most 1."""
    return np.minimum(1.0, (_narrow(period) // tick + 1) * tick / period)
