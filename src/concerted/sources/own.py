"""Our own tables of posts and accounts, as `concerted convert` and cases keep them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.sources import parquetfile
from concerted.sources.ids import present
from concerted.sources.ledger import Ledger
from concerted.sources.opening import CHUNK, Opened
from concerted.sources.recipe import LISTS, PARENTS, PROFILE, Options
from concerted.sources.table import AnyTable

_NEEDED = {"posts": ("post", "account", "time"), "accounts": ("account", "account_id")}


class Own:
    """Rows are taken as they stand, down to what an export could not tell; file and line are those of this
    table. With --map or --platform it is read like anybody's table."""

    name = "own"
    says = "concerted's own tables of posts and accounts, as Parquet"
    covers = (
        *(name for name in schema.TABLES["posts"] if name != "kind"),
        *PARENTS,
        *LISTS,
        *PROFILE,
        "statuses",
    )
    clock = "as it was read the first time"

    def recognise(self, opened: Opened) -> float:
        """By all their columns with their types."""
        return 0.99 if opened.kind == "parquet" and _table(opened.path) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables."""
        if options.map or options.platform:
            yield from AnyTable().read(opened, options)
            return
        name, ledger, records = _table(opened.path), Ledger(opened.file), 0
        for batch in parquetfile.batches(opened.path, list(schema.TABLES[name]), CHUNK, opened.meter):
            rows = np.arange(records + 1, records + 1 + len(batch))
            records += len(batch)
            sound = [present(batch.column(one)) for one in _NEEDED[name]]
            if name == "posts":
                sound.append(np.isin(batch.column("kind").to_pylist(), schema.KINDS))
            whole = np.logical_and.reduce(sound)
            ledger.add_all(
                rows[~whole].tolist(), f"no row as concerted writes it: {', '.join(_NEEDED[name])}"
            )
            yield name, _placed(pa.table(batch), opened.file, rows).filter(pa.array(whole))
        yield "ledger", ledger.table()
        yield (
            "inputs",
            schema.rows(
                "inputs",
                file=[opened.file],
                source=[self.name],
                clock=[self.clock if name == "posts" else "no posts"],
                records=[records],
                columns=[[f"{one}={one}" for one in schema.TABLES[name]]],
                capability=[[]],
            ),
        )


def _table(path: Path) -> str:
    """Which of our tables a Parquet file is, if any."""
    there = parquetfile.columns(path)
    for name in _NEEDED:
        wanted = schema.arrow(name)
        if set(wanted.names) <= set(there.names) and all(
            there.field(one.name).type == one.type for one in wanted
        ):
            return name
    return ""


def _placed(table: pa.Table, file: str, rows: np.ndarray) -> pa.Table:
    for name, values in (("file", pa.repeat(file, len(rows))), ("row", pa.array(rows, pa.int64()))):
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, values)
    return table
