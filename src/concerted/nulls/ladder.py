"""Latency bins, and how often two times in given bins are close by geometry alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from concerted.nulls.log import (
    NO_ORIGIN,
    NOBODY,
    Bins,
    Flags,
    Floats,
    Ints,
    Log,
    Places,
    Whole,
    even,
    expand,
    parts,
    search,
    summed,
)
from concerted.nulls.reaching import Reaching, between


def doubling(*head: float) -> Floats:
    """Lower edges of latency bins in seconds: the given ones, then doubling up to 115,200."""
    edges = list(head)
    while edges[-1] < 115_200:
        edges.append(edges[-1] * 2)
    return np.array(edges)


ANCHORED = doubling(0, 30)
EXCLUSIVE = doubling(0, 4, 8, 15, 30)


@dataclass(frozen=True)
class Geometry:
    """P(gap <= W) and P(gap <= H) for two times uniform in bins k and l. Both of shape (bins, bins)."""

    within: Floats
    near: Floats

    @property
    def ratio(self) -> Floats:
        """P(gap <= W | gap <= H); 1 where the bins are too far apart to be asked."""
        return np.where(self.near > 0, self.within / np.where(self.near > 0, self.near, 1.0), 1.0)


@cache
def _geometry(edges: tuple[float, ...], clock: float, window: float, horizon: float) -> Geometry:
    ends = [*edges[1:], edges[-1] * 2]
    grids = [
        np.arange(np.ceil(low / clock), np.ceil(high / clock)) * clock
        for low, high in zip(edges, ends, strict=True)
    ]
    within, near = np.zeros((2, len(edges), len(edges)))
    for k, x in enumerate(grids):
        for l, y in enumerate(grids[: k + 1]):
            if not len(x) or not len(y):
                continue
            for table, reach in ((within, window), (near, horizon)):
                count = np.searchsorted(y, x + reach, side="right") - np.searchsorted(
                    y, x - reach, side="left"
                )
                table[k, l] = table[l, k] = count.sum() / (len(x) * len(y))
    return Geometry(within, near)


def geometry(edges: Floats, clock: float, window: float, horizon: float) -> Geometry:
    """The geometry of bins with these lower edges, times floored to the clock (all in seconds)."""
    return _geometry(tuple(edges), max(1.0, clock), window, horizon)


class Cells:
    """Counts of close pairs by object and latency bins: events of a bin are contiguous in time.

    `part` are the events that are counted, else all: latencies are those in the whole log.
    """

    def __init__(
        self, log: Log, edges: Floats, window: float, horizon: float, part: Flags | None = None
    ) -> None:
        self.bins = len(edges)
        part = None if part is None or part.all() else part
        # which bins l are no further from bins k than the horizon
        apart = np.subtract.outer(edges, np.append(edges[1:], np.inf)).T
        self._asked = apart <= horizon
        self.edge = offsets(log, log.bins(edges), self.bins, part)
        self._within, self._near = (Reaching(log, reach, part) for reach in (window, horizon))

    def count(self, object: Ints, k: Ints, l: Ints) -> tuple[Floats, Floats]:
        """Pairs of sharers of each object, one in bin k, the later in bin l: (gap <= W, gap <= H)."""
        rows = object * self.bins + k, object * self.bins + l
        return self._pairs(self._within, *rows), self._pairs(self._near, *rows)

    def _pairs(self, reaching: Reaching, one: Ints, other: Ints) -> Floats:
        """Pairs of an event of each cell and a later one of another that it reaches. Cells may be many."""
        found = np.empty(len(one))
        for some in parts(len(one)):
            found[some] = reaching.pairs(between(self.edge, one[some]), between(self.edge, other[some]))
        return found

    def pooled(self, prior: Geometry, weight: float) -> Floats:
        """P(gap <= W | gap <= H) by cell over all objects, shrunk to the geometry with `weight` pairs.

        An object with d pairs in a cell weighs sqrt(d) there, so that no single object decides. Shape
        (bins, bins), for k <= l; mirrored.
        """
        total = np.zeros((2, self.bins, self.bins))
        some = self.edge[1:] > self.edge[:-1]
        filled = np.flatnonzero(some)
        bin = (filled % self.bins).astype(np.int16)
        for ahead in range(self.bins):
            asked = np.append(np.diagonal(self._asked, ahead), np.zeros(ahead, bool))
            there = np.flatnonzero(asked[bin])
            there = there[some[filled[there] + ahead]]
            one, k = filled[there], bin[there]
            pairs = self._pairs(self._near, one, one + ahead)
            met = np.flatnonzero(pairs)
            one, k, pairs = one[met], k[met], pairs[met]
            hits = self._pairs(self._within, one, one + ahead)
            share = 1.0 / np.sqrt(pairs)
            total[0] += _at(k, k + ahead, hits * share, self.bins)
            total[1] += _at(k, k + ahead, pairs * share, self.bins)
        table: Floats = (total[0] + weight * prior.ratio) / (total[1] + weight)
        mirrored: Floats = np.where(np.triu(np.ones_like(table)) > 0, table, table.T)
        return mirrored


def offsets(log: Log, bin: Bins, bins: int, part: Flags | None = None) -> Places:
    """Events of object o in bin k are those from [o * bins + k] to [o * bins + k + 1], counted among those of
    `part`, else among all. `bin` is the bin of each event. Shape (objects * bins + 1,)."""
    found = np.zeros(len(log.origin) * bins + 1, np.int32)
    for some in parts(len(bin)):
        cell = log.object[some] * bins + bin[some]
        if part is not None:
            cell = cell[part[some]]
        if len(cell):
            # events stand in the order of their cells
            found[cell[0] + 1 : cell[-1] + 2] += np.bincount(cell - cell[0])
    return np.cumsum(found, dtype=np.int32, out=found)


def _at(k: Whole, l: Whole, value: Floats, bins: int) -> Floats:
    return summed(k * bins + l, value, bins * bins).reshape(bins, bins)


def crowd_without(log: Log, part: Flags, group: Ints, wanted_group: Ints, wanted_object: Ints) -> Log:
    """A log with one object per wanted (group, object): its events of `part` without the group's own.

    `group` gives each account's group (-1 for none). Anchors stay those of the whole object.
    """
    view, event = expand(log.start[wanted_object], log.start[wanted_object + 1])
    view, event = view[part[event]], event[part[event]]
    account = log.account[event]
    member = (account >= 0) & (group[np.maximum(account, 0)] == wanted_group[view])
    view, event = view[~member], event[~member]
    return Log(log.account[event], view, log.time[event], even(log.step[event]), log.anchor[wanted_object])


def with_originals(log: Log) -> Log:
    """The log with the original post of each object of known origin as nobody's event."""
    known = np.flatnonzero(log.origin > NO_ORIGIN)
    if not len(known):
        return log
    origin = log.origin[known]
    # the original comes before who acts at the same moment
    at = search(log.time, log.start[known], log.start[known + 1], origin, left=True)
    account, object = np.insert(log.account, at, NOBODY), np.insert(log.object, at, known)
    step = even(np.insert(log.step, at, log.clock))
    return Log(account, object, np.insert(log.time, at, origin), step, log.origin)
