"""Reads a file the way a case does and checks that no record is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import data_dir

from concerted.errors import InputError
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


def check_counts(name: str, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """Reads a public sample; its posts and rows left out must be those counted by other means, or the file
    must be refused where its ids are damaged. Gives its tables, empty where it was refused."""
    folder, _, rest = name.partition("/")
    path = data_dir(folder) / rest
    want = json.loads((data_dir("export_samples") / "expected.json").read_text("utf-8"))[name]
    if want.get("stop"):
        with pytest.raises(InputError, match="rounded"):
            load(path, **options)
        return {}
    tables = load(path, **options)
    row = tables["inputs"][0]
    assert row["posts"] in want["posts"] and row["left_out"] in want["left_out"], tables["ledger"]
    return tables
