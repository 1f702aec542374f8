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
from typing import IO, TypeVar

import numpy as np

from concerted.nulls.log import Floats, Ints, Log, blocks, expand

ROOM = 1 << 30  # bytes of pairs held in memory before they are kept on disk instead
PART = 1 << 18  # pairs sorted at once, as many as caches hold
MOST_PARTS = 256
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


def count(log: Log, window: float, accounts: int, room: int = 0) -> Counted:
    """Pairs that touch at least two distinct objects within `window` seconds of each other.

    `accounts` is the number of accounts there are codes for, `room` the bytes of pairs that memory may hold
    (0: as many as usual).
    """
    reach = log.reach(window)
    following = reach - np.arange(1, len(reach) + 1)
    weight = np.bincount(log.account, following, accounts)
    bits = width(accounts)
    with Tally(weight, int(following.sum()), room) as tally:
        swept = in_parallel(
            lambda block: tally.split(sweep(log.account, reach, *block, bits)), blocks(following, CHUNK)
        )
        for pieces in swept:
            tally.add(pieces)
        return tally.counted()


def width(accounts: int) -> int:
    """Bits that hold an account's code. A pair is one number: the code of one, and below it the other's."""
    return max(1, int(accounts).bit_length())


class Tally:
    """Counts how often each of `total` pairs comes, given in pieces; to be entered, and left when done.

    Accounts are split, in order, into parts of about as many pairs, as far as `weight` tells how many each
    has, shape (accounts,), so that a part can be sorted by itself.
    """

    def __init__(self, weight: Floats | Ints, total: int, room: int = 0) -> None:
        self._bits, self._spill = width(len(weight)), total * 8 > (room or ROOM)
        self._parts = max(1, min(MOST_PARTS, total // PART))
        share = np.cumsum(weight + 1.0)
        self._part = (share * (self._parts / (share[-1:].sum() + 1.0))).astype(np.uint8)
        self._pieces: dict[int, list[Ints]] = {}
        self._files: dict[int, IO[bytes]] = {}
        self._open = ExitStack()

    def __enter__(self) -> Tally:
        if self._spill:
            folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="concerted-")))
            for part in range(self._parts):
                self._files[part] = self._open.enter_context((folder / str(part)).open("w+b"))
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def split(self, keys: Ints) -> list[tuple[int, Ints]]:
        """The pairs by their part."""
        if self._parts == 1:
            return [(0, keys)]
        part = self._part[keys >> self._bits]
        order = np.argsort(part, kind="stable")
        size = np.bincount(part)
        ends = np.cumsum(size)
        return [(n, keys[order[ends[n] - size[n] : ends[n]]]) for n in np.flatnonzero(size).tolist()]

    def add(self, pieces: Iterable[tuple[int, Ints]]) -> None:
        """Take pairs that were split."""
        for part, keys in pieces:
            if self._spill:
                self._files[part].write(keys.data)
            else:
                self._pieces.setdefault(part, []).append(keys)

    def counted(self) -> Counted:
        """The pairs that came twice or more often."""
        folded = list(in_parallel(lambda part: _repeated(self._take(part)), range(self._parts)))
        key, together = (np.concatenate(column) for column in zip(*folded, strict=True))
        return Counted(key >> self._bits, key & ((1 << self._bits) - 1), together)

    def _take(self, part: int) -> Ints:
        if self._spill:
            self._files[part].seek(0)
            return np.frombuffer(bytearray(self._files[part].read()), np.int64)
        return np.concatenate([np.zeros(0, np.int64), *self._pieces.pop(part, [])])


def sweep(account: Ints, reach: Ints, low: int, high: int, bits: int) -> Ints:
    """The pairs of rows low : high with those that follow them within reach, as numbers."""
    row, end = np.arange(low, high), reach[low:high]
    found, lag = [], 1
    while True:
        near = end > row + lag
        row, end = row[near], end[near]
        if len(row) < FEW:
            break
        found.append(_key(account[row], account[row + lag], bits))
        lag += 1
    owner, other = expand(row + lag, end)
    found.append(_key(account[row[owner]], account[other], bits))
    return np.concatenate(found)


def _key(x: Ints, y: Ints, bits: int) -> Ints:
    key: Ints = np.minimum(x, y) << bits | np.maximum(x, y)
    return key


def _repeated(keys: Ints) -> tuple[Ints, Ints]:
    """Each number that comes twice or more often, and how often."""
    keys.sort()
    again = np.flatnonzero(keys[1:] == keys[:-1])
    first = np.flatnonzero(np.diff(again, prepend=-2) != 1)
    return keys[again[first]], np.diff(first, append=len(again)) + 1


def in_parallel(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Results in the order of the tasks, on all processors; few of them wait to be taken."""
    threads = os.cpu_count() or 1
    left = iter(tasks)
    with ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(work, task) for task in islice(left, threads + 1)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(work, task) for task in islice(left, 1)]
