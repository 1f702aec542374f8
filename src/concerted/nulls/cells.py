"""All cells of one trace: every rung and tier, each giving every candidate pair a p."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from concerted.nulls import anchored, candidates, density, exclusive, samesecond
from concerted.nulls.appointment import Weeks
from concerted.nulls.causes import CHECK, Causes, Rung
from concerted.nulls.ladder import ANCHORED, EXCLUSIVE, with_originals
from concerted.nulls.log import DAY, Flags, Floats, Ints, Log
from concerted.nulls.rows import FEW_DAYS, Rows, Tested, gather, occasions
from concerted.nulls.timetable import Timetables
from concerted.parallel import in_parallel

HELD = 150  # bytes an event while a rung is tested


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


def cells(
    log: Log, a: Ints, b: Ints, rungs: list[tuple[int, int]], accounts: int, seed: int, half: Flags | None
) -> Iterator[Cell]:
    """Tests the candidate pairs (a[i], b[i]) at every rung, tier by tier; rungs on all processors."""
    rows = gather(log, a, b, max((horizon for _, horizon in rungs), default=0))
    gap = rows.gap(log)
    crowd = with_originals(log)
    weeks, timetables = (
        Weeks(log, seed),
        Timetables(log, np.flatnonzero(candidates.within(accounts, a, b)), seed),
    )

    def of_rung(window: int, horizon: int) -> list[Cell]:
        most = density.limit(log, window)
        part = density.taking_part(log, window, most)
        there = (gap <= horizon * 1e6) & part[rows.early] & part[rows.late]
        near, hit = rows.keep(there), (gap <= window * 1e6)[there]
        both = occasions(log, near, len(a))
        often = _often(near, hit, len(a))
        mine = near.keep(often)
        seen = log.seen_by(part)
        rung = Rung(seen, window, horizon, mine, hit[often], half)
        family = density.partners(log, horizon, accounts, part)
        rate = anchored.chances(
            seen,
            crowd,
            density.taking_part(crowd, window, most),
            mine,
            a,
            b,
            window,
            horizon,
            accounts,
            seed,
        )
        result = rung.test(rate.q, len(a))
        causes = Causes(rung, rate.q, result, a, b)
        causes.leaders(ANCHORED)
        causes.forerunner(ANCHORED)
        causes.first()
        causes.by_clock(timetables)
        causes.appointments(weeks)
        left = _few(rung, causes.q, result)
        first = Cell("anchored", window, result, family, *left, pooled=rate.pooled, own=rate.own)

        own = exclusive.chances(seen, mine, a, b, both, window, horizon, accounts, seed)
        narrow = rung.keep(own.row)
        q = own.q[narrow.rows.pair]
        result = narrow.test(q, len(a))
        causes = Causes(narrow, q, result, a, b)
        causes.third(EXCLUSIVE, exclusive.FLOOR)
        causes.first()
        causes.by_clock(timetables, exclusive.MARGIN)
        causes.appointments(weeks)
        few = (result.together < exclusive.DAYS) & (result.together > 0)
        result.p[few] = result.p_odd[few] = result.p_even[few] = 1.0
        result.because[few & (result.because == 0)] = FEW_DAYS
        return [first, Cell("exclusive", window, result, family, *_few(narrow, causes.q, result))]

    def of_second() -> list[Cell]:
        fine = log.step <= samesecond.COARSEST
        if not fine.any() or not rungs:
            return []
        seen = log.seen_by(fine)
        close = rows.keep((gap <= samesecond.HORIZON * 1e6) & fine[rows.early] & fine[rows.late])
        near, hit = samesecond.rows_and_hits(seen, close)
        often = _often(near, hit, len(a))
        near, hit = near.keep(often), hit[often]
        q = np.full(len(near.pair), samesecond.chance(seen.clock))
        family = density.partners(log, samesecond.HORIZON, accounts, fine)
        flat = Rung(seen, 0, int(samesecond.HORIZON), near, hit, half, samesecond.HOUR)
        result = flat.test(q, len(a))
        causes = Causes(flat, q, result, a, b)
        causes.by_clock(timetables, samesecond.MARGIN)
        return [Cell("same-second", 0, result, family, *_few(flat, causes.q, result), unit=samesecond.HOUR)]

    tasks: list[Callable[[], list[Cell]]] = [*(partial(of_rung, *rung) for rung in rungs), of_second]
    # the widest rung takes the longest, so it goes first
    done = in_parallel(lambda task: task(), tasks[::-1], HELD * len(log.time))
    return chain.from_iterable(list(done)[::-1])


def _often(rows: Rows, success: Flags, pairs: int) -> Flags:
    """Rows of pairs that two things bring together within the window: one coincidence is no repetition, so
    such pairs are not tested, which only lowers what is found."""
    often: Flags = np.bincount(rows.pair[success], minlength=pairs)[rows.pair] > 1
    return often


def _few(rung: Rung, q: Floats, result: Tested) -> tuple[Rows, Floats, Flags]:
    few = (result.p <= CHECK)[rung.rows.pair]
    return rung.rows.keep(few), q[few], rung.success[few]


def halves(log_times: Ints, seed: int, least: int = 8) -> Flags | None:
    """For each UTC day since 1970 whether it is in the first half; None under `least` active days."""
    days = np.unique(log_times // DAY)
    if len(days) < least or days[0] < 0:
        return None
    half = np.zeros(int(days[-1]) + 1, bool)
    half[np.random.default_rng(seed).permutation(days)[: len(days) // 2]] = True
    return half
