"""One table as stages hand it on: rows in memory or in Parquet files, and the tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from concerted import schema
from concerted.errors import MissingExtra

if TYPE_CHECKING:
    import pandas
    import polars

    from concerted.engines import Engine


@cache
def _engine() -> Engine:
    """One for all, since to open one takes longer than most queries."""
    from concerted.engines import open_engine

    return open_engine()


@dataclass(frozen=True)
class Table:
    """Rows of one table.

    `name` is a name in `schema.TABLES`, or "query" for the answer of `sql`. `data` holds the rows in
    memory, or names the Parquet files that do. `beside` holds the tables that were made with it or
    that it was made from, by name: `events.beside["objects"]`.
    """

    name: str
    data: pa.Table | tuple[Path, ...]
    beside: Mapping[str, Table] = field(default_factory=dict, repr=False)

    def to_arrow(self, coded: Sequence[str] = ()) -> pa.Table:
        """All rows in memory. Columns in `coded` come as dictionaries where they are read from files: each
        value is held once, and rows say which."""
        if isinstance(self.data, pa.Table):
            return self.data
        if not self.data:
            return schema.empty(self.name)
        import pyarrow.parquet as pq

        # not read_table, which loads the whole of pandas where that is installed
        return pa.concat_tables([pq.ParquetFile(path, read_dictionary=coded).read() for path in self.data])

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a pandas frame. Raises MissingExtra where pandas is not installed."""
        if find_spec("pandas") is None:
            raise MissingExtra("pandas")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """All rows as a polars frame. Raises MissingExtra where polars is not installed."""
        if find_spec("polars") is None:
            raise MissingExtra("polars")
        import polars

        frame: polars.DataFrame = polars.from_arrow(self.to_arrow())
        return frame

    def sql(self, query: str) -> Table:
        """The answer of a SQL query, in which `this` is this table and neighbours go by their names.

        Raises EngineError, which carries the query.
        """
        return Table("query", _engine().query(query, {**self.beside, "this": self, self.name: self}))

    def rows(self) -> list[dict[str, Any]]:
        """All rows as dicts, for small tables."""
        listed: list[dict[str, Any]] = self.to_arrow().to_pylist()
        return listed

    def __len__(self) -> int:
        if isinstance(self.data, pa.Table):
            return int(self.data.num_rows)
        import pyarrow.parquet as pq

        return sum(int(pq.read_metadata(path).num_rows) for path in self.data)
