"""Reads a file the way a case does and checks that no record is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from concerted.stages.read import Read, read_file


def load(path: Path, **options: Any) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {"posts": [], "accounts": [], "ledger": [], "inputs": []}
    for name, chunk in read_file(path, Read(**options)):
        tables[name] += chunk.to_pylist()
    row = tables["inputs"][0]
    assert row["records"] == row["posts"] + row["accounts"] + row["left_out"]
    assert row["posts"] == len(tables["posts"])
    assert row["left_out"] == sum(lost["count"] for lost in tables["ledger"])
    return tables


def write(folder: Path, content: str | bytes, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
