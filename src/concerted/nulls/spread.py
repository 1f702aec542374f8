"""The sweep where an engine spreads the rows over machines: each gets whole objects, and hands back keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.nulls.coactions import Counted, Tally, sweep, width
from concerted.nulls.density import Crowd, crowd, taking_part
from concerted.nulls.log import NO_ORIGIN, Log, changes
from concerted.table import Table

ROWS = """
select n.code as account, e.object as object, epoch_us(e.time) as time,
    coalesce(e.resolution_s, 1.0) as step
from events e join names n on n.account = e.account where e.trace = '{trace}'
"""
ORDER = ("time", "account")
CROWDS = pa.schema(
    [("window", pa.int64()), ("others", pa.int64()), ("events", pa.int64()), ("finest", pa.float64())]
)
KEYS = pa.schema([("window", pa.int64()), ("key", pa.int64())])


def crowds(
    engine: Engine, tables: Mapping[str, Table], trace: str, windows: Sequence[int]
) -> dict[int, Crowd]:
    """How crowded the moments of a trace are, by window in seconds.

    `tables` are the events, and the names, which give each account its `code`.
    """
    sql = ROWS.format(trace=trace)
    parts = list(engine.sweep(sql, tables, "object", ORDER, _Crowds(tuple(windows)), CROWDS))
    told = pa.Table.from_batches(parts, CROWDS).group_by(["window", "others"])
    found = told.aggregate([("events", "sum"), ("finest", "min")]).sort_by("others").to_pylist()
    result = {}
    for window in windows:
        mine = [row for row in found if row["window"] == window]
        fits = [row for row in mine if row["others"] >= 0]
        result[window] = Crowd(
            np.array([row["others"] for row in fits], np.int64),
            np.array([row["events_sum"] for row in fits], np.int64),
            sum(row["events_sum"] for row in mine if row["others"] < 0),
            min((row["finest_min"] for row in mine), default=np.inf),
        )
    return result


def count(
    engine: Engine,
    tables: Mapping[str, Table],
    trace: str,
    crowded: Mapping[int, Crowd],
    accounts: int,
    room: int = 0,
) -> dict[int, Counted]:
    """Pairs that touch at least two distinct objects within each window. See `coactions.count`."""
    most = {window: one.limit for window, one in crowded.items()}
    sql, kernel = ROWS.format(trace=trace), _Keys(tuple(most.items()), width(accounts))
    with ExitStack() as open_:
        tallies = {}
        for window, one in crowded.items():
            fits = one.others <= (most[window] or np.inf)
            total = int((one.others * one.events)[fits].sum()) // 2
            tallies[window] = open_.enter_context(Tally(np.zeros(accounts), total, room))
        for batch in engine.sweep(sql, tables, "object", ORDER, kernel, KEYS):
            of, keys = (np.asarray(batch[column], dtype=np.int64) for column in ("window", "key"))
            for window, tally in tallies.items():
                tally.add(tally.split(keys[of == window]))
        return {window: tally.counted() for window, tally in tallies.items()}


@dataclass(frozen=True)
class _Crowds:
    """Kernel: how many events have how many others; -1 others where the clock is too coarse."""

    windows: tuple[int, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for log in _whole(batches):
            for window in self.windows:
                one = crowd(log, window)
                others, events = np.append(one.others, -1), np.append(one.events, one.coarse)
                said = [np.full(len(others), window), others, events, np.full(len(others), one.finest)]
                yield pa.record_batch([pa.array(column) for column in said], schema=CROWDS)


@dataclass(frozen=True)
class _Keys:
    """Kernel: all pairs within each window, whose limit goes with it, as numbers."""

    limits: tuple[tuple[int, int], ...]
    bits: int

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for log in _whole(batches):
            for window, most in self.limits:
                near = log.keep(taking_part(log, window, most))
                keys = sweep(near.account, near.reach(window), 0, len(near.account), self.bits)
                said = [np.full(len(keys), window), keys]
                yield pa.record_batch([pa.array(column) for column in said], schema=KEYS)


def _whole(batches: Iterator[pa.RecordBatch]) -> Iterator[Log]:
    """The rows as logs of whole objects that two accounts or more have touched."""
    rest: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if rest is None else pa.concat_tables([rest, rows])
        starts = np.flatnonzero(changes(rows["object"]))
        last = int(starts[-1]) if len(starts) else 0
        if last:
            yield _log(rows.slice(0, last))
        rest = rows.slice(last)
    if rest is not None and len(rest):
        yield _log(rest)


def _log(rows: pa.Table) -> Log:
    start = np.flatnonzero(changes(rows["object"]))
    size = np.diff(start, append=len(rows))
    object = np.repeat(np.arange(len(start)), size)
    shared = (size > 1)[object]
    account, time, step = (np.asarray(rows[column])[shared] for column in ("account", "time", "step"))
    return Log(account, object[shared], time, step, np.full(len(start), NO_ORIGIN))
