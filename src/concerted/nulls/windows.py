"""Which found pairs acted together in which weeks: their co-touches tested again, window by window.

Nothing is enumerated again: the chance of each co-touch is kept with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.nulls import candidates
from concerted.nulls.coding import codes, numbered, places
from concerted.nulls.log import DAY, Flags, Floats, Ints
from concerted.nulls.multiplicity import benjamini_hochberg
from concerted.nulls.rows import episodes, test
from concerted.nulls.samesecond import HOUR

HOURLY = ("same-second", "jitter")  # tiers whose trials are hours, those of all others are days


@dataclass(frozen=True)
class Touched:
    """Co-touches of found pairs, in order of time, and what each pair pays for.

    `a`, `b` and `paid` have one entry per pair; the other arrays one per co-touch: `pair` and `cell` (trace,
    tier and rung) as codes, `object` as a code, `block` its trial, `day` since 1970.
    """

    a: Ints
    b: Ints
    paid: Ints
    pair: Ints
    cell: Ints
    object: Ints
    block: Ints
    day: Ints
    chance: Floats
    hit: Flags

    @cached_property
    def objects(self) -> int:
        """Number of objects."""
        return int(self.object.max(initial=-1)) + 1


def touched(names: pa.Array, touches: pa.Table, ties: pa.Table, standings: pa.Table) -> Touched:
    """The co-touches of the pairs that the whole files found, from the tables of `weigh`."""
    width = max(1, len(names))
    shown = ties.filter(pc.equal(ties["answer"], "found"))
    found = np.unique(codes(shown["a"], names)[0] * width + codes(shown["b"], names)[0])
    key = codes(touches["a"], names)[0] * width + codes(touches["b"], names)[0]
    keep = np.isin(key, found)
    touches, key = touches.filter(pa.array(keep)), key[keep]
    parts = [places(touches[column]) for column in ("trace", "tier", "window_s")]
    cell = (parts[0] * 64 + parts[1]) * 4096 + parts[2]
    del parts  # rows may be many millions
    tier, tiers = numbered(touches["tier"])
    hourly = np.isin(tier, np.flatnonzero(pc.is_in(tiers, pa.array(HOURLY))))
    block = np.asarray(touches["block"].combine_chunks(), np.int64)
    day = np.where(hourly, block * HOUR // DAY, block)
    budget = np.ones(width, np.int64)
    budget[codes(standings["account"], names)[0]] = np.asarray(standings["k"].combine_chunks().fill_null(1))
    a, b = found // width, found % width
    order = np.argsort(day, kind="stable")
    return Touched(
        a,
        b,
        np.maximum(1, np.minimum(budget[a], budget[b])),
        np.searchsorted(found, key)[order],
        np.unique(cell, return_inverse=True)[1].ravel()[order],
        places(touches["object"])[order],
        block[order],
        day[order],
        np.asarray(touches["chance"].combine_chunks())[order],
        np.asarray(touches["success"].combine_chunks(), dtype=bool)[order],
    )


def starts(days: Ints, length: int, step: int) -> Ints:
    """First days of the windows that lie inside the days with data and hold some; in days since 1970.

    They begin at multiples of `step` since 1970, so that files added later move none of them.
    """
    if not len(days):
        return np.zeros(0, np.int64)
    first = np.arange(-(-int(days[0]) // step) * step, int(days[-1]) - length + 2, step)
    return first[np.searchsorted(days, first) < np.searchsorted(days, first + length)]


@dataclass(frozen=True)
class Weekly:
    """Per window the pairs that acted together in it. `bar` is the largest p that counts."""

    starts: Ints
    length: int
    bar: float
    together: list[Ints]


def weekly(touched: Touched, first: Ints, length: int, fdr: float) -> Weekly:
    """Pairs by window at the false discovery rate `fdr` over all found pairs in all windows.

    The pairs were chosen with these windows in view. So the rate holds among pairs that do act together;
    those falsely found add the rate at which they were found (Yekutieli 2008, on hierarchies of tests).
    """
    p = [paired(touched, start, length) for start in first]
    q = benjamini_hochberg(np.concatenate([np.zeros(0), *p]))
    every = np.concatenate([np.zeros(0), *p])
    bar = float(every[q <= fdr].max(initial=-1.0))
    return Weekly(first, length, bar, [np.flatnonzero(one <= bar) for one in p])


def paired(touched: Touched, start: int, length: int, drawn: Flags | None = None) -> Floats:
    """p of each pair in one window, all cells paid for; with `drawn`, on these objects only."""
    low, high = np.searchsorted(touched.day, (start, start + length))
    use = np.arange(low, high)
    if drawn is not None:
        use = use[drawn[touched.object[use]]]
    cells = int(touched.cell.max(initial=-1)) + 1
    key, owner = np.unique(touched.pair[use] * cells + touched.cell[use], return_inverse=True)
    chance = touched.chance[use]
    trials = episodes(owner.ravel(), touched.block[use], chance, chance, touched.hit[use])
    p = np.ones(len(touched.a))
    np.minimum.at(p, key // max(1, cells), test(trials, len(key)).p)
    return np.minimum(1.0, p * touched.paid)


def parts(touched: Touched, pairs: Ints, accounts: int, seed: int) -> Ints:
    """Group of each account in a window, as the whole files are grouped; -1 for those in none."""
    return candidates.cohesive(accounts, touched.a[pairs], touched.b[pairs], seed=seed)
