"""Rows on their way from one step to the next: in memory or, where they are many, in a temporary file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from concerted.parquet import Writer
from concerted.table import Table

MANY = 4_000_000  # rows held in memory


class Overflow:
    """Rows of one schema, taken up chunk by chunk and read as one table."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._held: list[pa.Table] = []
        self._count = 0
        self._folder: TemporaryDirectory[str] | None = None
        self._writer: Writer | None = None

    def add(self, rows: pa.Table) -> None:
        """Take the next rows, which have the columns of the schema, in any order and among others."""
        self._held.append(rows.select(self._schema.names).cast(self._schema))
        self._count += rows.num_rows
        if self._count > MANY:
            if self._writer is None:
                self._folder = TemporaryDirectory(prefix="concerted-")
                self._writer = Writer(Path(self._folder.name) / "rows.parquet", self._schema)
            for held in self._held:
                self._writer.add(held)
            self._held = []

    def table(self) -> Table:
        """All rows. None can be added any more, and those in a file last until `close`."""
        if self._writer is None:
            return Table("query", pa.concat_tables([self._schema.empty_table(), *self._held]))
        self._writer.close()
        return Table("query", (self._writer.path,))

    def close(self) -> None:
        """Give back what they take."""
        self._held = []
        if self._folder is not None:
            self._folder.cleanup()
