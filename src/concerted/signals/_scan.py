"""Scan statistic over dates: whether marked accounts crowd into one short window more than others do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.signals._exact import Flags, Floats, Ints, chances, tail
from concerted.signals._matched import Matched, one_in

HOUR = 3600 * 1_000_000
DAY = 24 * HOUR
BLOCK = 90 * DAY
WIDTHS = (HOUR, DAY, 7 * DAY)
LEAST = 3  # accounts in one window that make a batch worth a test
NEIGHBOURS = 10  # others in the same blocks under which a window is not tested


@dataclass(frozen=True)
class Window:
    """The most crowded window: `hits` of `members` dated in its blocks where `expected` were to be expected.

    `start` in microseconds since 1970, `width` in microseconds; `first` and `last` are the dates of the
    earliest and latest of the hits. `p` is paid for over all windows and widths.
    """

    start: int
    width: int
    first: int
    last: int
    hits: int
    members: int
    expected: float
    p: float


def scan(time: Ints, inside: Flags, rng: np.random.Generator, times: int = 999) -> Window | None:
    """The window in which the marked accounts crowd most (Naus 1965; Kulldorff 1997), if one can be tested.

    `time` holds a date per account in microseconds, `inside` marks the accounts asked about, the rest is the
    crowd. Windows of an hour, a day and a week begin at the date of each account; widths finer than the steps
    of the dates are left out. The null model permutes the marks within blocks of 90 days, so that a group
    which is younger than the crowd is no batch. Under it a window's count is hypergeometric (a sum of two
    where it crosses a block's end). p is Monte Carlo over `times` permutations, or, where that is smaller
    than these can show, the smallest window p times all windows there are.
    """
    order = np.argsort(time, kind="stable")
    time, inside = time[order], inside[order]
    blocks = time // BLOCK
    number = np.unique(blocks, return_inverse=True)[1].reshape(-1)
    busy = np.bincount(number, inside) > 0
    near = busy[number] | np.append(busy[1:], False)[number]  # a window may begin one block earlier
    time, inside, blocks = time[near], inside[near], blocks[near]
    if inside.sum() < LEAST:
        return None
    step = DAY if not (time % DAY).any() else HOUR if not (time % HOUR).any() else 1
    widths = tuple(width for width in WIDTHS if width >= step)
    frame = _Frame(time, blocks, widths)
    p, hits, expected, members = frame.windows(inside)
    if not np.isfinite(p).any():
        return None
    best = np.unravel_index(int(np.argmin(p)), p.shape)
    smallest = float(p[best])
    bound = smallest * frame.windows_in_all
    strata = Matched(inside, frame.number, 0)
    drawn = 1.0
    if bound >= 1 / (times + 1):
        drawn = one_in(
            lambda labels: bool(np.min(frame.windows(labels)[0]) <= smallest * (1 + 1e-9)), strata, rng, times
        )
    which, anchor = int(best[0]), int(best[1])
    within = inside & (time >= time[anchor]) & (time < time[anchor] + widths[which])
    dates = time[within]
    return Window(
        start=int(time[anchor]),
        width=widths[which],
        first=int(dates.min()),
        last=int(dates.max()),
        hits=int(hits[best]),
        members=int(members[best]),
        expected=float(expected[best]),
        p=float(bound) if bound < 1 / (times + 1) else drawn,
    )


class _Frame:
    """What does not change when marks are permuted: windows, and how many accounts they and blocks hold."""

    def __init__(self, time: Ints, blocks: Ints, widths: tuple[int, ...]) -> None:
        names, self.number, sizes = np.unique(blocks, return_inverse=True, return_counts=True)
        self.number = self.number.reshape(-1)
        self.sizes = sizes
        self.end = np.cumsum(sizes)
        self.first = np.arange(len(time))
        self.stop = np.stack([np.searchsorted(time, time + width, side="left") for width in widths])
        # a window is cut where its block ends; what lies beyond belongs to the next block
        self.cut = np.minimum(self.stop, self.end[self.number])
        following = np.append(names[1:] == names[:-1] + 1, False)[self.number]
        self.crosses = (self.stop > self.cut) & following
        self.windows_in_all = self.stop.size

    def windows(self, inside: Flags) -> tuple[Floats, Ints, Floats, Ints]:
        """Per width and anchor: p of its count (infinite where not tested), count, expectation, members.

        Only windows that begin at a marked account and hold three are tested: no other is more crowded.
        """
        cumulative = np.concatenate(([0], np.cumsum(inside)))
        marks = np.bincount(self.number, inside, len(self.sizes)).astype(np.int64)
        p = np.full(self.stop.shape, np.inf)
        stop = np.where(self.crosses, self.stop, self.cut)
        hits = cumulative[stop] - cumulative[self.first]
        width, anchor = np.nonzero((hits >= LEAST) & inside)
        block = self.number[anchor]
        other = np.minimum(block + 1, len(self.sizes) - 1)
        cross = self.crosses[width, anchor]
        inner = self.cut[width, anchor] - anchor
        outer = np.where(cross, self.stop[width, anchor] - self.cut[width, anchor], 0)
        drawn, total = marks[block], self.sizes[block]
        drawn2, total2 = np.where(cross, marks[other], 0), np.where(cross, self.sizes[other], 1)
        enough = (total + total2 * cross) - (drawn + drawn2) >= NEIGHBOURS
        count = hits[width, anchor]
        found = np.where(enough, tail(count, inner, drawn, total), np.inf)
        for place in np.flatnonzero(cross & enough & (outer > 0) & (drawn2 > 0)):
            law = np.convolve(
                chances(int(inner[place]), int(drawn[place]), int(total[place])),
                chances(int(outer[place]), int(drawn2[place]), int(total2[place])),
            )
            found[place] = min(1.0, law[int(count[place]) :].sum())
        p[width, anchor] = found
        expected = np.zeros(self.stop.shape)
        expected[width, anchor] = inner * drawn / total + outer * drawn2 / total2
        members = np.zeros(self.stop.shape, np.int64)
        members[width, anchor] = drawn + drawn2
        return p, hits, expected, members
