"""Co-touches of candidate pairs, folded into episodes and tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls.log import DAY, Flags, Floats, Ints, Log, Places, Whole, summed
from concerted.nulls.tails import poisson_binomial


@dataclass(frozen=True)
class Rows:
    """Co-touches sorted by pair, then time, then object: one entry each.

    `pair` is an index into the candidate pairs, `early` and `late` are events of the log.
    """

    pair: Ints
    early: Whole
    late: Whole

    def gap(self, log: Log) -> Ints:
        """Microseconds between the two events."""
        return log.time[self.late] - log.time[self.early]

    def keep(self, mask: Flags | Ints) -> Rows:
        """The rows without the others; `mask` marks those that stay, or numbers them."""
        return Rows(self.pair[mask], self.early[mask], self.late[mask])


@dataclass(frozen=True)
class Episodes:
    """Co-touches folded: all of a pair that begin in one block are one trial with one success at most."""

    pair: Ints
    block: Ints
    chance: Floats
    hit: Flags


def episodes(owner: Ints, block: Ints, within: Ints | Floats, q: Floats, success: Flags) -> Episodes:
    """Trials of each owner: all its rows of one block are one, with one success at most.

    `within` orders the rows of a block where they do not come by owner and block, so that sums do not depend
    on the order given. All of shape (rows,).
    """
    if not len(owner):
        return Episodes(owner, block, np.zeros(0), np.zeros(0, bool))
    later, same = owner[1:] > owner[:-1], owner[1:] == owner[:-1]
    if not (later | (same & (block[1:] >= block[:-1]))).all():
        order = np.lexsort((within, block, owner))
        owner, block, q, success = owner[order], block[order], q[order], success[order]
    new = np.flatnonzero(np.concatenate(([True], (owner[1:] != owner[:-1]) | (block[1:] != block[:-1]))))
    with np.errstate(divide="ignore"):
        none = np.add.reduceat(np.log1p(-np.minimum(q, 1.0)), new)
    return Episodes(owner[new], block[new], -np.expm1(none), np.logical_or.reduceat(success, new))


def fold(log: Log, rows: Rows, q: Floats, success: Flags, block: int = DAY) -> Episodes:
    """Episodes of pairs from rows with chance q each; `block` in microseconds."""
    return episodes(rows.pair, log.time[rows.early] // block, log.object[rows.early], q, success)


def occasions(log: Log, rows: Rows, pairs: int) -> Ints:
    """Number of UTC days on which a co-touch of each pair begins. Shape (pairs,)."""
    day = log.time[rows.early] // DAY
    new = np.ones(len(day), bool)
    new[1:] = (rows.pair[1:] != rows.pair[:-1]) | (day[1:] != day[:-1])
    return np.bincount(rows.pair[new], minlength=pairs)


@dataclass
class Tested:
    """What one cell (trace, rung, tier) says about each candidate pair; arrays of shape (pairs,)."""

    both: Ints
    together: Ints
    expected: Floats
    p_before: Floats
    p: Floats
    p_odd: Floats
    p_even: Floats
    because: Ints  # index into CAUSES
    leader: Ints  # account code, -1 for none


CAUSES = (
    "",
    "one follows the other",
    "both follow another account",
    "fewer than 5 days",
    "the platform labels one of them automated",
    "both act by the clock",
    "they meet at fixed hours of the week",
)
FOLLOWS, TRIGGER, FEW_DAYS, AUTOMATED, BY_CLOCK, APPOINTMENT = 1, 2, 3, 4, 5, 6


def untested(pairs: int) -> Tested:
    """Every pair at p = 1."""
    one, zero = np.ones(pairs), np.zeros(pairs, np.int64)
    return Tested(
        zero.copy(),
        zero.copy(),
        np.zeros(pairs),
        one.copy(),
        one.copy(),
        one.copy(),
        one.copy(),
        zero.copy(),
        zero - 1,
    )


def test(episodes: Episodes, pairs: int, half: Flags | None = None, unit: int = DAY) -> Tested:
    """P(as many successful episodes by chance) for each pair.

    `half` says for each UTC day since 1970 whether it belongs to the first half; without it the halves
    are not tested. `unit` is the length of a block in microseconds.
    """
    hits = np.bincount(episodes.pair, episodes.hit, pairs).astype(np.int64)
    p = poisson_binomial(episodes.chance, episodes.pair, hits)
    tested = untested(pairs)
    tested.both = np.bincount(episodes.pair, minlength=pairs).astype(np.int64)
    tested.together = hits
    tested.expected = summed(episodes.pair, episodes.chance, pairs)
    tested.p_before, tested.p = p, p.copy()
    if half is not None and len(episodes.pair):
        day = episodes.block * unit // DAY
        first = half[np.clip(day, 0, len(half) - 1)]
        for side, target in ((first, tested.p_odd), (~first, tested.p_even)):
            hits = np.bincount(episodes.pair[side], episodes.hit[side], pairs).astype(np.int64)
            target[:] = poisson_binomial(episodes.chance[side], episodes.pair[side], hits)
    return tested


def gather(log: Log, a: Ints, b: Ints, horizon: float) -> Rows:
    """All co-touches of the pairs within the horizon, in seconds."""
    place = log.place()
    parts = [_by_time(len(log.time), place, *part) for part in log.meetings(a, b, horizon)]
    if not parts:
        none = np.zeros(0, np.int64)
        return Rows(none, none, none)
    return Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _by_time(events: int, place: Places, pair: Ints, early: Ints, late: Ints) -> tuple[Ints, Places, Places]:
    order = np.argsort(pair * events + place[early])  # a pair begins at an event once
    return pair[order], early[order].astype(np.int32), late[order].astype(np.int32)
