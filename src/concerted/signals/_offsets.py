"""Whether the clocks of two platforms seem to be apart, from what was shared on both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.signals import _notes as common
from concerted.signals._exact import Floats
from concerted.table import Table

PLATFORMS = (
    "select distinct split_part(account, ':', 1) as platform from (select distinct account from events)"
)
# how far the first acts of two platforms on one thing are apart: all acts, and those of the subjects alone,
# since what a crowd does before them hides when they came; one an hour, since things posted in a row lie
# equally far apart
LAGS = """
with acts as (
    select trace, object, split_part(account, ':', 1) as platform, account, time,
           coalesce(resolution_s, 1) as step
    from events
),
firsts as (
    select 'all accounts' as whose, trace, object, platform, min(time) as time, max(step) as step
    from acts group by all
    union all
    select 'found accounts' as whose, trace, object, platform, min(time) as time, max(step) as step
    from acts where account in (select account from subjects) group by all
),
lags as (
    select a.whose, a.platform as one, b.platform as two, epoch_us(a.time) as began,
           (epoch_us(b.time) - epoch_us(a.time)) / 1e6 as lag, greatest(a.step, b.step) as step
    from firsts a join firsts b
        on b.whose = a.whose and b.trace = a.trace and b.object = a.object and b.platform > a.platform
    where abs(epoch_us(b.time) - epoch_us(a.time)) <= 87000000000
)
select whose, one, two, min_by(lag, (began, lag)) as lag, max(step) as step
from lags group by whose, one, two, int_div(began, 3600000000)
order by 1, 2, 3, 4, 5
"""
QUARTER = 900  # zones differ by whole quarters of an hour
DAY = 96  # quarters of a day
NEAR = 60.0


class Offset(NamedTuple):
    """Acts on `two` lie `seconds` after those on `one` oftener than lags nearby explain.

    `hits` of the `around` lags within half a quarter of an hour are within `near` seconds of it, `expected`
    by their spread; `p` pays for all distances asked about.
    """

    one: str
    two: str
    seconds: int
    whose: str
    hits: int
    around: int
    expected: float
    near: float
    p: float


def offsets(subjects: pa.Table, tables: Mapping[str, Table], engine: Engine, level: float) -> list[Offset]:
    """Distances, other than none, at which the acts of two platforms pile up, at most one per two platforms.

    A clock that is off moves all acts alike, while programs that post at whole quarters fill all of them. So
    more than half of the lags near any whole quarter must lie near this one.
    """
    platforms = engine.query(PLATFORMS, {"events": tables["events"]})
    if platforms.num_rows < 2:
        return []
    rows = engine.query(LAGS, {"events": tables["events"], "subjects": Table("query", subjects)})
    asked: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for row in rows.to_pylist():
        asked.setdefault((row["one"], row["two"], row["whose"]), []).append((row["lag"], row["step"]))
    found: dict[tuple[str, str], Offset] = {}
    for (one, two, whose), lags in asked.items():
        values = np.array([lag for lag, _ in lags])
        near = max(NEAR, 2 * float(np.median([step for _, step in lags])))
        best = _best(values, near) if near < QUARTER / 4 else None
        if best is None:
            continue
        place, hits, around, expected, p = best
        p = min(1.0, p * 2 * DAY * len(asked))
        told = Offset(one, two, place * QUARTER, whose, hits, around, expected, near, p)
        if p <= level and (one, two) not in found:
            found[one, two] = told
    return [found[key] for key in sorted(found)]


def _best(lags: Floats, near: float) -> tuple[int, int, int, float, float] | None:
    from scipy.stats import binom

    place = np.rint(lags / QUARTER).astype(np.int64)
    close = np.abs(lags - place * QUARTER) <= near
    whole, count = np.unique(place[close], return_counts=True)
    if not len(whole):
        return None
    top = int(whole[count.argmax()])
    hits, around = int(count.max()), int((place == top).sum())
    if top == 0 or not common.exceeds(hits, int(count.sum())):
        return None
    chance = 2 * near / QUARTER
    return top, hits, around, around * chance, float(binom.sf(hits - 1, around, chance))
