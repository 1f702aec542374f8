"""The log of a trace where an engine spreads the rows over machines: each sorts and codes whole objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.nulls.coding import changes
from concerted.nulls.log import NO_ORIGIN, Log, even
from concerted.table import Table

ROWS = """
select n.code as account, e.object as object, epoch_us(e.time) as time,
    coalesce(e.resolution_s, 1.0) as step
from events e join names n on n.account = e.account where e.trace = '{trace}'
"""
ORDER = ("time", "account")
CODED = pa.schema(
    [("account", pa.int64()), ("time", pa.int64()), ("step", pa.float64()), ("first", pa.bool_())]
)


def log(engine: Engine, tables: Mapping[str, Table], trace: str) -> Log:
    """The events of a trace, without its origins.

    `tables` are the events, and the names, which give each account its `code`.
    """
    parts = engine.sweep(ROWS.format(trace=trace), tables, "object", ORDER, _coded, CODED)
    rows = pa.Table.from_batches(parts, CODED)
    account, time, step, first = (rows[column].to_numpy() for column in CODED.names)
    return Log(account, np.cumsum(first) - 1, time, even(step), np.full(int(first.sum()), NO_ORIGIN))


def _coded(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Kernel: the rows of objects that two accounts or more have touched, where each object begins."""
    for rows in _whole(batches):
        first = changes(rows["object"])
        size = np.diff(np.flatnonzero(first), append=len(first))
        shared = pa.array(np.repeat(size > 1, size))
        found = rows.append_column("first", pa.array(first)).select(CODED.names).filter(shared)
        yield from found.combine_chunks().to_batches()


def _whole(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in pieces of whole objects."""
    rest: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if rest is None else pa.concat_tables([rest, rows])
        starts = np.flatnonzero(changes(rows["object"]))
        last = int(starts[-1]) if len(starts) else 0
        if last:
            yield rows.slice(0, last)
        rest = rows.slice(last)
    if rest is not None and len(rest):
        yield rest
