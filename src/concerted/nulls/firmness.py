"""How firmly members belong to their group: the ties of the group tested again on resamples of objects."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from concerted.nulls import candidates
from concerted.nulls.coding import codes, places
from concerted.nulls.found import Grouped
from concerted.nulls.log import Flags, Floats, Ints
from concerted.nulls.multiplicity import digits
from concerted.nulls.tails import poisson_binomial
from concerted.parallel import in_parallel


class Ties:
    """Tests of ties, each from the co-touches of one pair in one trace, tier and rung.

    `a` and `b` are the accounts of each test, `object` the object of each co-touch. Co-touches are sorted
    once: a resample leaves some out and changes no order.
    """

    def __init__(self, a: Ints, b: Ints, touches: pa.Table) -> None:
        trace, tier, window = (places(touches[column]) for column in ("trace", "tier", "window_s"))
        # what a test is of, as one number; rows may be many millions
        cell = ((trace << 16) + tier << 16) + window
        del trace, tier, window
        block, chance = (_array(touches[column]) for column in ("block", "chance"))
        order = np.lexsort((chance, block, cell, b, a)).astype(np.int32)
        new = np.zeros(len(order), bool)
        for key in (a, b, cell):
            new |= _changes(key[order])
        first = np.flatnonzero(new)
        self.a, self.b = a[order[first]], b[order[first]]
        self._trial = np.flatnonzero(new | _changes(block[order]))
        self.object, chance = places(touches["object"])[order], chance[order]
        self._test = np.searchsorted(first, self._trial, side="right") - 1
        self._hit = np.asarray(_array(touches["success"]), bool)[order]
        with np.errstate(divide="ignore"):
            self._none = np.log1p(-np.minimum(chance, 1.0))

    def p(self, drawn: Flags) -> Floats:
        """p of each test on the co-touches drawn; those of one block are one trial."""
        chance = -np.expm1(np.add.reduceat(np.where(drawn, self._none, 0.0), self._trial))
        hit = np.logical_or.reduceat(self._hit & drawn, self._trial)
        there = np.logical_or.reduceat(drawn, self._trial)
        reached = np.bincount(self._test, hit, len(self.a)).astype(np.int64)
        return poisson_binomial(chance[there], self._test[there], reached)


def stability(
    names: pa.Array, touches: pa.Table, grouped: list[Grouped], seed: int, times: int
) -> list[Floats]:
    """Share of resamples of objects in which each member stays tied to at least half of its group's core.

    Chances of the co-touches are kept and nothing is enumerated again; a tie holds in a resample when its
    p there is no larger than the largest p of a shown tie of the group.
    """
    if not grouped or not times:
        return [np.full(len(one.members), np.nan) for one in grouped]
    a, b = (codes(touches[end], names)[0] for end in ("a", "b"))
    group = np.full(len(names), -1)
    for number, one in enumerate(grouped):
        group[one.members] = number
    inside = (group[a] == group[b]) & (group[a] >= 0)
    ties = Ties(a[inside], b[inside], touches.drop_columns(["a", "b"]).filter(pa.array(inside)))
    group_of, objects = group[ties.a], int(ties.object.max(initial=-1)) + 1
    bar = np.zeros(len(grouped))
    np.maximum.at(bar, group_of, ties.p(np.ones(len(ties.object), bool)))
    # members only: the other accounts may be millions
    every = np.flatnonzero(group >= 0)
    x, y = np.searchsorted(every, ties.a), np.searchsorted(every, ties.b)
    own = [np.searchsorted(every, one.members) for one in grouped]
    kept = [np.zeros(len(one.members)) for one in grouped]
    rng = np.random.default_rng(seed)

    def resample(picked: Ints) -> Ints:
        drawn = np.zeros(objects, bool)
        drawn[picked] = True
        holds = ties.p(drawn[ties.object]) <= bar[group_of]
        return candidates.components(len(every), x[holds], y[holds])

    for part in in_parallel(resample, (rng.integers(0, objects, objects) for _ in range(times))):
        for number, members in enumerate(own):
            mine = part[members]
            tied = mine >= 0
            if tied.any():
                core = np.bincount(mine[tied]).argmax()
                kept[number] += mine == core
    return [digits(one / times, 4) for one in kept]


def _changes(values: Ints) -> Flags:
    """Which values differ from the one before; the first does."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _array(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.combine_chunks())
