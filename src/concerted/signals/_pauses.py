"""Days on which a whole group is quiet while the others of the file are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from concerted.signals._exact import Flags, Floats, Ints

Counts = NDArray[np.int32]  # half as wide as they come, for there are many

HOURS, WEEK = 24, 7
QUIET = 0.1  # of the usual number of active members, at which a day is quiet
BUSY = 0.5  # of the usual number of active others, from which a day is an ordinary one for them
STOP_DAYS = 10  # quiet runs longer than this are stops, not pauses
ACTIVE = 5  # usual number of active members a day under which quiet days are nothing special
WEEKS = 6  # the group has to be there
SHIFTS = 499


@dataclass(frozen=True)
class Pauses:
    """`quiet` days of `days` shared by the group, `expected` of them if every member paused for itself, p of
    at least so many, and the days counted as longer stops. `others` is whether a crowd was there to tell
    shared pauses from holes in the files."""

    quiet: int
    days: int
    expected: float
    p: float
    stops: int
    others: bool


def own_days(hour: Ints, begin: int) -> Ints:
    """The day of each post, in days that begin at this hour; `hour` counts hours from any fixed moment on."""
    return np.asarray((hour - begin) // HOURS, np.int64)


def beginning(hour: Ints) -> int:
    """The middle of the emptiest eight hours of those who posted at these hours.

    So a day is a day wherever the members are, and where that is goes nowhere.
    """
    counts = np.bincount(hour % HOURS, minlength=HOURS)
    around = np.convolve(np.concatenate([counts, counts[:7]]), np.ones(8), "valid")
    return int(np.argmin(around)) + 4


class Crowd:
    """The accounts that a group is compared with: how many of them post, day by day.

    `account` and `hour` have one entry a post, in order of account and time.
    """

    def __init__(self, account: Ints, hour: Ints) -> None:
        self._account, self._hour = account, hour
        self.first = int(hour.min()) if len(hour) else None
        self._daily: dict[int, tuple[int, Ints]] = {}

    def active(self, begin: int, low: int, days: int) -> Ints:
        """Accounts active on each of so many days from `low` on, for days that begin at hour `begin`."""
        if self.first is None:
            return np.zeros(days, np.int64)
        if begin not in self._daily:
            day = own_days(self._hour, begin)
            new = (np.diff(self._account, prepend=-1) != 0) | (np.diff(day, prepend=0) != 0)
            first = int(own_days(np.array([self.first]), begin)[0])
            self._daily[begin] = first, np.bincount(day[new] - first)
        first, daily = self._daily[begin]
        found = np.zeros(days, np.int64)
        start, end = max(low, first), min(low + days, first + len(daily))
        if start < end:
            found[start - low : end - low] = daily[start - first : end - first]
        return found


def shared_pauses(account: Ints, hour: Ints, crowd: Crowd, rng: np.random.Generator) -> Pauses | None:
    """Quiet days of the group; None where it is too short or too little active to have any.

    `account` and `hour` have one entry a post of the accounts asked about. The null moves each member's days
    by a random number of whole weeks, round the group's time: weekdays and a member's own pauses are kept,
    what goes is that they fall on the same days.
    """
    begin = beginning(hour)
    days = own_days(hour, begin)
    start = own_days(np.array([hour.min() if crowd.first is None else min(hour.min(), crowd.first)]), begin)[
        0
    ]
    low, high = (int(one) for one in np.quantile(days - start, (0.05, 0.95)))
    weeks = (high - low + 1) // WEEK
    if weeks < WEEKS:
        return None
    days -= start + low
    there = (days >= 0) & (days < weeks * WEEK)
    grid = _active(account[there], days[there], weeks * WEEK)
    daily = grid.sum(axis=0)
    usual = float(np.median(daily))
    if usual < ACTIVE:
        return None
    active = crowd.active(begin, int(start) + low, weeks * WEEK)
    ordinary = float(np.median(active))
    others = ordinary >= ACTIVE
    busy = active >= BUSY * ordinary if others else np.ones(len(active), bool)
    quiet, stops = _counted(daily <= QUIET * usual, busy)
    drawn = np.array([_counted(_moved(grid, rng) <= QUIET * usual, busy)[0] for _ in range(SHIFTS)])
    p = (1 + int((drawn >= quiet).sum())) / (1 + SHIFTS)
    return Pauses(quiet, weeks * WEEK, float(drawn.mean()), p, stops, others)


def _active(account: Ints, day: Ints, days: int) -> Flags:
    """Accounts by days: who posted when."""
    names, place = np.unique(account, return_inverse=True)
    grid = np.zeros((len(names), days), bool)
    grid[place, day] = True
    return grid


def _moved(grid: Flags, rng: np.random.Generator) -> Ints:
    days = grid.shape[1]
    by = WEEK * rng.integers(0, days // WEEK, len(grid))
    return np.asarray(grid[np.arange(len(grid))[:, None], (np.arange(days) - by[:, None]) % days].sum(axis=0))


def _counted(quiet: Flags, busy: Flags) -> tuple[int, int]:
    """Quiet days in short runs on which the others are busy, and quiet days in long runs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    short = quiet.copy()
    stops = 0
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > STOP_DAYS:
            short[start:end] = False
            stops += int(end - start)
    return int((short & busy).sum()), stops


def block(hour: Ints) -> Floats:
    """Largest share of posts in nine hours of five days in a row, wherever it is largest; all alike: 0.27.

    `hour` holds equally many posts of each account, shape (accounts, posts); one share an account.
    """
    days = _counts(hour, HOURS * WEEK).reshape(-1, WEEK, HOURS)
    nine = _spans(np.concatenate([days, np.roll(days, -1, axis=1)[:, :, :8]], axis=2), 9)
    five = _spans(np.concatenate([nine, nine[:, :4]], axis=1).swapaxes(1, 2), 5)
    return np.asarray(five.max(axis=(1, 2)) / max(hour.shape[1], 1))


def rest(hour: Ints) -> Floats:
    """Smallest share of posts in any eight hours of the day; all hours alike: 0.33. Shapes as in `block`."""
    counts = _counts(hour, HOURS)
    return np.asarray(_spans(np.concatenate([counts, counts[:, :7]], axis=1), 8).min(axis=1) / hour.shape[1])


def _counts(hour: Ints, length: int) -> Counts:
    """Posts per hour of a day or week of so many: (accounts, length)."""
    of = np.arange(len(hour))[:, None] * length + hour % length
    return np.bincount(of.ravel(), minlength=len(hour) * length).astype(np.int32).reshape(-1, length)


def _spans(values: Counts, length: int) -> Counts:
    """Sums of so many values in a row, along the last axis, from sums of half as many."""
    if length == 1:
        return values
    half = length // 2
    part = _spans(values, half)
    total = part[..., :-half] + part[..., half:]
    return total if length == 2 * half else total[..., :-1] + values[..., 2 * half :]


def evenness(hour: Ints) -> float | None:
    """Variance over mean of posts per full week (Fano 1947), about 1 by chance; None under six weeks or three
    posts a week."""
    week = (hour - hour.min()) // (HOURS * WEEK)
    full = np.bincount(week)[1:-1]
    if len(full) < WEEKS or full.mean() < 3:
        return None
    return float(full.var(ddof=1) / full.mean())
