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
        early, late = self._told(rows.early), self._told(rows.late)
        both = np.minimum(early[0], late[0])
        account = self._log.account
        clock = np.maximum(self._clock[account[rows.early]], self._clock[account[rows.late]])
        ticks = (2 * (window // clock) + 1) * clock
        ratio = (2 * (window // np.maximum(both, 1.0)) + 1) * both / ticks
        likely = early[1] * late[1]
        more = (1.0 + likely * (np.maximum(ratio, 1.0) - 1.0)) / margin
        return np.minimum(1.0, q * np.maximum(1.0, more))

    def _told(self, event: Ints) -> tuple[Floats, Floats]:
        """The step of the timetable that each event lies on, and the share drawn; 0 for none."""
        on, step, drawn = self._found
        if not len(on):
            return np.zeros(len(event)), np.zeros(len(event))
        place = np.minimum(np.searchsorted(on, event), len(on) - 1)
        there = on[place] == event
        return np.where(there, step[place], 0.0), np.where(there, drawn[place], 0.0)

    @property
    def _mine(self) -> Ints:
        """The events of the accounts."""
        return np.flatnonzero(np.isin(self._log.account, self._accounts, kind="table"))

    @cached_property
    def _clock(self) -> Floats:
        """The coarsest clock of each account, at least a second; a second for accounts not asked for."""
        mine, coarsest = self._mine, np.ones(int(self._log.account.max(initial=-1)) + 1)
        np.maximum.at(coarsest, self._log.account[mine], self._log.step[mine])
        return coarsest

    @cached_property
    def _found(self) -> tuple[Ints, Floats, Floats]:
        """The events that lie on a timetable, ascending, its step in seconds, and which share of such events
        lies there beyond chance. They are few among all."""
        from scipy.special import bdtrc

        log = self._log
        step = np.zeros(len(log.time), np.int16)
        event = np.random.default_rng([self._seed, 60]).permutation(self._mine)
        # numbered among themselves: the other accounts may be a thousand times as many
        name, who = ranked(log.account[event])
        time, accounts = log.time[event], len(name)
        fine, has, acts = self._clock[name], np.zeros(accounts, bool), np.bincount(who, minlength=accounts)
        level = LEVEL / (len(STEPS) * len(self._accounts))
        for period in STEPS:
            # with so few acts, not even all of them on the step would tell
            able = (period % fine == 0) & (period > fine) & (_share(period, fine) ** acts <= 2 * level)
            asked = able[who] & (~has[who] | (step[event] > 0))
            if not asked.any():
                continue
            at, ticks = np.flatnonzero(asked), period * SECOND
            stretch = who[at] * (int(time.max()) // ticks + 1) + time[at] // ticks
            one = at[np.unique(stretch, return_index=True)[1]]
            early = time % ticks <= _narrow(period) * SECOND
            most = np.bincount(who[one], early[one], accounts)
            size = np.bincount(who[one], minlength=accounts)
            p = bdtrc(np.maximum(most - 1.0, 0.0), np.maximum(size, 1), _share(period, fine))
            kept = (most > 0) & (p <= level)
            on = at[kept[who[at]] & early[at]]
            step[event[on]] = period
            fine[kept], has[kept] = period, True
        on = np.flatnonzero(step)
        of, turn = log.account[on], step[on].astype(np.float64)
        every, on_it = np.bincount(log.account)[of], ranked(of * (STEPS[-1] + 1) + step[on])[1]
        by_chance = _share(turn, self._clock[of]) * every / np.bincount(on_it)[on_it]
        return on, turn, np.maximum(0.0, 1.0 - by_chance)


def _narrow(period: float | Floats) -> Floats:
    """How many seconds of a step may pass before what belongs to its beginning."""
    return np.minimum(period // 20, LATE)


def _share(period: float | Floats, tick: Floats) -> Floats:
    """The share of a step's ticks that lie at its beginning, at most 1."""
    return np.minimum(1.0, (_narrow(period) // tick + 1) * tick / period)
