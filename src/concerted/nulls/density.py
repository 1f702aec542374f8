"""How crowded a moment may be before its slots are left out, and how many partners each account has.

Both look only at the crowd, never at a pair, so the tests stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls import coactions
from concerted.nulls.log import Flags, Ints, Log, counted_before

FREE = 50_000_000  # pairs a rung may yield before any slot is left out
PER_EVENT = 10  # pairs an event that a crowded rung may keep
LEAST = 50  # a slot with so few others is never left out


@dataclass(frozen=True)
class Crowd:
    """How crowded the moments of a log are at a rung.

    `others` are the numbers of others within the window, sorted, and `events` how many events have each.
    `coarse` are the events whose clock is coarser than the window, `finest` is the finest clock in seconds.
    """

    others: Ints
    events: Ints
    coarse: int
    finest: float

    @property
    def total(self) -> int:
        """All events."""
        return int(self.events.sum()) + self.coarse

    @property
    def limit(self) -> int:
        """Most others that a slot may have; 0 where none is needed.

        The largest number that leaves at most `PER_EVENT` pairs an event, never under `LEAST`.
        """
        ends = self.others * self.events
        if ends.sum() <= 2 * FREE:
            return 0
        # all slots of a burst have as many others: where they do not all fit, none of them does
        kept = int(np.searchsorted(np.cumsum(ends), 2 * PER_EVENT * self.events.sum(), side="right"))
        return max(LEAST, int(self.others[:kept].max(initial=0)))

    def left_out(self, most: int) -> float:
        """The share of events that a limit leaves out."""
        return float(self.events[self.others > most].sum()) / max(1, self.total)


def crowd(log: Log, window: float) -> Crowd:
    """How crowded the moments of a log are within `window` seconds."""
    fits = log.step <= window
    coarse = int((~fits).sum())
    finest = float(log.step.min(initial=np.inf))
    if coarse:
        log = log.keep(fits)
    counts = np.bincount(log.reach(window) - log.back(window) - 1)
    others = np.flatnonzero(counts)
    return Crowd(others, counts[others], coarse, finest)


def limit(log: Log, window: float) -> int:
    """Most other events on an object within `window` seconds that a slot may have; 0 where none is needed."""
    return crowd(log, window).limit


def taking_part(log: Log, window: float, most: int) -> Flags:
    """Events that take part at a rung: clock no coarser than the window, at most `most` others (0: any
    number) on their object within it. Shape (n,).

    Original posts are not counted among the others, so that a log with them and one without leave out the
    same acts: a row left out of its own crowd would have no chance at all.
    """
    fits: Flags = log.step <= window
    if most:
        acts = log.account >= 0
        before = counted_before(acts)
        fits &= before[log.reach(window)] - before[log.back(window)] - acts <= most
    return fits


@dataclass(frozen=True)
class Partners:
    """Per account the number of others it co-touches at least twice within a horizon, and the number of
    such pairs. Not `exact`: an upper bound, where counting would be too dear."""

    each: Ints
    pairs: int
    exact: bool


def partners(log: Log, horizon: float, accounts: int, part: Flags) -> Partners:
    """The family of tests of each account at a horizon in seconds: known from what, not from when. `part`
    are the events that take part."""
    before = counted_before(part)
    touches = (before[log.reach(horizon)] - before[log.back(horizon)])[part] - 1
    if touches.sum() <= 2 * FREE:
        found = coactions.count(log, horizon, accounts, part)
        each = np.bincount(found.a, minlength=accounts) + np.bincount(found.b, minlength=accounts)
        return Partners(each, len(found.a), True)
    who = log.account[part]
    each = np.bincount(who, touches, accounts).astype(np.int64) // 2
    active = int((np.bincount(who, minlength=accounts) > 0).sum())
    each = np.minimum(each, active - 1)
    return Partners(each, int(each.sum() // 2), False)
