"""More rows than memory is given: they go through a file, which changes nothing and does not stay."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import rows

from concerted import overflow, registry
from concerted.overflow import Overflow

KIND = pa.schema([("who", pa.string()), ("n", pa.int64())])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("sizes", [[], [0], [3], [4], [5], [0, 2, 0, 2, 1, 0, 7]])
def test_all_rows_come_back_in_their_order(
    sizes: list[int], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overflow, "MANY", 4)
    kept, wanted = Overflow(KIND), []
    for size in sizes:
        numbers = list(range(len(wanted), len(wanted) + size))
        wanted += numbers
        kept.add(pa.table({"n": pa.array(numbers, pa.int32()), "more": numbers, "who": ["a"] * size}))
    table = kept.table()
    assert bool(list(folder.iterdir())) == (len(wanted) > 4)
    assert table.to_arrow().schema.names == KIND.names
    assert table.to_arrow()["n"].to_pylist() == wanted
    assert len(table) == len(wanted)
    kept.close()
    assert not list(folder.iterdir())


@pytest.mark.parametrize("trace", ["reshare", "reply", "quote", "link"])
def test_a_trace_is_the_same_however_few_rows_fit(
    trace: str, engine: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = trace if trace != "link" else "post"
    posts = rows.posts(
        *(
            {
                "account": name,
                "time": f"09:0{minute}:00",
                "kind": kind,
                "text": "see https://a.example/1 and https://a.example/2",
                **({"parent": str(minute % 3)} if minute % 2 else {"parent_account": "z"}),
            }
            for minute in range(8)
            for name in "abc"
        )
    )
    followed = registry.find("traces", trace)()
    whole = followed.events(posts, engine)
    monkeypatch.setattr(overflow, "MANY", 2)
    apart = followed.events(posts, engine)
    assert len(whole.events) > 2
    for one, other in zip(whole[:4], apart[:4], strict=True):
        assert one.to_pylist() == other.to_pylist()
    assert not list(folder.glob("concerted-*"))
