"""How often accounts outside a community come close on an object, latency bin by latency bin.

Pairs of outsiders are all pairs, less those with an insider at either end, plus those taken off twice. So
every act is looked at three times, however many communities there are and however popular an object is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from concerted.nulls.daily import ranked
from concerted.nulls.log import Floats, Ints, Log, expand, summed

AT_ONCE = 500_000  # acts looked at in one piece
EVERYBODY = -1  # a home that holds all

Counts = tuple[Ints, Floats, Floats]  # keys, ascending; pairs within the window; pairs within the horizon


class Outsiders:
    """Pairs of acts on one object, neither by an account of a home, at one rung.

    `bin` is the latency bin of each event, one of `bins`; `home` the community of each account, -1 for none;
    `asked` are the homes and objects that may be asked for, as home * objects + object, ascending. `window`
    and `horizon` are in seconds.
    """

    def __init__(
        self, log: Log, bin: Ints, bins: int, home: Ints, asked: Ints, window: float, horizon: float
    ) -> None:
        self._objects, self._bins = len(log.origin), bins
        wanted = np.zeros(self._objects, bool)
        wanted[asked % max(1, self._objects)] = True
        event = np.flatnonzero(wanted[log.object])
        object, bin, time = log.object[event], bin[event], log.time[event]
        whose = home[log.account[event]]
        mine = np.flatnonzero((whose >= 0) & np.isin(whose * self._objects + object, asked))
        mine = mine[np.argsort(whose[mine], kind="stable")]
        inside = np.zeros(len(event), bool)
        inside[mine] = True
        crowd = _Laid(object, bin, time, window, horizon)
        ours = _Laid(whose[mine] * self._objects + object[mine], bin[mine], time[mine], window, horizon)
        parts = []
        for index in _pieces(len(event)):
            row, other, within, near = crowd.after(index)
            parts.append(_sum(self._key(EVERYBODY, object[row], bin[row], other), within, near))
            some = inside[row]
            row, other = row[some], other[some]
            parts.append(
                _sum(self._key(whose[row], object[row], bin[row], other), -within[some], -near[some])
            )
            row, other, within, near = crowd.before(index[inside[index]])
            parts.append(_sum(self._key(whose[row], object[row], other, bin[row]), -within, -near))
        for index in _pieces(len(mine)):
            row, other, within, near = ours.after(index)
            row = mine[row]
            parts.append(_sum(self._key(whose[row], object[row], bin[row], other), within, near))
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [event] * 3
        self._counts = _sum(*columns)

    def count(self, home: int, object: Ints, k: Ints, l: Ints) -> tuple[Floats, Floats]:
        """Pairs of each object, the earlier act in bin k, the later in bin l: (in window, in horizon)."""
        within, near = np.zeros((2, len(object)))
        key, *counts = self._counts
        if len(key):
            for whose in (EVERYBODY, home):
                want = self._key(whose, object, k, l)
                at = np.minimum(np.searchsorted(key, want), len(key) - 1)
                there = key[at] == want
                within += np.where(there, counts[0][at], 0.0)
                near += np.where(there, counts[1][at], 0.0)
        return within, near

    def _key(self, home: Ints | int, object: Ints, k: Ints, l: Ints) -> Ints:
        key: Ints = (((home + 1) * self._objects + object) * self._bins + k) * self._bins + l
        return key


class _Laid:
    """Events sorted by owner, then time, in runs of one owner and latency bin."""

    def __init__(self, owner: Ints, bin: Ints, time: Ints, window: float, horizon: float) -> None:
        new = (np.diff(owner, prepend=-1) != 0) | (np.diff(bin, prepend=-1) != 0)
        self._run = np.cumsum(new) - 1
        self._start = np.append(np.flatnonzero(new), len(owner))
        self._bin = bin
        codes, code = ranked(owner)
        none = np.zeros(len(owner))
        log = Log(none.astype(np.int64), code, time, none, np.zeros(len(codes), np.int64))
        self._reach = log.reach(window), log.reach(horizon)
        self._back = log.back(window), log.back(horizon)

    def after(self, index: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Later events of the owners of these, by latency bin: (event, bin, in window, in horizon)."""
        return self._met(index, index + 1, index + 1, self._reach[0][index], self._reach[1][index])

    def before(self, index: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Earlier ones."""
        return self._met(index, self._back[1][index], self._back[0][index], index, index)

    def _met(
        self, index: Ints, low: Ints, inner_low: Ints, inner_high: Ints, high: Ints
    ) -> tuple[Ints, Ints, Ints, Ints]:
        some = np.flatnonzero(high > low)
        row, run = expand(self._run[low[some]], self._run[high[some] - 1] + 1)
        row = some[row]
        start, end = self._start[run], self._start[run + 1]
        near = np.minimum(high[row], end) - np.maximum(low[row], start)
        within = np.minimum(inner_high[row], end) - np.maximum(inner_low[row], start)
        return index[row], self._bin[start], np.maximum(within, 0), near


def _sum(key: Ints, within: Ints | Floats, near: Ints | Floats) -> Counts:
    keys, place = ranked(key)
    return keys, summed(place, within, len(keys)), summed(place, near, len(keys))


def _pieces(size: int) -> Iterator[Ints]:
    for low in range(0, size, AT_ONCE):
        yield np.arange(low, min(size, low + AT_ONCE))
