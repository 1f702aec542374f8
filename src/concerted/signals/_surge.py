"""Days on which more accounts were opened than the weeks around make usual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from concerted.nulls.multiplicity import digits
from concerted.signals._exact import Floats, Ints

WIDTHS = (1, 3, 7)
REACH, GUARD = 30, 3  # days before and after that tell the usual rate, but for those next to the window
TRIM = 0.02  # of the windows, the busiest, that do not tell how much ordinary ones scatter


@dataclass(frozen=True)
class Surge:
    """`hits` accounts opened in [start, start + days), days since 1970; low and high are the 95 % interval of
    hits over expected."""

    start: int
    days: int
    hits: int
    expected: float
    low: float
    high: float
    p: float
    q: float


def surges(days: Ints, fdr: float) -> list[Surge]:
    """Windows with more openings than usual, least likely first; of those that overlap only the first.

    The usual rate of a window is the mean of up to 30 days before and after, three days next to it left out.
    Counts are negative binomial: what the rate's own estimate leaves open, and the scatter that other windows
    of this width show (Pearson's statistic without the busiest 2 %), both widen it. q is
    p times all windows of all widths (Bonferroni): windows that overlap one surge would count as many
    discoveries otherwise.
    """
    if not len(days):
        return []
    first = int(days.min())
    count = np.bincount(days - first).astype(np.float64)
    total = np.concatenate(([0.0], np.cumsum(count)))
    found: list[tuple[int, int, float, float, float]] = []
    for width in WIDTHS:
        held, near, reach = _usual(total, width)
        scatter = _scatter(held[::width], (near * width)[::width], reach[::width])
        mean = (near + 0.5) * width / np.maximum(reach, 1)
        size = mean / ((scatter - 1) + mean * scatter / (near + 0.5))
        p = _negative_binomial(held, mean, size)
        tested = np.flatnonzero(reach > 0)
        found += [(int(place), width, float(p[place]), held[place], mean[place]) for place in tested]
    q = digits(np.minimum(1.0, np.array([one[2] for one in found]) * len(found)))
    passed = [
        Surge(
            start + first,
            width,
            int(hits),
            float(mean),
            *_interval(hits, mean),
            float(digits(np.array([p]))[0]),
            own,
        )
        for (start, width, p, hits, mean), own in zip(found, q.tolist(), strict=True)
        if own <= fdr
    ]
    return apart(sorted(passed, key=lambda one: (-_gain(one), one.start, one.days)))


def _gain(one: Surge) -> float:
    """Likelihood ratio of a window against the usual rate (Kulldorff 1997), which favours no width."""
    return one.hits * float(np.log(one.hits / one.expected)) - (one.hits - one.expected)


class _Dated(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def days(self) -> int: ...


D = TypeVar("D", bound=_Dated)


def apart(windows: Iterable[D]) -> list[D]:
    """Windows in the order given without those that overlap an earlier one."""
    kept: list[D] = []
    for one in windows:
        if all(
            one.start + one.days <= other.start or other.start + other.days <= one.start for other in kept
        ):
            kept.append(one)
    return kept


def _usual(total: Floats, width: int) -> tuple[Floats, Floats, Floats]:
    """Per first day: openings in the window, those in the days that tell the rate, and how many days."""
    last = len(total) - 1
    start = np.arange(max(0, last - width + 1))

    def span(low: Ints, high: Ints) -> tuple[Floats, Floats]:
        low, high = np.clip(low, 0, last), np.clip(high, 0, last)
        return total[high] - total[low], (high - low).astype(np.float64)

    held, _ = span(start, start + width)
    before, some = span(start - GUARD - REACH, start - GUARD)
    after, more = span(start + width + GUARD, start + width + GUARD + REACH)
    return held, before + after, some + more


def _scatter(count: Floats, near: Floats, reach: Floats) -> float:
    """Variance over mean of ordinary windows that do not overlap, at least 1."""
    mean = near / np.maximum(reach, 1)
    used = mean > 0
    if not used.any():
        return 1.0
    parts = np.sort((count[used] - mean[used]) ** 2 / mean[used])
    kept = parts[: max(1, int(np.ceil(len(parts) * (1 - TRIM))))]
    return max(1.0, float(kept.mean()))


def _negative_binomial(hits: Floats, mean: Floats, size: Floats) -> Floats:
    """P(X >= hits) of counts with this mean and variance mean + mean² / size."""
    from scipy.special import betainc

    return np.where(hits > 0, betainc(np.maximum(hits, 1), size, mean / (mean + size)), 1.0)


def _interval(hits: float, mean: float) -> tuple[float, float]:
    """95 % interval of a count over its expectation (Garwood 1936)."""
    from scipy.special import gammaincinv

    return float(gammaincinv(hits, 0.025)) / mean, float(gammaincinv(hits + 1, 0.975)) / mean
