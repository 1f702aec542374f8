"""Whether accounts were opened together, more than others of the same quarter were."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Flags, Ints

TOGETHER = 7  # days
QUARTER = 90  # days within which accounts are opened like each other, so that a young group is no batch
DRAWS = 9999
ENOUGH = 20  # draws that reach what was seen, after which more would only make a large p exact


def p(opened: Ints, inside: Flags, seed: int) -> float:
    """p that those marked `inside` were opened within a week of each other no more often than others.

    `opened` holds a day per account. Statistic: pairs of marked accounts opened less than a week apart. The
    marks are permuted within quarters of 90 days, until 20 draws reach what was seen (Besag and Clifford
    1991), at most 9,999 times (Phipson and Smyth 2010); 1 where nobody can be permuted.
    """
    if not inside.any():
        return 1.0
    order = np.argsort(opened, kind="stable")
    day, inside = opened[order], inside[order]
    start = np.flatnonzero(np.diff(day // QUARTER, prepend=-1))
    end = np.append(start[1:], len(day))
    marks = np.add.reduceat(inside, start, dtype=np.int64)
    parts = [(day[a:b], int(n)) for a, b, n in zip(start, end, marks, strict=True) if n]
    if all(len(days) == n for days, n in parts):
        return 1.0
    rng = np.random.default_rng([seed, len(opened)])
    seen = _pairs(day[inside])
    reached = 0
    for drawn in range(1, 1 + DRAWS):
        days = np.concatenate([rng.choice(days, n, replace=False) for days, n in parts])
        reached += _pairs(np.sort(days)) >= seen
        if reached == ENOUGH:
            return reached / drawn
    return (1 + reached) / (1 + DRAWS)


def _pairs(day: Ints) -> int:
    """Pairs less than a week apart, of days in ascending order."""
    return int((np.searchsorted(day, day + TOGETHER) - np.arange(len(day)) - 1).sum())
