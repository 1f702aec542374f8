"""Rows per second of reading, per format, beside DuckDB's own reader on the same file.

    uv run python bench/read/speed.py --rows 200000

DuckDB only splits the file into columns of text; concerted also finds the encoding, judges ids and clocks by
the whole file, checks every record, and makes rows of posts. Seconds are of one process's CPU, so that other
work on the machine does not count.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from memory import posts, zstd

from concerted.stages.read import Read, read_file


def main() -> int:
    """Runs it; the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=200_000)
    given = options.parse_args()
    rows = _rows(given.rows)
    print(f"{given.rows:,} posts\n| format | MB | concerted rows/s | duckdb rows/s | ratio |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="concerted-bench-") as folder:
        for name, write in _FORMATS.items():
            path = Path(folder) / name
            write(rows, path)
            mine, theirs = (
                _timed(lambda p=path: _mine(p), given.rows),
                _timed(lambda p=path: _duckdb(p), given.rows),
            )
            size = path.stat().st_size / 1e6
            print(f"| {name} | {size:.0f} | {mine:,.0f} | {theirs:,.0f} | {theirs / mine:.1f} |", flush=True)
            path.unlink()
    return 0


def _timed(read: Callable[[], int], rows: int) -> float:
    begun = time.process_time()
    found = read()
    if found != rows:
        raise SystemExit(f"{found} rows came out of {rows}")
    return rows / (time.process_time() - begun)


def _mine(path: Path) -> int:
    return sum(chunk.num_rows for name, chunk in read_file(path, Read()) if name == "posts")


def _duckdb(path: Path) -> int:
    reader = "read_csv('{}', all_varchar=true)"
    if ".json" in path.name or ".ndjson" in path.name:
        reader = "read_json('{}')"
    elif path.suffix == ".parquet":
        reader = "read_parquet('{}')"
    with duckdb.connect() as connection:
        relation = connection.sql(f"select * from {reader.format(path)}")
        return sum(batch.num_rows for batch in relation.to_arrow_reader(50_000))


def _rows(count: int) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for block in posts(1e9):
        for line in block.splitlines():
            made.append(json.loads(line))
            if len(made) == count:
                return made
    return made


def _flat(rows: list[dict[str, object]]) -> list[dict[str, str]]:
    return [
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in row.items()}
        for row in rows
    ]


def _jsonl(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _csv(rows: list[dict[str, object]], path: Path, mark: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=mark)
        writer.writeheader()
        writer.writerows(_flat(rows))


_FORMATS: dict[str, Callable[[list[dict[str, object]], Path], object]] = {
    "posts.csv": _csv,
    "posts.tsv": lambda rows, path: _csv(rows, path, "\t"),
    "posts.ndjson": lambda rows, path: path.write_bytes(_jsonl(rows)),
    "posts.ndjson.gz": lambda rows, path: path.write_bytes(gzip.compress(_jsonl(rows), 3)),
    "posts.ndjson.zst": lambda rows, path: path.write_bytes(zstd.compress(_jsonl(rows))),
    "posts.json": lambda rows, path: path.write_text(json.dumps(rows), "utf-8"),
    "posts.parquet": lambda rows, path: pq.write_table(pa.Table.from_pylist(_flat(rows)), path),
}

if __name__ == "__main__":
    sys.exit(main())
