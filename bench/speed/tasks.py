"""What is measured, each in a process of its own: `python tasks.py NAME ARGUMENTS`."""

from __future__ import annotations

import sys
from pathlib import Path

import concerted
from concerted import schema
from concerted.engines import Resources, open_engine
from concerted.engines.duckdb import connect
from concerted.parquet import Writer
from concerted.stages import pair
from concerted.table import Table

MEMORY = "6GB"
RESHARES = "from read_parquet('{log}') where repost_id is not null"


def floor(log: str) -> None:
    """The least that any tool has to do: read who, what and when, and sort by what and when."""
    rows = connect(Resources(memory=MEMORY).bytes).sql(
        f"select repost_id, user_id, timestamp {RESHARES.format(log=log)} order by repost_id, timestamp"
    )
    for batch in rows.to_arrow_reader(1_000_000):
        del batch


def prepare(log: str, folder: str) -> None:
    """The tables that the trace of reshares makes of a log, without the rest of a case."""
    rows = f"""
        select 'reshare' as trace, 'x:' || user_id as account, repost_id as object,
            make_timestamptz(min(timestamp) * 1000000) as time, 1.0 as resolution_s,
            arg_min(message_id, timestamp) as post
        {RESHARES.format(log=log)} group by user_id, repost_id order by object, time, account
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    writer = Writer(out / "events.parquet", schema.arrow("events"))
    for batch in connect(Resources(memory=MEMORY).bytes).sql(rows).to_arrow_reader(1_000_000):
        table = {name: batch.column(name) for name in batch.schema.names}
        writer.add(schema.rows("events", **table))
    writer.close()


def pairs(folder: str, engine: str) -> None:
    """The stage pair, from its tables to its tables, all windows at once."""
    tables = {"events": Table("events", (Path(folder) / "events.parquet",)), "objects": Table("objects", ())}
    writers: dict[str, Writer] = {}
    opened = open_engine(Resources(engine=engine, memory=MEMORY))
    for name, chunk in pair.run(tables, pair.Config(), engine=opened):
        if name not in writers:
            writers[name] = Writer(Path(folder) / f"{name}.parquet", chunk.schema)
        writers[name].add(chunk)
    for writer in writers.values():
        writer.close()
    opened.close()


def calls(csv: str, trace: str) -> None:
    """From CSV to pairs by the functions of the package, with no case on disk."""
    concerted.pair(concerted.trace(concerted.read(csv), [trace]))


if __name__ == "__main__":
    {"floor": floor, "prepare": prepare, "pairs": pairs, "calls": calls}[sys.argv[1]](*sys.argv[2:])
