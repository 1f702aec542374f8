"""DuckDB: the default engine. Nothing is fetched: extension loading is off."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa

from concerted.errors import EngineError
from concerted.table import Table


def connect(memory: str = "") -> duckdb.DuckDBPyConnection:
    """A connection that cannot reach the network and spills to a temporary folder.

    `memory` is a limit such as "4GB"; empty leaves DuckDB's own (80 % of the machine).
    """
    options = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "temp_directory": tempfile.gettempdir(),
        "TimeZone": "UTC",
    }
    if memory:
        options["memory_limit"] = memory
    connection = duckdb.connect()
    for name, value in options.items():
        connection.execute(f"set {name} = '{value}'")
    return connection


class DuckDB:
    """One connection; tables are bound for the length of a query."""

    def __init__(self, memory: str = "") -> None:
        self._connection = connect(memory)

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table:
        """The answer in memory. Raises EngineError, which carries the SQL."""
        return self._run(sql, tables).to_arrow_table()

    def batches(
        self, sql: str, tables: Mapping[str, Table], rows: int = 1_000_000
    ) -> Iterator[pa.RecordBatch]:
        """The answer in batches of at most `rows` rows. Raises EngineError, which carries the SQL."""
        yield from self._run(sql, tables).to_arrow_reader(rows)

    def _run(self, sql: str, tables: Mapping[str, Table]) -> duckdb.DuckDBPyRelation:
        try:
            for name, table in tables.items():
                if isinstance(table.data, tuple) and table.data:
                    paths = [str(path) for path in table.data]
                    self._connection.read_parquet(paths).create_view(name, replace=True)
                else:
                    self._connection.register(name, table.to_arrow())
            relation = self._connection.sql(sql)
        except duckdb.Error as error:
            raise EngineError(f"{error}\nwhile running:\n{sql}", sql) from error
        if relation is None:
            raise EngineError("the statement gives no rows: only queries are allowed here", sql)
        return relation
