"""How crowded a moment may be before its slots are left out, and how many partners each account has.

Both look only at the crowd, never at a pair, so the tests stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls.log import Flags, Ints, Log, blocks, expand

FREE = 50_000_000  # pairs a rung may yield before any slot is left out
PER_EVENT = 10  # pairs an event that a crowded rung may keep
LEAST = 50  # a slot with so few others is never left out
CHUNK = 10_000_000


def limit(log: Log, window: float) -> int:
    """Most other events on an object within `window` seconds that a slot may have; 0 where none is needed.

    The largest number that leaves at most `PER_EVENT` pairs an event, never under `LEAST`.
    """
    fits = log.step <= window
    if not fits.all():
        log = log.keep(fits)
    others = log.reach(window) - log.back(window) - 1
    if others.sum() <= 2 * FREE:
        return 0
    others.sort()
    kept = int(np.searchsorted(np.cumsum(others), 2 * PER_EVENT * len(others), side="right"))
    # all slots of a burst have as many others: where they do not all fit, none of them does
    left = others if kept == len(others) else others[others < others[kept]]
    return max(LEAST, int(left.max(initial=0)))


def taking_part(log: Log, window: float, most: int) -> Flags:
    """Events that take part at a rung: clock no coarser than the window, at most `most` others (0: any
    number) on their object within it. Shape (n,).

    Original posts are not counted among the others, so that a log with them and one without leave out the
    same acts: a row left out of its own crowd would have no chance at all.
    """
    fits: Flags = log.step <= window
    if most:
        acts = log.account >= 0
        before = np.concatenate(([0], np.cumsum(acts)))
        fits &= before[log.reach(window)] - before[log.back(window)] - acts <= most
    return fits


@dataclass(frozen=True)
class Counted:
    """Pairs of accounts by code (a < b), how many objects bring them together, and the events that do so
    first and last in time."""

    a: Ints
    b: Ints
    together: Ints
    first: Ints
    last: Ints


def count(log: Log, window: float, accounts: int, least: int = 2) -> Counted:
    """Pairs that touch at least `least` distinct objects within `window` seconds of each other.

    `first` and `last` are the earliest and latest times (microseconds) of a co-action's earlier event.
    """
    reach = log.reach(window)
    index = np.arange(len(reach))
    merged: list[tuple[Ints, Ints, Ints, Ints]] = []
    for low, high in blocks(reach - index - 1, CHUNK):
        early, late = expand(index[low:high] + 1, reach[low:high])
        early += low
        x, y = log.account[early], log.account[late]
        key = np.minimum(x, y) * accounts + np.maximum(x, y)
        time = log.time[early]
        merged.append(_fold(key, np.ones(len(key), np.int64), time, time))
        if sum(len(part[0]) for part in merged) > 4 * CHUNK:
            merged = [_merge(merged)]
    key, together, first, last = _merge(merged)
    keep = together >= least
    key = key[keep]
    return Counted(key // accounts, key % accounts, together[keep], first[keep], last[keep])


def _merge(parts: list[tuple[Ints, Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints, Ints]:
    if not parts:
        none = np.zeros(0, np.int64)
        return none, none, none, none
    if len(parts) == 1:
        return parts[0]
    return _fold(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _fold(key: Ints, together: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    order = np.argsort(key, kind="stable")
    key = key[order]
    start = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else order
    if not len(key):
        return key, together, first, last
    return (
        key[start],
        np.add.reduceat(together[order], start),
        np.minimum.reduceat(first[order], start),
        np.maximum.reduceat(last[order], start),
    )


@dataclass(frozen=True)
class Partners:
    """Per account the number of others it co-touches at least twice within a horizon, and the number of
    such pairs. Not `exact`: an upper bound, where counting would be too dear."""

    each: Ints
    pairs: int
    exact: bool


def partners(log: Log, horizon: float, accounts: int) -> Partners:
    """The family of tests of each account at a horizon in seconds: known from what, not from when."""
    reach, back = log.reach(horizon), log.back(horizon)
    touches = reach - back - 1
    if touches.sum() <= 2 * FREE:
        found = count(log, horizon, accounts)
        each = np.bincount(found.a, minlength=accounts) + np.bincount(found.b, minlength=accounts)
        return Partners(each, len(found.a), True)
    each = np.bincount(log.account, touches, accounts).astype(np.int64) // 2
    active = int((np.bincount(log.account, minlength=accounts) > 0).sum())
    each = np.minimum(each, active - 1)
    return Partners(each, int(each.sum() // 2), False)
