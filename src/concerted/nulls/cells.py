"""All cells of one trace: every rung and tier, each giving every candidate pair a p."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from concerted.nulls import anchored, density, exclusive, samesecond, trigger
from concerted.nulls.ladder import ANCHORED, EXCLUSIVE, with_originals
from concerted.nulls.log import DAY, Flags, Floats, Ints, Log
from concerted.nulls.rows import FEW_DAYS, FOLLOWS, TRIGGER, Rows, Tested, fold, gather, test

CHECK = 1e-2  # pairs whose p is at most this are asked for a trigger


@dataclass(frozen=True)
class Cell:
    """One test of every candidate pair, and each account's family of tests there.

    `rows`, `q` and `success` are the co-touches of the pairs with p <= 0.01, chances after innocent causes;
    those of one `unit` of microseconds are one trial. `pooled` is the file's own rate by latency bins, `own`
    the share of events that candidate groups make.
    """

    tier: str
    window: int
    tested: Tested
    partners: density.Partners
    rows: Rows
    q: Floats
    success: Flags
    unit: int = DAY
    pooled: Floats | None = None
    own: float = 0.0


@dataclass(frozen=True)
class Rung:
    """What every tier of one rung needs. Times in seconds."""

    log: Log
    window: int
    horizon: int
    rows: Rows
    success: Flags
    half: Flags | None


def cells(
    log: Log, a: Ints, b: Ints, rungs: list[tuple[int, int]], accounts: int, seed: int, half: Flags | None
) -> Iterator[Cell]:
    """Tests the candidate pairs (a[i], b[i]) at every rung, tier by tier."""
    rows = gather(log, a, b, max((horizon for _, horizon in rungs), default=0))
    crowd = with_originals(log)
    for window, horizon in rungs:
        most = density.limit(log, window)
        part = density.taking_part(log, window, most)
        gap = rows.gap(log)
        mine = _paid(rows.keep((gap <= horizon * 1e6) & part[rows.early] & part[rows.late]), len(a))
        seen = log.seen_by(part)
        rung = Rung(seen, window, horizon, mine, mine.gap(log) <= window * 1e6, half)
        family = density.partners(log.keep(part), horizon, accounts)
        rate = anchored.chances(
            seen,
            crowd.keep(density.taking_part(crowd, window, most)),
            mine,
            a,
            b,
            window,
            horizon,
            accounts,
            seed,
        )
        result, q = _judge(rung, rate.q, a, b, ANCHORED)
        yield Cell(
            "anchored", window, result, family, *_few(rung, q, result), pooled=rate.pooled, own=rate.own
        )

        own = exclusive.chances(seen, mine, a, b, result.both, window, horizon, accounts, seed)
        narrow = Rung(seen, window, horizon, mine.keep(own.row), rung.success[own.row], half)
        result, q = _judge(narrow, own.q[narrow.rows.pair], a, b, EXCLUSIVE, exclusive.FLOOR, third=True)
        few = (result.together < exclusive.DAYS) & (result.together > 0)
        result.p[few] = result.p_odd[few] = result.p_even[few] = 1.0
        result.because[few & (result.because == 0)] = FEW_DAYS
        yield Cell("exclusive", window, result, family, *_few(narrow, q, result))
    fine = log.step <= samesecond.COARSEST
    if fine.any() and rungs:
        seen = log.seen_by(fine)
        gap = rows.gap(log)
        close = rows.keep((gap <= samesecond.HORIZON * 1e6) & fine[rows.early] & fine[rows.late])
        near, hit = samesecond.rows_and_hits(seen, _paid(close, len(a)))
        q = np.full(len(near.pair), samesecond.chance(seen.clock))
        result = test(fold(log, near, q, hit, samesecond.HOUR), len(a), half, samesecond.HOUR)
        family = density.partners(log.keep(fine), samesecond.HORIZON, accounts)
        flat = Rung(seen, 0, int(samesecond.HORIZON), near, hit, half)
        yield Cell("same-second", 0, result, family, *_few(flat, q, result), unit=samesecond.HOUR)


def _paid(rows: Rows, pairs: int) -> Rows:
    """Rows of pairs that meet twice: no account pays for a pair that meets once, so it is not tested."""
    return rows.keep(np.bincount(rows.pair, minlength=pairs)[rows.pair] > 1)


def _judge(
    rung: Rung, q: Floats, a: Ints, b: Ints, edges: Floats, floor: float = 0.0, *, third: bool = False
) -> tuple[Tested, Floats]:
    """The test, then the innocent causes, which only raise p; and the chances of the rows after them."""
    log, rows, pairs = rung.log, rung.rows, len(a)
    result = test(fold(log, rows, q, rung.success), pairs, rung.half)
    suspect = np.flatnonzero(result.p <= CHECK)
    if not len(suspect):
        return result, q
    inside = np.isin(rows.pair, suspect)
    final = q.copy()
    place = np.flatnonzero(inside)
    rows, q, success = rows.keep(inside), q[inside], rung.success[inside]
    if third:
        someone = trigger.third(log, rows, success, pairs)
        caught = np.flatnonzero(someone >= 0)
        again = np.isin(rows.pair, caught)
        worse = trigger.raised(
            log, rows.keep(again), q[again], someone, edges, rung.window, rung.horizon, floor
        )
        raised = test(fold(log, rows.keep(again), worse, success[again]), pairs, rung.half)
        up = _raise(result, raised, caught, np.full(pairs, TRIGGER), someone)
        _settle(final, place[again], rows.keep(again), worse, up)
    else:
        who = trigger.leaders(log, rows.early[success], rows.late[success])
        if len(who):
            worse, lead = trigger.led(log, rows.early, rows.late, q, who, edges, rung.window, rung.horizon)
            raised = test(fold(log, rows, worse, success), pairs, rung.half)
            someone = np.full(pairs, -1)
            someone[rows.pair[lead >= 0]] = lead[lead >= 0]
            cause = np.where((someone == a) | (someone == b), FOLLOWS, TRIGGER)
            up = _raise(result, raised, suspect, cause, someone)
            _settle(final, place, rows, worse, up)
    first = trigger.leads(log, rows, success, a, b)
    led = np.flatnonzero(first.who >= 0)
    again = np.isin(rows.pair, led)
    left = rows.keep(again)
    follows = log.account[left.early] == first.who[left.pair]
    worse = np.where(follows, 1.0, q[again])
    raised = test(fold(log, left, worse, success[again]), pairs, rung.half)
    raised.p[first.always] = raised.p_odd[first.always] = raised.p_even[first.always] = 1.0
    up = _raise(result, raised, led, np.full(pairs, FOLLOWS), first.who)
    _settle(final, place[again], left, worse, up)
    return result, final


def _few(rung: Rung, q: Floats, result: Tested) -> tuple[Rows, Floats, Flags]:
    few = (result.p <= CHECK)[rung.rows.pair]
    return rung.rows.keep(few), q[few], rung.success[few]


def _settle(final: Floats, place: Ints, rows: Rows, worse: Floats, pairs: Ints) -> None:
    """Writes the raised chances of the given pairs' rows into `final`."""
    mine = np.isin(rows.pair, pairs)
    final[place[mine]] = worse[mine]


def _raise(result: Tested, other: Tested, pairs: Ints, cause: Ints, leader: Ints) -> Ints:
    """Takes over the test of the given pairs where it gives a larger p; returns those pairs."""
    up = pairs[other.p[pairs] > result.p[pairs]]
    for field in ("expected", "p", "p_odd", "p_even"):
        getattr(result, field)[up] = getattr(other, field)[up]
    result.because[up] = cause[up]
    result.leader[up] = leader[up]
    return up


def halves(log_times: Ints, seed: int, least: int = 8) -> Flags | None:
    """For each UTC day since 1970 whether it is in the first half; None under `least` active days."""
    days = np.unique(log_times // DAY)
    if len(days) < least or days[0] < 0:
        return None
    half = np.zeros(int(days[-1]) + 1, bool)
    half[np.random.default_rng(seed).permutation(days)[: len(days) // 2]] = True
    return half
