"""Writing Parquet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 131_072  # of one row group


class Writer:
    """Writes chunks of any size as row groups of one size, so that the same rows are the same bytes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.rows = 0
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._count = 0

    def add(self, chunk: pa.Table) -> None:
        """Take the next rows."""
        self.rows += chunk.num_rows
        self._count += chunk.num_rows
        self._waiting.append(chunk)
        if self._count < ROWS:
            return
        rows = pa.concat_tables(self._waiting)
        whole = self._count - self._count % ROWS
        for start in range(0, whole, ROWS):
            self._writer.write_table(rows.slice(start, ROWS).combine_chunks(), row_group_size=ROWS)
        self._waiting, self._count = [rows.slice(whole)], self._count - whole

    def close(self) -> None:
        """Write what is left and end the file."""
        if self._count:
            self._writer.write_table(pa.concat_tables(self._waiting).combine_chunks(), row_group_size=ROWS)
        self._writer.close()
