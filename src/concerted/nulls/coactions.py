"""Which accounts act on the same objects within a window, and on how many: the sweep behind every pair.

Rows are sorted by object and time, so whoever acts within the window of a row follows it directly: at lag 1,
2, ... until the next is too late. That costs a few steps per pair, however heavy an object is. What is swept
is split by account, so that no more than a part of it has to be sorted, or even held, at once.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from concerted.nulls.log import Floats, Ints, Log, blocks, expand

ROOM = 1 << 30  # bytes of pairs held in memory before they are kept on disk instead
PART = 1 << 22  # pairs sorted at once
MOST_PARTS = 1 << 12
CHUNK = 1 << 20  # pairs swept at once
FEW = 1 << 10  # rows for which a step of the sweep costs more than listing what is left

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Counted:
    """Pairs of accounts by code (a < b), sorted, and how many objects bring them together."""

    a: Ints
    b: Ints
    together: Ints


def count(log: Log, window: float, accounts: int, least: int = 2, room: int = 0) -> Counted:
    """Pairs that touch at least `least` distinct objects within `window` seconds of each other.

    `accounts` is the number of accounts there are codes for, `room` the bytes of pairs that memory may hold
    (0: as many as usual).
    """
    reach = log.reach(window)
    following = reach - np.arange(1, len(reach) + 1)
    weight = np.bincount(log.account, following, accounts)
    with Tally(accounts, int(following.sum()), weight, room) as tally:
        swept = in_parallel(
            lambda block: tally.split(sweep(log.account, reach, *block, accounts)), blocks(following, CHUNK)
        )
        for pieces in swept:
            tally.add(pieces)
        return tally.counted(least)


class Tally:
    """Counts how often each of `total` keys comes, given in pieces; to be entered, and left when done.

    Keys are `a * accounts + b`. Accounts are split, in order, into parts of about as many keys, as far as
    `weight` tells how many each has, so that a part can be sorted by itself.
    """

    def __init__(self, accounts: int, total: int, weight: Floats | Ints, room: int = 0) -> None:
        room = room or ROOM
        self._accounts, self._spill = accounts, total * 8 > room
        self._parts = max(1, min(MOST_PARTS, -(-total // max(1, min(PART, room // 32)))))
        share = np.cumsum(weight + 1.0)
        self._part = (share * (self._parts / (share[-1:].sum() + 1.0))).astype(np.uint16)
        self._pieces: dict[int, list[Ints]] = {}
        self._open = ExitStack()
        self._folder = Path()

    def __enter__(self) -> Tally:
        if self._spill:
            folder = tempfile.TemporaryDirectory(prefix="concerted-")
            self._folder = Path(self._open.enter_context(folder))
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def split(self, keys: Ints) -> list[tuple[int, Ints]]:
        """The keys by their part."""
        if self._parts == 1:
            return [(0, keys)]
        part = self._part[keys // self._accounts]
        order = np.argsort(part, kind="stable")
        size = np.bincount(part)
        ends = np.cumsum(size)
        return [(n, keys[order[ends[n] - size[n] : ends[n]]]) for n in np.flatnonzero(size).tolist()]

    def add(self, pieces: Iterable[tuple[int, Ints]]) -> None:
        """Take keys that were split."""
        for part, keys in pieces:
            if self._spill:
                with (self._folder / str(part)).open("ab") as file:
                    keys.tofile(file)
            else:
                self._pieces.setdefault(part, []).append(keys)

    def counted(self, least: int) -> Counted:
        """The pairs that came at least so often."""
        folded = list(in_parallel(lambda part: _fold(self._take(part), least), range(self._parts)))
        key, together = (np.concatenate(column) for column in zip(*folded, strict=True))
        return Counted(key // self._accounts, key % self._accounts, together)

    def _take(self, part: int) -> Ints:
        path = self._folder / str(part)
        if self._spill and path.exists():
            return np.fromfile(path, np.int64)
        pieces = self._pieces.pop(part, [])
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def sweep(account: Ints, reach: Ints, low: int, high: int, accounts: int) -> Ints:
    """Keys of the pairs of rows low : high with those that follow them within reach."""
    row, end = np.arange(low, high), reach[low:high]
    found, lag = [], 1
    while True:
        near = end > row + lag
        row, end = row[near], end[near]
        if len(row) < FEW:
            break
        found.append(_key(account[row], account[row + lag], accounts))
        lag += 1
    owner, other = expand(row + lag, end)
    found.append(_key(account[row[owner]], account[other], accounts))
    return np.concatenate(found)


def _key(x: Ints, y: Ints, accounts: int) -> Ints:
    key: Ints = np.minimum(x, y) * accounts + np.maximum(x, y)
    return key


def _fold(keys: Ints, least: int) -> tuple[Ints, Ints]:
    """Each key that comes at least so often, and how often."""
    keys.sort()
    start = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    times = np.diff(start, append=len(keys))
    often = times >= least
    return keys[start[often]], times[often]


def in_parallel(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Results in the order of the tasks, on all processors; few of them wait to be taken."""
    threads = os.cpu_count() or 1
    left = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, task) for task in islice(left, threads + 1)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(work, task) for task in islice(left, 1)]
