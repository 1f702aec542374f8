"""The very same second, whatever was done: each act's second redrawn within the half minute around it.

Whatever brings people to act, their rate is smooth over half a minute; a program's is not (Date, Bienenstock
and Geman 1998 and Amarasingham et al. 2012 jitter spikes within a window for the same reason). So of a pair's
acts at most 30 s apart, no more may fall into one second than a smooth rate gives, with margin, nor than
those of half of all accounts do. Redrawing within five minutes instead finds the audiences of weekly matches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from concerted.nulls.causes import CHECK
from concerted.nulls.cells import Cell
from concerted.nulls.coding import Coded, account_codes
from concerted.nulls.density import FREE, Partners
from concerted.nulls.log import NO_ORIGIN, SECOND, Flags, Floats, Ints, Log, blocks, expand
from concerted.nulls.rows import BY_CLOCK, Rows, Tested, fold, test, untested

TIER = "jitter"
HORIZON = 30  # seconds
WINDOW = 2.0  # seconds: no coarser clock takes part; objects are seconds, so only the same one is met
MARGIN = 2.0
HOUR = 3600 * SECOND
MINUTE = 60
AT_ONCE = 200_000
CHUNK = 10_000_000


def encode(events: pa.Table, names: pa.Array | None = None) -> Coded:
    """Events of one trace, whose objects are seconds, as a log in order of time.

    `names` are the accounts of the case, sorted; without them those of the events are.
    """
    account, names = account_codes(events, names)
    second = np.asarray(events["time"].combine_chunks().cast(pa.int64()), dtype=np.int64) // SECOND
    step = np.asarray(events["resolution_s"].combine_chunks().fill_null(1.0), dtype=np.float64)
    order = np.lexsort((account, second))
    tick, code = np.unique(second[order], return_inverse=True)
    origin = np.full(len(tick), NO_ORIGIN)
    log = Log(account[order], code.reshape(-1).astype(np.int64), second[order] * SECOND, step[order], origin)
    return Coded(log, names, events["object"].take(pa.array(order[log.start[:-1]])).combine_chunks())


def cell(log: Log, a: Ints, b: Ints, accounts: int, half: Flags | None) -> Cell:
    """The one test of the pairs (a[i], b[i]): of the hours in which they acted at most 30 s apart, in how
    many did they act in the same second? `pooled` holds the chance that one such co-act does.

    Pairs that have only one such hour are not paid for, so not tested.
    """
    q = chance(log)
    parts, kept, raised = [], [], []
    by = _ByAccount(log)
    for low, high, rows in by.near(a, b):
        hit = log.object[rows.early] == log.object[rows.late]
        chances = np.full(len(rows.pair), q)
        result = test(fold(log, rows, chances, hit, HOUR), high - low, half, HOUR)
        once = result.both < 2
        result = _where(once, untested(high - low), result)
        suspect = np.flatnonzero(result.p <= CHECK)
        mine = np.isin(rows.pair, suspect)
        rows, hit = rows.keep(mine), hit[mine]
        habit = np.full(high - low, q)
        habit[suspect] = np.maximum(q, by.habit(a[low + suspect], b[low + suspect], rows, hit, suspect))
        chances = habit[rows.pair]
        up = habit > q
        again = test(fold(log, rows, chances, hit, HOUR), high - low, half, HOUR)
        again.p_before, again.because = result.p_before, np.full(high - low, BY_CLOCK)
        parts.append(_where(up, again, result))
        kept.append(Rows(rows.pair + low, rows.early, rows.late))
        raised.append(chances)
    rows = Rows(*(_joined([getattr(part, name) for part in kept], np.int64) for name in _ROWS))
    result = Tested(**{name: _joined([getattr(p, name) for p in parts], kind) for name, kind in _TESTED})
    hit = log.object[rows.early] == log.object[rows.late]
    pooled = np.array([[q]])
    final = _joined(raised, np.float64)
    return Cell(TIER, 0, result, partners(log, accounts), rows, final, hit, unit=HOUR, pooled=pooled)


_ROWS = ("pair", "early", "late")
_TESTED = (
    *((name, np.int64) for name in ("both", "together", "because", "leader")),
    *((name, np.float64) for name in ("expected", "p_before", "p", "p_odd", "p_even")),
)


def chance(log: Log) -> float:
    """P(same second | at most 30 s apart): twice that of a smooth rate, or the crowd's own where larger."""
    tick = log.clock
    return min(1.0, max(MARGIN * tick / (2 * HORIZON + tick), crowd(log)))


def crowd(log: Log) -> float:
    """The share in the same second of the co-acts at most 30 s apart that half of the accounts stay under.

    An account with d of them weighs sqrt(d). A crowd that answers one signal within seconds has a large one;
    a group does not as long as it is not the crowd itself.
    """
    accounts = int(log.account.max(initial=-1)) + 1
    order = np.lexsort((log.time, log.account))
    # acts of one account among themselves are no co-acts
    owner = log.account[order]
    alone = Log(owner, owner, log.time[order], log.step[order], np.full(accounts, NO_ORIGIN))
    near = _reach(log) - _back(log)
    near[order] -= alone.reach(HORIZON) - alone.back(HORIZON)
    total = np.bincount(log.account, near, accounts)
    same = np.bincount(log.account, np.diff(log.start)[log.object] - 1, accounts)
    met = total > 0
    if not met.any():
        return 0.0
    share, weight = same[met] / total[met], np.sqrt(total[met])
    order = np.argsort(share, kind="stable")
    below = np.cumsum(weight[order])
    return float(share[order][np.searchsorted(below, below[-1] / 2)])


def partners(log: Log, accounts: int) -> Partners:
    """Per account the others that act at most 30 s from it in two hours or more: the family of its tests.

    An upper bound where there are too many co-acts to be counted.
    """
    index, reach = np.arange(len(log.time)), _reach(log)
    others = reach - index - 1
    if others.sum() > FREE:
        touched = np.bincount(log.account, others + index - _back(log), accounts).astype(np.int64) // 2
        active = int((np.bincount(log.account, minlength=accounts) > 0).sum())
        each = np.minimum(touched, active - 1)
        return Partners(each, int(each.sum() // 2), False)
    hours = int(log.time[-1] // HOUR - log.time[0] // HOUR) + 1 if len(log.time) else 1
    found = []
    for low, high in blocks(others, CHUNK):
        early, late = expand(index[low:high] + 1, reach[low:high])
        x, y = log.account[early + low], log.account[late]
        hour = log.time[early + low] // HOUR - log.time[0] // HOUR
        found.append(_distinct(((np.minimum(x, y) * accounts + np.maximum(x, y)) * hours + hour)[x != y]))
    pair = _distinct(_joined(found, np.int64)) // hours
    key = np.unique(pair[1:][pair[1:] == pair[:-1]])
    each = np.bincount(key // accounts, minlength=accounts) + np.bincount(key % accounts, minlength=accounts)
    return Partners(each, len(key), True)


class _ByAccount:
    """The acts of each account in order of time, to be met with those of another."""

    def __init__(self, log: Log) -> None:
        self.log = log
        second = log.time // SECOND
        self._second = second - second.min(initial=0) + HORIZON
        self._wide = int(self._second.max(initial=0)) + HORIZON + 1
        self._order = np.lexsort((log.time, log.account))
        self._key = (log.account * self._wide + self._second)[self._order]
        self._start = np.searchsorted(
            log.account[self._order], np.arange(int(log.account.max(initial=-1)) + 2)
        )

    def near(self, a: Ints, b: Ints) -> Iterator[tuple[int, int, Rows]]:
        """Co-acts of the pairs at most 30 s apart, some pairs at a time: those from `low` to `high`, whose
        rows count from 0 at `low`."""
        size = np.diff(self._start)
        swap = size[a] > size[b]
        few, many = np.where(swap, b, a), np.where(swap, a, b)
        for low, high in blocks(size[few], AT_ONCE):
            pair, at = expand(self._start[few[low:high]], self._start[few[low:high] + 1])
            mine = self._order[at]
            want = many[low:high][pair] * self._wide + self._second[mine]
            row, other = expand(
                np.searchsorted(self._key, want - HORIZON),
                np.searchsorted(self._key, want + HORIZON, side="right"),
            )
            one, two = mine[row], self._order[other]
            yield low, high, Rows(pair[row], np.minimum(one, two), np.maximum(one, two))

    def habit(self, a: Ints, b: Ints, rows: Rows, hit: Flags, pairs: Ints) -> Floats:
        """How often the two acted at one second of the minute when they acted at other times: P(same second)
        of accounts that act by the clock. Of each pair, with one coincidence in sixty added.

        `rows` are the co-acts of `pairs` at most 30 s apart, which are left out.
        """
        who, code = np.unique(np.concatenate((a, b)), return_inverse=True)
        code = code.reshape(-1)
        owner, at = expand(self._start[who], self._start[who + 1])
        phase = self.log.time[self._order[at]] // SECOND % MINUTE
        count = np.bincount(owner * MINUTE + phase, minlength=len(who) * MINUTE).reshape(-1, MINUTE)
        x, y = count[code[: len(a)]].astype(np.float64), count[code[len(a) :]].astype(np.float64)
        size = int(pairs.max(initial=-1)) + 1
        near = np.bincount(rows.pair, minlength=size)[pairs]
        same = np.bincount(rows.pair, hit, size)[pairs]
        met = np.einsum("ij,ij->i", x, y) - same
        return np.asarray((met + 1) / (x.sum(axis=1) * y.sum(axis=1) - near + MINUTE), np.float64)


def _where(mask: Flags, one: Tested, other: Tested) -> Tested:
    names = [name for name, _ in _TESTED]
    return replace(other, **{n: np.where(mask, getattr(one, n), getattr(other, n)) for n in names})


def _joined(parts: list[Ints] | list[Floats], kind: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _distinct(key: Ints) -> Ints:
    """The same, sorted in place, each once."""
    key.sort()
    return key[np.concatenate(([True], key[1:] != key[:-1]))[: len(key)]]


def _reach(log: Log) -> Ints:
    return np.searchsorted(log.time, log.time + HORIZON * SECOND, side="right")


def _back(log: Log) -> Ints:
    return np.searchsorted(log.time, log.time - HORIZON * SECOND)
