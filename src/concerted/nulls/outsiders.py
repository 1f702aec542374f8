"""How often accounts outside a community come close on an object, latency bin by latency bin.

Pairs of outsiders are all pairs, less those with an insider at either end, plus those taken off twice.
Each of the four counts is a difference of running sums: its cost does not hang on how many communities there
are, nor on how popular an object is.
"""

from __future__ import annotations

import numpy as np

from concerted import machine
from concerted.nulls.daily import ranked
from concerted.nulls.ladder import offsets
from concerted.nulls.log import Bins, Floats, Ints, Log, Places, Whole, parts
from concerted.nulls.reaching import Reaching, Runs, between, clipped, sums


class Outsiders:
    """Pairs of acts on one object, neither by an account of a home, at one rung.

    `bin` is the latency bin of each event, one of `bins`; `homes` are those of each account, as in `Crowd`;
    `asked` are the homes and objects that may be asked for, as home * objects + object, ascending. `window`
    and `horizon` are in seconds.
    """

    def __init__(
        self, log: Log, bin: Bins, bins: int, homes: Whole, asked: Ints, window: float, horizon: float
    ) -> None:
        self._objects, self._bins, self._asked = len(log.origin), bins, asked
        self._edge = offsets(log, bin, bins)
        mine, place = _insiders(log, homes, asked)
        machine.give_back()  # they were found piece by piece
        self._own_edge = _edges(place * bins + bin[mine], len(asked) * bins)
        # whose they are and by what clock, nobody asks
        who, step = np.broadcast_to(np.int64(0), len(mine)), np.broadcast_to(0.0, len(mine))
        ours = Log(who, place, log.time[mine], step, np.zeros(len(asked), np.int64))
        self._own = sums(mine)
        self._met = [
            (
                Reaching(log, seconds),
                Reaching(ours, seconds),
                sums(log.reach(seconds)[mine]),
                sums(log.back(seconds)[mine]),
            )
            for seconds in (horizon, window)  # who asks has the first at hand
        ]
        # what is asked for, one stretch after the other, so that places of insiders ascend
        self._stretch = len(log.time) + 1
        self._at = place * self._stretch + mine

    def count(self, home: int, object: Ints, bins: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """Pairs on objects, the earlier act in bin k, the later in bin l, where `bins` says k * bins + l.

        Many ask for the same, which is told once: the place of what each asked for, the `bins` of it, and how
        many pairs of it are in the window and in the horizon.
        """
        new = np.flatnonzero(np.diff(object, prepend=-1))
        local = np.repeat(np.arange(len(new)), np.diff(new, append=len(object)))
        # co-touches are many, and their cells few
        cell, same = ranked(local * self._bins**2 + bins)
        local, of = np.divmod(cell, self._bins**2)
        object, bin = object[new[local]], np.divmod(of, self._bins)
        place = np.searchsorted(self._asked, home * self._objects + object)
        early, late = (between(self._edge, object * self._bins + one) for one in bin)
        own_early, own_late = (between(self._own_edge, place * self._bins + one) for one in bin)
        begins = clipped(lambda place: self._own(place) + place, own_early, own_late, late)
        ends = clipped(self._own, own_late, own_early, early)
        counts = []
        for every, inside, reach, back in self._met:
            ahead = clipped(reach, own_early, self._of(place, every.reaching(late)), late) - begins
            behind = ends - clipped(back, own_late, self._of(place, every.reached(early)), early)
            both = every.pairs(early, late) - ahead - behind + inside.pairs(own_early, own_late)
            counts.append(both.astype(np.float64))
        near, within = counts
        return same, of, within, near

    def reach(self, event: Whole) -> Ints:
        """The place after the last that each of these events reaches within the horizon."""
        return self._met[0][0].reach(event)

    def _of(self, place: Ints, events: Runs) -> Runs:
        """Where among the insiders of what is asked for the first from these events on stands."""
        begin, end = (np.searchsorted(self._at, place * self._stretch + event) for event in events)
        return begin, end


def _insiders(log: Log, homes: Whole, asked: Ints) -> tuple[Ints, Ints]:
    """Acts of the homes on the objects that are asked for of them, and the place of each among what is asked
    for: by place, then event."""
    wanted = np.zeros(len(log.origin), bool)
    wanted[asked % max(1, len(log.origin))] = True
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for some in parts(len(log.object)) if len(asked) else ():
        acts = some.start + np.flatnonzero(wanted[log.object[some]])
        for home in homes:
            whose = home[log.account[acts]].astype(np.int64)
            mine = acts[whose >= 0]
            key = whose[whose >= 0] * len(log.origin) + log.object[mine]
            place = np.searchsorted(asked, key)
            there = np.flatnonzero(asked[np.minimum(place, len(asked) - 1)] == key)
            found.append((mine[there], place[there]))
    columns = list(zip(*found, strict=True))
    del found
    mine, place = (np.concatenate(columns.pop(0)) for _ in range(2))
    order = np.argsort(place, kind="stable")
    return mine[order], place[order]


def _edges(code: Ints, codes: int) -> Places:
    """Offsets of runs of equal codes 0..codes-1, which ascend. Shape (codes + 1,)."""
    edges = np.zeros(codes + 1, np.int32)
    np.cumsum(np.bincount(code, minlength=codes), out=edges[1:])
    return edges
