"""Successes against expectation, day by day: a t test that lets the rows of a day depend on each other."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Flags, Floats, Ints

DAYS = 6  # UTC days with rows that a test needs
SPARSE = 4  # codes per row up to which counting them is cheaper than sorting


def ranked(key: Ints) -> tuple[Ints, Ints]:
    """The distinct values, ascending, and the place of each among them: shapes (distinct,) and (rows,)."""
    if not len(key):
        return key, key
    low = int(key.min())
    span = int(key.max()) - low + 1
    if span > SPARSE * len(key):
        value, place = np.unique(key, return_inverse=True)
        return value, place.ravel()
    there = np.zeros(span, bool)
    there[key - low] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[key - low]


def t_test(owner: Ints, day: Ints, success: Flags, q: Floats, owners: int) -> tuple[Floats, Ints]:
    """One-sided p of each owner's successes exceeding their chances, and its days. Shapes (owners,).

    `owner`, `day`, `success` and `q` have one entry a row. Per owner and day the excess is successes minus
    chances; Student's t over days (Student 1908). p is 1 under 6 days and where the mean is not positive.
    """
    from scipy.special import stdtr

    p = np.ones(owners)
    if not len(owner):
        return p, np.zeros(owners, np.int64)
    first = int(day.min())
    span = int(day.max()) - first + 1
    key, at = ranked(owner * span + (day - first))
    whose = key // span
    excess = np.bincount(at, success.astype(float) - q)
    days = np.bincount(whose, minlength=owners)
    n = np.maximum(days, 2)
    mean = np.bincount(whose, excess, owners) / n
    spread = np.sqrt(np.bincount(whose, (excess - mean[whose]) ** 2, owners) / (n - 1))
    # days that happen to be alike must not look surer than independent rows could make them
    spread = np.maximum(spread, np.sqrt(np.bincount(owner, q * (1 - q), owners) / n))
    told = (days >= DAYS) & (mean > 0) & (spread > 0)
    p[told] = stdtr(n[told] - 1, -mean[told] / (spread[told] / np.sqrt(n[told])))
    return p, days.astype(np.int64)
