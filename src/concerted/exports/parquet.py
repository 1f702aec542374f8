"""Findings as Parquet tables for statistics programs."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from concerted.exports import _made, _tables
from concerted.findings import Findings

BATCH = 50_000  # rows that are in memory as Python values at a time


class Parquet:
    """The tables of the CSV export with their types, one file each, texts exactly as posted.

    `found.parquet` holds the accounts; beside it lie `found.ties.parquet`, `found.evidence.parquet` and so
    on. Times are UTC. The file's own metadata name the version and say whether handles are shown.
    """

    name = "parquet"
    suffixes = (".parquet",)

    def write(self, findings: Findings, path: Path) -> list[Path]:
        """The files, of which `path` is the first."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {
            "concerted": findings.made.version,
            "handles_of_group_members_shown": str(_made.shown(findings)).lower(),
        }
        written: list[Path] = []
        for table, columns, rows in _tables.rows(findings):
            target = path if not written else path.with_name(f"{path.stem}.{table}{path.suffix}")
            schema = pa.schema(list(columns.items()), metadata=about)
            with pq.ParquetWriter(target, schema, compression="zstd") as writer:
                while batch := list(islice(rows, BATCH)):
                    picked = [{name: row.get(name) for name in columns} for row in batch]
                    writer.write_table(pa.Table.from_pylist(picked, schema=schema))
            written.append(target)
        return written
