"""Records in which any one value is not what the format says: each is a post or left out, none is a crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import test_sources_meta as meta
import test_sources_x_api as api
import test_sources_zeeschuimer as browser
from reading import load, write

ODD: list[Any] = [
    None,
    1,
    -5,
    "x",
    "",
    [],
    {},
    [1],
    [None],
    [[1]],
    [{"a": [1]}],
    {"a": 1},
    True,
    "\ud800",
    "\0",
]
POSTS = {
    "x_v1": api.RESHARE,
    "x_v2": api.flattened()[1],
    "meta_library": meta.RECORDS[0],
    "zeeschuimer": json.loads(browser.enveloped("x.com", browser.X_RESHARE)),
    "zeeschuimer, TikTok": json.loads(browser.enveloped("tiktok.com", browser.TIKTOK)),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def changed(record: Any, path: tuple[Any, ...], value: Any) -> Any:
    record = copy.deepcopy(record)
    held = record
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = value
    return record


@pytest.mark.parametrize("name", list(POSTS))
def test_any_value_may_be_odd(tmp_path: Path, name: str) -> None:
    record = POSTS[name]
    mutants = [changed(record, path, odd) for path in places(record) for odd in ODD]
    # sound records first, so that the file is recognised and its clock is known
    text = "".join(json.dumps(one) + "\n" for one in [record] * 30 + mutants)
    tables = load(write(tmp_path, text, "f.jsonl"))
    row = tables["inputs"][0]
    assert row["source"] == name.split(",")[0]
    assert row["records"] == 30 + len(mutants)
    assert all(lost["reason"] for lost in tables["ledger"])
    assert all(post["account"] and post["time"] for post in tables["posts"])
    ids = {str(post[key]) for post in tables["posts"] for key in ("post", "account", "parent", "thread")}
    assert not any(mark in one for one in ids for mark in "{[") and "x:true" not in ids


def test_any_value_of_a_page_may_be_odd(tmp_path: Path) -> None:
    mutants = [
        changed(api.PAGE, path, odd) for path in places(api.PAGE) for odd in (None, 1, "x", [1], {"a": 1})
    ]
    text = "".join(json.dumps(one) + "\n" for one in [api.PAGE] * 30 + mutants)
    row = load(write(tmp_path, text, "f.jsonl"))["inputs"][0]
    assert row["source"] == "x_v2" and row["records"] >= 90 + len(mutants)
