"""Writing Parquet."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 131_072  # of one row group
# Bytes of distinct values from which a column is written without a dictionary: where most values differ, as
# ids do, it is larger than they are and takes as long as all the rest.
DICTIONARY = 1 << 16


class Writer:
    """Writes chunks of any size as row groups of one size, so that the same rows are the same bytes.

    A row group is written in a thread while the next one is gathered; an error of it is raised by `add` of a
    later chunk, or by `close`.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.rows = 0
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", dictionary_pagesize_limit=DICTIONARY
        )
        self._thread = ThreadPoolExecutor(1, "parquet")
        self._writing: Future[None] | None = None
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
            self._written()
            self._writing = self._thread.submit(self._write, rows.slice(start, ROWS))
        self._waiting, self._count = [rows.slice(whole)], self._count - whole

    def close(self) -> None:
        """Write what is left and end the file."""
        with self._thread:
            self._written()
        if self._count:
            self._write(pa.concat_tables(self._waiting))
        self._writer.close()

    def _write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows.combine_chunks(), row_group_size=ROWS)

    def _written(self) -> None:
        """Waits, so that memory holds no more than one row group that is not written."""
        if self._writing:
            self._writing.result()
