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
    """One test of every candidate pair, and each account's family of tests there."""

    tier: str
    window: int
    tested: Tested
    partners: density.Partners
    pooled: Floats | None = None


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
        mine = rows.keep((gap <= horizon * 1e6) & part[rows.early] & part[rows.late])
        rung = Rung(log, window, horizon, mine, mine.gap(log) <= window * 1e6, half)
        family = density.partners(log.keep(part), horizon, accounts)
        rate = anchored.chances(
            log,
            crowd.keep(density.taking_part(crowd, window, most)),
            mine,
            a,
            b,
            window,
            horizon,
            accounts,
            seed,
        )
        result = _judge(rung, rate.q, a, b, ANCHORED)
        yield Cell("anchored", window, result, family, rate.pooled)

        own = exclusive.chances(log, mine, a, b, result.both, window, horizon, accounts, seed)
        narrow = Rung(log, window, horizon, mine.keep(own.row), rung.success[own.row], half)
        floor = exclusive.MARGIN / 100
        result = _judge(narrow, own.q[narrow.rows.pair], a, b, EXCLUSIVE, floor, third=True)
        few = (result.together < exclusive.DAYS) & (result.together > 0)
        result.p[few] = result.p_odd[few] = result.p_even[few] = 1.0
        result.because[few & (result.because == 0)] = FEW_DAYS
        yield Cell("exclusive", window, result, family)
    if samesecond.offered(log.clock) and rungs:
        near, hit = samesecond.rows_and_hits(log, rows)
        q = np.full(len(near.pair), samesecond.chance(log.clock))
        result = test(fold(log, near, q, hit, samesecond.HOUR), len(a), half, samesecond.HOUR)
        yield Cell("same-second", 0, result, density.partners(log, samesecond.HORIZON, accounts))


def _judge(
    rung: Rung, q: Floats, a: Ints, b: Ints, edges: Floats, floor: float = 0.0, *, third: bool = False
) -> Tested:
    """The test, then the innocent causes, which only raise p."""
    log, rows, pairs = rung.log, rung.rows, len(a)
    result = test(fold(log, rows, q, rung.success), pairs, rung.half)
    suspect = np.flatnonzero(result.p <= CHECK)
    if not len(suspect):
        return result
    inside = np.isin(rows.pair, suspect)
    rows, q, success = rows.keep(inside), q[inside], rung.success[inside]
    if third:
        cause = trigger.third(log, rows, success, pairs)
        caught = np.flatnonzero(cause >= 0)
        again = np.isin(rows.pair, caught)
        worse = trigger.raised(
            log, rows.keep(again), q[again], cause, edges, rung.window, rung.horizon, floor
        )
        raised = test(fold(log, rows.keep(again), worse, success[again]), pairs, rung.half)
        _raise(result, raised, caught, TRIGGER, cause)
    else:
        who = trigger.leaders(log, rows.early[success], rows.late[success])
        if len(who):
            worse, lead = trigger.led(log, rows.early, rows.late, q, who, edges, rung.window, rung.horizon)
            raised = test(fold(log, rows, worse, success), pairs, rung.half)
            someone = np.full(pairs, -1)
            someone[rows.pair[lead >= 0]] = lead[lead >= 0]
            _raise(result, raised, suspect, TRIGGER, someone)
    first = trigger.leads(log, rows, success, a, b)
    led = np.flatnonzero(first.who >= 0)
    again = np.isin(rows.pair, led)
    left = rows.keep(again)
    follows = log.account[left.early] == first.who[left.pair]
    raised = test(fold(log, left, np.where(follows, 1.0, q[again]), success[again]), pairs, rung.half)
    raised.p[first.always] = raised.p_odd[first.always] = raised.p_even[first.always] = 1.0
    _raise(result, raised, led, FOLLOWS, first.who)
    return result


def _raise(result: Tested, other: Tested, pairs: Ints, cause: int, leader: Ints) -> None:
    """Takes over the test of the given pairs where it gives a larger p."""
    up = pairs[other.p[pairs] > result.p[pairs]]
    for field in ("expected", "p", "p_odd", "p_even"):
        getattr(result, field)[up] = getattr(other, field)[up]
    result.because[up] = cause
    result.leader[up] = leader[up]


def halves(log_times: Ints, seed: int, least: int = 8) -> Flags | None:
    """For each UTC day since 1970 whether it is in the first half; None under `least` active days."""
    days = np.unique(log_times // DAY)
    if len(days) < least or days[0] < 0:
        return None
    half = np.zeros(int(days[-1]) + 1, bool)
    half[np.random.default_rng(seed).permutation(days)[: len(days) // 2]] = True
    return half


