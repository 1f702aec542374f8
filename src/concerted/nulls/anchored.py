"""Tier A: the object's own crowd, within latency bins, is the null. See docs/methods.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls import candidates
from concerted.nulls.ladder import ANCHORED, Cells, crowd_without, geometry
from concerted.nulls.log import Bins, Flags, Floats, Ints, Log, distinct
from concerted.nulls.rows import Rows, fold, test

PRIOR = 5.0  # pairs the geometry counts for in the file's own rate of a cell
OWN = 10.0  # pairs the file's rate counts for where a group is left out
CANDIDATE_P = 1e-3
ONE_SIDED = 0.5  # share of events by candidate groups beyond which there is no crowd to compare with
MARGIN = 2.0  # over geometry, where it is all there is
CANDIDATE_DAYS = 3


@dataclass(frozen=True)
class Anchored:
    """The chance of each row, the candidate group of each account (-1 for none), the file's own rate by
    latency bins, and the share of the crowd's events that candidate groups make."""

    q: Floats
    group: Ints
    pooled: Floats
    own: float


def chances(
    log: Log,
    crowd: Log,
    part: Flags,
    rows: Rows,
    a: Ints,
    b: Ints,
    window: float,
    horizon: float,
    accounts: int,
    seed: int,
) -> Anchored:
    """q of each co-touch within the horizon: the share of its object's pairs in the same latency bins that
    come within the window, the pair's own candidate group left out.

    `crowd` is the log with the originals; pairs of its events in `part` are counted, those that take part at
    this rung.
    """
    crowd = crowd.seen_by(part)
    prior = geometry(ANCHORED, crowd.clock, window, horizon)
    bins = log.bins(ANCHORED)
    k, l, object = bins[rows.early], bins[rows.late], log.object[rows.early]
    success = rows.gap(log) <= window * 1e6
    group, whole = np.full(accounts, -1), Cells(crowd, ANCHORED, window, horizon, part)
    pooled = whole.pooled(prior, PRIOR)
    within, near = _by_cell(whole, object, k, l)
    q = within / np.maximum(near, 1)
    del whole, within, near  # as large as the crowd, of which others are made below
    for _ in range(2):
        tested = test(fold(log, rows, pooled[k, l], success), len(a))
        alike = (tested.together >= CANDIDATE_DAYS) & (tested.p <= CANDIDATE_P)
        before, group = group, candidates.groups(accounts, a[alike], b[alike], seed=seed)
        if not np.array_equal(group >= 0, before >= 0):
            outside = part & ~_members(crowd, group)
            pooled = Cells(crowd, ANCHORED, window, horizon, outside).pooled(prior, PRIOR)

    own = np.where(group[a] == group[b], group[a], -1)[rows.pair]
    inside = own >= 0
    if inside.any():
        width = len(log.origin)
        view, index = distinct(own[inside] * width + object[inside])
        others = crowd_without(crowd, part, group, view // width, view % width)
        within, near = _by_cell(Cells(others, ANCHORED, window, horizon), index, k[inside], l[inside])
        # two acts on either side of a bin's edge are not nearer to each other for that
        least = np.maximum(pooled[k[inside], l[inside]], window / horizon)
        q[inside] = (within + OWN * least) / (near + OWN)
    acts = part & (crowd.account >= 0)
    share = float(_members(crowd, group)[acts].mean()) if acts.any() else 0.0
    if share > ONE_SIDED:
        q = np.maximum(q, MARGIN * prior.ratio[k, l])
    return Anchored(np.minimum(q, 1.0), group, pooled, share)


def _members(crowd: Log, group: Ints) -> Flags:
    """Which events are those of candidate groups."""
    # the last is for NOBODY
    members: Flags = np.append(group >= 0, False)[crowd.account]
    return members


def _by_cell(cells: Cells, object: Ints, k: Bins, l: Bins) -> tuple[Floats, Floats]:
    key, index = distinct((object * cells.bins + k) * cells.bins + l)
    within, near = cells.count(key // cells.bins**2, key // cells.bins % cells.bins, key % cells.bins)
    return within[index], near[index]
