"""The stages as functions over tables in memory.

Each returns the main table it made; `.beside` holds all tables it was given or made, so that the next
function finds what it needs: `co.weigh(co.pair(co.trace(co.read("posts.csv"), ["link"])))`. All take, beside
options of their own, what they may use to compute: `engine=`, `memory=`, `cluster=`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from concerted import settings
from concerted.detect import load_stages
from concerted.engines import open_engine, resources_of
from concerted.errors import InputError
from concerted.plan import named
from concerted.table import Table


def read(
    *files: str | Path, columns: Mapping[str, str] | None = None, timezone: str = "", **options: Any
) -> Table:
    """Posts from exports; beside them accounts, inputs and the ledger of what was left out.

    `columns` says which input column is which: `{"account": "user", "time": "when"}`, its keys being
    columns of posts and accounts. `timezone` is the zone of times that name none, such as "UTC".
    Further options are those of `concerted read`. Raises InputError and its kinds, SettingError.
    """
    if not files:
        raise InputError("no files are given: name at least one export to read")
    chosen = {"files": [str(file) for file in files], "map": dict(columns or {}), "timezone": timezone}
    return _run("read", {}, {**chosen, **options})


def trace(posts: Table, traces: Iterable[Any] = (), **options: Any) -> Table:
    """Events: who touched which object when. `traces` are names or instances of trace classes;
    without them every trace the posts allow is used. Raises UnknownName, SettingError."""
    return _run("trace", _beside(posts), {"traces": list(traces), **options})


def pair(events: Table, **options: Any) -> Table:
    """Pairs of accounts that touched the same objects within a window of the ladder."""
    return _run("pair", _beside(events), options)


def weigh(pairs: Table, **options: Any) -> Table:
    """Ties: pairs whose acts come together more often than chance explains, at the false discovery rate
    `fdr`. Beside them `standings`, one row per account tested."""
    return _run("weigh", _beside(pairs), options)


def group(ties: Table, **options: Any) -> Table:
    """Groups of found accounts that hang together; beside them sets and leads."""
    return _run("group", _beside(ties), options)


def explain(groups: Table, **options: Any) -> Table:
    """The exact posts behind every tie; beside them notes for and against."""
    return _run("explain", _beside(groups), options)


def _beside(table: Table) -> dict[str, Table]:
    return {**table.beside, table.name: table}


def _run(stage: str, given: Mapping[str, Table], values: Mapping[str, Any]) -> Table:
    module = load_stages([stage])[stage]
    missing = [name for name in module.READS if name not in given]
    if missing and stage != "read":
        raise InputError(
            f"{stage} needs the table {missing[0]!r}: pass on the table that the function before it returned"
        )
    resources, values = resources_of(values)
    config = settings.build(module.Config, named(values))
    made: dict[str, list[pa.Table]] = {
        name: [given[name].to_arrow()]
        for name in module.WRITES
        if name in given and name in ("made", "ledger")
    }
    needed = {name: given[name] for name in module.READS if name in given}
    with closing(open_engine(resources)) as engine:
        for name, chunk in module.run(needed, config, engine=engine):
            made.setdefault(name, []).append(chunk)
    tables = {**given, **{name: Table(name, pa.concat_tables(chunks)) for name, chunks in made.items()}}
    main = module.WRITES[0]
    return Table(main, tables[main].to_arrow(), tables)
