"""What every engine promises: answers, streams, and sweeps that reach the kernel sorted and whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import concerted as co
from concerted.engines import Resources, open_engine, resources_of
from concerted.engines.duckdb import share
from concerted.errors import EngineError, SettingError
from concerted.table import Table

NEAR = pa.schema([("object", pa.string()), ("first", pa.int64()), ("second", pa.int64())])
WINDOW = 5


def log(rows: int, seed: int) -> pa.Table:
    """Acts on few objects, one of them heavy, one unknown; some at a time that nobody knows."""
    rng = np.random.default_rng(seed)
    names = np.array(["é", "B", "a", "b", "same", "same", "same", None], dtype=object)
    return pa.table(
        {
            "object": pa.array(rng.choice(names, rows), pa.string()),
            "time": pa.array([int(t) if t else None for t in rng.integers(0, rows, rows)], pa.int64()),
            "row": pa.array(rng.permutation(rows), pa.int64()),
        }
    )


def near(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of one object whose times are at most WINDOW apart; fails where rows do not come as promised."""
    seen: list[tuple[Any, ...]] = []
    done: set[str | None] = set()
    for batch in batches:
        found = []
        for row in zip(*(batch[name].to_pylist() for name in ("object", "time", "row")), strict=True):
            if not seen or seen[-1][0] != row[0]:
                assert row[0] not in done, "an object came twice"
                done.add(row[0])
                seen = []
            assert not seen or key(seen[-1]) <= key(row), "not sorted"
            found += [
                (row[0], other[2], row[2])
                for other in seen
                if None not in (other[1], row[1]) and row[1] - other[1] <= WINDOW
            ]
            seen.append(row)
        yield pa.RecordBatch.from_pylist(
            [dict(zip(NEAR.names, one, strict=True)) for one in found], schema=NEAR
        )


def key(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (row[1] is None, row[1] or 0, row[2])


def by_brute_force(table: pa.Table) -> list[tuple[Any, ...]]:
    objects = defaultdict(list)
    for row in table.to_pylist():
        objects[row["object"]].append((row["object"], row["time"], row["row"]))
    return sorted(
        ((name, a[2], b[2]) for name, rows in objects.items() for a in rows for b in rows
         if key(a) < key(b) and None not in (a[1], b[1]) and b[1] - a[1] <= WINDOW),
        key=str,
    )  # fmt: skip


@pytest.mark.parametrize("rows", [1, 7, 400])
@pytest.mark.parametrize("files", [False, True], ids=["memory", "files"])
def test_sweep_is_what_brute_force_gives(engine: Any, rows: int, files: bool, tmp_path: Path) -> None:
    acts = log(rows, rows)
    table = Table("query", acts)
    if files:
        paths = tuple(tmp_path / f"it's {number}.parquet" for number in range(2))
        for number, path in enumerate(paths):
            pq.write_table(
                acts.slice(number * rows // 2, (number + 1) * rows // 2 - number * rows // 2), path
            )
        table = Table("query", paths)
    swept = engine.sweep(
        "select object, time, row from acts", {"acts": table}, "object", ["time", "row"], near, NEAR, 16
    )
    found = [tuple(row.values()) for batch in swept for row in batch.to_pylist()]
    assert sorted(found, key=str) == by_brute_force(acts)


def test_a_query_sees_the_tables_it_was_given_and_no_other(engine: Any) -> None:
    one = Table("query", pa.table({"n": [3, 1, 2]}))
    assert engine.query("select n from t order by n", {"t": one})["n"].to_pylist() == [1, 2, 3]
    batches = engine.batches("select n from t order by n", {"t": one}, 2)
    assert next(batches)["n"].to_pylist() == [1, 2]
    other = engine.query("select sum(n) as n from t", {"t": Table("query", pa.table({"n": [7]}))})
    assert other["n"].to_pylist() == [7]
    assert [batch["n"].to_pylist() for batch in batches] == [[3]]
    with pytest.raises(EngineError) as caught:
        engine.query("select n from t", {})
    assert caught.value.sql == "select n from t"


def test_a_chunk_without_rows_does_not_end_a_table(engine: Any) -> None:
    one, none = pa.table({"n": [1, 2]}), pa.table({"n": pa.array([], pa.int64())})
    for parts in ([none, one, one], [one, none, one], [one, none, none, one, none]):
        rows = Table("query", pa.concat_tables(parts))
        assert sorted(engine.query("select n from t", {"t": rows})["n"].to_pylist()) == [1, 1, 2, 2]
    rows = Table("query", pa.concat_tables([none, none]))
    assert engine.query("select n from t", {"t": rows}).num_rows == 0


def test_what_fails_while_rows_are_made_is_the_engine_failing(engine: Any) -> None:
    words = Table("query", pa.table({"n": ["1", "x"]}))
    with pytest.raises(EngineError):
        engine.query("select cast(n as int) as n from t", {"t": words})
    with pytest.raises(EngineError):
        list(engine.batches("select cast(n as int) as n from t", {"t": words}))


@pytest.mark.parametrize(
    ("memory", "size"), [("4GB", 4_000_000_000), ("1.5 GiB", 3 << 29), ("512mb", 512_000_000), ("", None)]
)
def test_memory_is_a_size(memory: str, size: int | None) -> None:
    resources, rest = resources_of({"memory": memory, "fdr": 0.1})
    assert (resources.bytes, rest) == (size, {"fdr": 0.1})


@pytest.mark.parametrize(("held", "used"), [(0, 0), (4, 1), (8, 2), (12, 2), (16, 2), (24, 3), (64, 8)])
def test_what_duckdb_uses_of_a_machine_of_so_many_gigabytes(held: int, used: int) -> None:
    assert share(held * 10**9) == used * 10**9


@pytest.mark.parametrize("memory", ["much", "4", "0GB", "-1GB", "4PB"])
def test_what_is_no_size_is_refused_before_anything_runs(memory: str, tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("account,time,text\na,2020-01-01T00:00:00Z,b\n", encoding="utf-8")
    with pytest.raises(SettingError, match="write a size such as 4GB"):
        co.detect(file, into=tmp_path / "case", memory=memory)
    assert not (tmp_path / "case").exists()


def test_resources_are_in_the_log_and_in_no_result(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("account,time,text\na,2020-01-01T00:00:00Z,b\n", encoding="utf-8")
    found = [
        co.detect(file, into=tmp_path / memory, memory=memory).to_json() for memory in ("512MB", "600MB")
    ]
    assert found[0] == found[1]
    assert "memory='512MB'" in next((tmp_path / "512MB" / "logs").iterdir()).read_text("utf-8")
    assert "512MB" not in (tmp_path / "512MB" / "concerted.toml").read_text("utf-8")


def test_duckdb_is_no_cluster() -> None:
    with pytest.raises(SettingError, match="another --engine"):
        open_engine(Resources(cluster="spark://host:7077"))
