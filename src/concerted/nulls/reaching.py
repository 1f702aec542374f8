"""How many acts come near each other, counted without enumerating pairs.

Acts that are asked for together are runs of places in a log, and what they reach ascends with them. So those
of one run that reach nothing of another, some of it and all of it follow each other, and sums over them are
differences of running sums.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from concerted.nulls.log import Flags, Ints, Log, Whole, counted_before, parts

KEPT_BITS = 4  # of how many values there are to a sum that is kept, at most

Runs = tuple[Ints, Ints]  # begins and ends of runs of places
Sums = Callable[[Ints], Ints]  # of so many values, from the first on


class Reaching:
    """Which events of a log come near each other, in so many seconds. `part` are the events that are counted,
    else all: places are those among them."""

    def __init__(self, log: Log, seconds: float, part: Flags | None = None) -> None:
        reach, self._back = log.reach(seconds), log.back(seconds)
        if part is not None:
            before = counted_before(part)
            reach, self._back = before[reach[part]], before[self._back[part]]
        self._last = sums(reach)

    def pairs(self, early: Runs, late: Runs) -> Ints:
        """Pairs of an event of each run `early` and a later one of the run `late`, which is the same or comes
        later. Shape of the runs."""
        # events are numbered, and the sum of the first numbers is known
        first = clipped(lambda place: place * (place + 1) // 2, early, late, late)
        return clipped(self._last, early, self.reaching(late), late) - first

    def reached(self, runs: Runs) -> Runs:
        """The first events that nothing before the runs reaches, and nothing before their ends."""
        begin, end = (self.reach(last) for last in _before(runs))
        return begin, end

    def reach(self, event: Whole) -> Ints:
        """The place after the last that each of these events reaches. Shape of the events."""
        return self._last(event + 1) - self._last(event)

    def reaching(self, runs: Runs) -> Runs:
        """The first events that reach as far as the runs begin, and as they end."""
        begin, end = (
            self._back[last].astype(np.int64) if len(self._back) else last for last in _before(runs)
        )
        return begin, end


def sums(values: Whole) -> Sums:
    """Running sums of the values, which are places.

    All sums would be twice as large: from one to the next that is kept, what values add to the first of them
    fits into 32 bits.
    """
    most = max(1, int(values.max(initial=0)))
    bits = min(KEPT_BITS, (np.iinfo(np.int32).max // most).bit_length() - 1)
    run = 1 << bits
    runs = len(values) // run + 1  # of the last, which may be empty, the sum before it is asked for
    first, total = np.zeros(runs, np.int64), np.zeros(runs + 1, np.int64)
    added = np.zeros((runs, run), np.int32)
    for some in parts(runs << bits):
        of = slice(some.start >> bits, min(runs, some.stop >> bits))
        each = np.zeros(added[of].shape, np.int64)
        here = values[some]
        each.ravel()[: len(here)] = here
        first[of], total[1:][of] = each[:, 0], each.sum(1)
        np.cumsum(each[:, :-1] - each[:, :1], axis=1, dtype=np.int32, out=added[of, 1:])
    np.cumsum(total, out=total)
    flat = added.ravel()

    def so_far(place: Ints) -> Ints:
        of = place >> bits
        summed: Ints = first[of]
        summed *= place & (run - 1)
        summed += total[of]
        summed += flat[place]
        return summed

    return so_far


def clipped(sums: Sums, runs: Runs, at: Runs, bounds: Runs) -> Ints:
    """The sum of each run's values, which ascend, raised to the lower of its `bounds` and lowered to the
    upper; `at` says which places are the first whose values come to these."""
    (begin, end), (low, high) = runs, bounds
    some = np.clip(at[0], begin, end)
    whole = np.clip(at[1], some, end)
    summed: Ints = (some - begin) * low + sums(whole) - sums(some) + (end - whole) * high
    return summed


def _before(runs: Runs) -> Runs:
    """The places before each; the first where there is none, which counts for nothing."""
    begin, end = (np.maximum(place - 1, 0) for place in runs)
    return begin, end


def between(edge: Whole, code: Ints) -> Runs:
    """The runs of codes of which each begins at its `edge` and ends at the next."""
    # products of places need more bits than the places
    return edge[code].astype(np.int64), edge[code + 1].astype(np.int64)
