"""Growing sets of 64-bit keys."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from concerted.sources.frame import Flags, Numbers

_TOGETHER = 8  # runs of like length that are made one
_ROOM = 4  # places for each key, at least, of which so many are taken by others
_FIRST = 1 << 16  # places to begin with
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SEVERAL = np.uint8(255)
_WAITING = 1 << 22  # keys that wait to be sorted, at least; or else twice as many as there are


class Keys:
    """A growing set that tells which keys are new: 8 bytes each in sorted runs, and up to 8 more in a table
    of the places that keys take, with a mark of the key that is there or of several: what finds its place
    free, or another's mark, is new, and need not be looked for."""

    def __init__(self) -> None:
        self._runs: list[Numbers] = []
        self._taken = np.zeros(_FIRST, np.uint8)
        self._count = 0

    def has(self, keys: Numbers) -> Flags:
        """Which keys are in the set."""
        found: Flags = np.zeros(len(keys), bool)
        places, marks = self._places(keys)
        there = self._taken[places]
        maybe = np.flatnonzero((there == marks) | (there == _SEVERAL))
        found[maybe] = _among(self._runs, keys[maybe])
        return found

    def add(self, keys: Numbers) -> Flags:
        """Adds keys; says which of them are new, a repeated one being new once."""
        ordered = np.sort(keys)
        begins = _begins(ordered)
        fresh = ~self.has(ordered[begins])
        if fresh.any():
            self._take(ordered[begins[fresh]])
        if fresh.sum() == len(keys):
            return np.ones(len(keys), bool)
        new: Flags = np.zeros(len(keys), bool)
        if fresh.any():
            # the order of equal keys is left open, which is several times as fast as np.unique
            new[np.minimum.reduceat(np.argsort(keys), begins)[fresh]] = True
        return new

    def _take(self, run: Numbers) -> None:
        self._runs.append(run)
        self._count += len(run)
        size = len(self._taken)
        while size < _ROOM * self._count:
            size *= 2
        fresh = [run]
        if size > len(self._taken):
            self._taken, fresh = np.zeros(size, np.uint8), self._runs
        for one in fresh:
            self._mark(one)
        while len(self._runs) >= _TOGETHER and len(self._runs[-_TOGETHER]) < _TOGETHER // 2 * len(run):
            run = np.sort(np.concatenate(self._runs[-_TOGETHER:]), kind="stable")
            self._runs[-_TOGETHER:] = [run]

    def _mark(self, keys: Numbers) -> None:
        places, marks = self._places(keys)
        there = self._taken[places]
        self._taken[places] = np.where((there == 0) | (there == marks), marks, _SEVERAL)
        # of keys that came to one place at once, the last has written its mark
        self._taken[places[self._taken[places] != marks]] = _SEVERAL

    def _places(self, keys: Numbers) -> tuple[Numbers, npt.NDArray[np.uint8]]:
        """Where keys have their places, and their marks, from 1 to 254."""
        spread = keys.view(np.uint64) * _SPREAD
        marks = (spread & np.uint64(0xFFFF)) % np.uint64(254)
        spread >>= np.uint64(65 - len(self._taken).bit_length())
        return spread.view(np.int64), marks.astype(np.uint8) + np.uint8(1)


class Gathered:
    """A growing set that is seldom asked: keys wait unsorted until it is, or until they are too many."""

    def __init__(self) -> None:
        self._sorted = np.zeros(0, np.int64)
        self._waiting: list[Numbers] = []

    def add(self, keys: Numbers) -> None:
        """Adds keys."""
        ordered = np.sort(keys)
        self._waiting.append(ordered[_begins(ordered)])
        if sum(map(len, self._waiting)) > max(_WAITING, 2 * len(self._sorted)):
            self._settle()

    def has(self, keys: Numbers) -> Flags:
        """Which keys are in the set."""
        self._settle()
        return _among([self._sorted], keys)

    def _settle(self) -> None:
        if self._waiting:
            every = np.concatenate([self._sorted, *self._waiting])
            every.sort()
            self._sorted = every[_begins(every)]
            self._waiting = []


def _begins(ordered: Numbers) -> Numbers:
    """Where runs of equal keys begin."""
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])


def _among(runs: list[Numbers], keys: Numbers) -> Flags:
    """Which keys are in one of these sorted runs."""
    found: Flags = np.zeros(len(keys), bool)
    for run in runs:
        at = np.minimum(np.searchsorted(run, keys), len(run) - 1)
        found |= run[at] == keys if len(run) else False
    return found
