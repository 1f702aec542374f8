"""The same bytes whatever the order of rows, the names of accounts, or the process."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from test_weigh import planted
from timed import Row, events, joined, paired, ran, weighed

from concerted.stages import group, weigh
from concerted.table import Table


def bytes_of(tables: dict[str, Table]) -> str:
    hashed = hashlib.sha256()
    for name in sorted({*weigh.WRITES, *group.WRITES, "pairs"} & tables.keys()):
        sink = pa.BufferOutputStream()
        whole = tables[name].to_arrow().combine_chunks()
        with pa.ipc.new_stream(sink, whole.schema) as stream:
            stream.write_table(whole)
        hashed.update(sink.getvalue())
    return hashed.hexdigest()


def all_tables(touched: list[Row], mix: int | None = None) -> dict[str, Table]:
    tables = joined(events(touched), events(sorted(touched)[:1500], trace="reshare"))
    if mix is not None:
        rng = random.Random(mix)
        tables = {
            name: Table(name, one.to_arrow().take(rng.sample(range(len(one)), len(one))))
            for name, one in tables.items()
        }
    before = paired(tables)
    before = {**before, **ran(weigh, before)}
    return {**before, **ran(group, before, resamples=5)}


def test_order_of_rows_changes_no_byte() -> None:
    touched = planted(2)
    whole = bytes_of(all_tables(touched))
    assert bytes_of(all_tables(touched, mix=1)) == whole
    assert bytes_of(all_tables(list(reversed(touched)), mix=2)) == whole


def test_names_of_accounts_change_no_p() -> None:
    """Other names put the accounts in another order; everything said of them stays as it was."""
    touched = planted(2)
    rng = random.Random(5)
    old = sorted({account for account, _, _ in touched})
    fresh = dict(zip(old, rng.sample([f"x:n{n:04d}" for n in range(len(old))], len(old)), strict=True))
    one = weighed(events(touched))
    two = weighed(events([(fresh[account], o, t) for account, o, t in touched]))
    known = {row["account"]: row for row in two["standings"].rows()}
    for row in one["standings"].rows():
        other = known[fresh[row["account"]]]
        assert [row[c] for c in ("answer", "k", "family")] == [other[c] for c in ("answer", "k", "family")]
        assert other["p"] == pytest.approx(row["p"], rel=1e-9)
    ties = {frozenset((row["a"], row["b"])) for row in two["ties"].rows() if row["answer"] == "found"}
    assert ties == {
        frozenset((fresh[row["a"]], fresh[row["b"]]))
        for row in one["ties"].rows()
        if row["answer"] == "found"
    }


def test_another_process_writes_the_same_bytes() -> None:
    code = "import test_nulls_order as t; print(t.bytes_of(t.all_tables(t.planted(2))))"
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert told.stdout.strip() == bytes_of(all_tables(planted(2)))
