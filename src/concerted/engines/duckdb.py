"""DuckDB: the default engine. Nothing is fetched: extension loading is off."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import duckdb
import pyarrow as pa

from concerted import machine
from concerted.engines import ROWS, Kernel, Resources
from concerted.errors import EngineError, SettingError
from concerted.table import Table

ENOUGH = 2 * 10**9  # bytes with which a hundred million posts went through all stages

# functions of the common subset that DuckDB knows by another name
DIALECT = (
    "epoch_s(t) as epoch_us(t) / 1e6",
    "int_div(a, b) as a // b",
    "array_join(list, gap) as array_to_string(list, gap)",
    "explode(list) as unnest(list)",
    "first_of(list) as list[1]",
    "folded(s) as lower(s)",
    "left_trimmed(s) as ltrim(s)",
)


def share(held: int) -> int:
    """Bytes that DuckDB may use of so many that the machine has; see `connect`."""
    return max(held // 8, min(held // 4, ENOUGH))


def connect(memory: int | None = None) -> duckdb.DuckDBPyConnection:
    """A connection that cannot reach the network and spills to a temporary folder.

    `memory` is a limit in bytes; without one it is an eighth of the machine, since tables and tests take
    memory beside it, or where that is less than `ENOUGH`, that much of a quarter.
    """
    options = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "temp_directory": tempfile.gettempdir(),
        "TimeZone": "UTC",
        # as other engines have it
        "default_null_order": "nulls_first_on_asc_last_on_desc",
    }
    memory = memory or share(machine.memory() or 0)
    if memory:
        options["memory_limit"] = f"{memory}B"
    connection = duckdb.connect()
    for macro in DIALECT:
        connection.execute(f"create macro {macro}")
    for name, value in options.items():
        connection.execute(f"set global {name} = '{value}'")
    return connection


class DuckDB:
    """On this machine, inside the process, with more than memory holds on disk."""

    spreads = False

    def __init__(self, resources: Resources | None = None) -> None:
        resources = resources or Resources()
        if resources.cluster:
            raise SettingError(
                f"cluster = {resources.cluster!r}: DuckDB runs on this machine only; for a cluster choose "
                "another --engine"
            )
        self._connection = connect(resources.bytes)

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table:
        """The answer in memory. Raises EngineError, which carries the SQL."""
        with self._bound(sql, tables) as relation:
            return relation.to_arrow_table()

    def batches(self, sql: str, tables: Mapping[str, Table], rows: int = ROWS) -> Iterator[pa.RecordBatch]:
        """The answer in batches of at most `rows` rows. Raises EngineError, which carries the SQL."""
        with self._bound(sql, tables) as relation:
            yield from relation.to_arrow_reader(rows)

    def sweep(
        self,
        sql: str,
        tables: Mapping[str, Table],
        by: str,
        order: Sequence[str],
        kernel: Kernel,
        schema: pa.Schema,
        rows: int = ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """One call of the kernel over all rows. Raises EngineError, which carries the SQL."""
        columns = ", ".join(f"{column} nulls last" for column in (by, *order))
        for batch in kernel(self.batches(f"select * from ({sql}) order by {columns}", tables, rows)):
            yield batch.cast(schema)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def _bound(self, sql: str, tables: Mapping[str, Table]) -> Iterator[duckdb.DuckDBPyRelation]:
        # a cursor of its own, so that a query sees the tables it was given and no other
        with closing(self._connection.cursor()) as cursor:
            try:
                for name, table in tables.items():
                    if isinstance(table.data, tuple) and table.data:
                        paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in table.data)
                        cursor.execute(f"create temp view {name} as select * from read_parquet([{paths}])")
                    else:
                        cursor.register(name, table.to_arrow())
                relation = cursor.sql(sql)
                if relation is None:
                    raise EngineError("the statement gives no rows: only queries are allowed here", sql)
                yield relation
            except duckdb.Error as error:
                raise EngineError(f"{error}\nwhile running:\n{sql}", sql) from error
