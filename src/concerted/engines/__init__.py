"""Engines run SQL over tables and hand sorted rows to the kernels; they hold no statistics.

Contract of an engine, proved by running every test case on it:

    query(sql, tables) -> pyarrow.Table                  the answer, in memory
    batches(sql, tables, rows) -> iterator of batches    the answer, streamed

SQL sees each table under its name. SQL is the common subset; whoever needs an order writes ORDER BY.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import pyarrow as pa

from concerted.table import Table


class Engine(Protocol):
    """What an engine offers."""

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table: ...

    def batches(
        self, sql: str, tables: Mapping[str, Table], rows: int = 1_000_000
    ) -> Iterator[pa.RecordBatch]: ...


def open_engine(name: str = "duckdb") -> Engine:
    """The engine of this name. Raises UnknownName."""
    from concerted import registry

    return registry.find("engines", name)()  # type: ignore[no-any-return]
