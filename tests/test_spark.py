"""Spark finds what DuckDB finds, to the byte; where it cannot start it says why, and says nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from test_resume import export

import concerted as co
from concerted.cli import main
from concerted.engines import Resources, open_engine, session
from concerted.engines.spark import ENDED, HELD
from concerted.table import Table

POSTS = "account,time,text\na,2020-01-01T00:00:00Z,b\n"


@pytest.fixture
def posts(tmp_path: Path) -> str:
    path = tmp_path / "posts.csv"
    path.write_text(POSTS, encoding="utf-8")
    return str(path)


def made(case: Path) -> Any:
    return json.loads((case / "manifest.json").read_text("utf-8"))["files"]


def test_every_file_of_a_case_is_the_same(spark: Resources, tmp_path: Path) -> None:
    file = export(tmp_path / "posts.csv", 1)
    for name in ("duckdb", spark.engine):
        found = co.detect(file, into=tmp_path / name, engine=name)
        assert len(found.groups) == 1
    assert made(tmp_path / "duckdb") == made(tmp_path / "spark")
    log = next((tmp_path / "spark" / "logs").iterdir()).read_text("utf-8")
    assert "engine='spark'" in log


def test_a_case_goes_on_with_another_engine(
    posts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "case"
    co.detect(posts, into=case)
    before = made(case)
    monkeypatch.setattr(session, "check", lambda: None)
    monkeypatch.setattr(session, "start", lambda resources: pytest.fail("Spark was started for nothing"))
    monkeypatch.setattr(session, "running", lambda: pytest.fail("Spark was looked for, for nothing"))
    co.detect(into=case, engine="spark")
    assert made(case) == before


@pytest.mark.parametrize("letters", ["İstanbul ΕΛΛΑΣ Straße ǅ", "ASCII", "", None])
def test_texts_are_folded_and_trimmed_alike(spark: Resources, letters: str | None) -> None:
    texts = [letters, f" \u3000\u00a0{letters}", f"\t{letters}"]
    table = {"t": Table("query", pa.table({"n": [1, 2, 3], "s": pa.array(texts, pa.string())}))}
    sql = "select folded(s) as f, left_trimmed(s) as l from t order by n"
    answers = [open_engine(one).query(sql, table).to_pylist() for one in (Resources(), spark)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "sql",
    [
        "select n from t order by n",
        "select n from t order by n desc",
        "select n, row_number() over (order by n) as turn from t order by turn",
        "select int_div(n, 2) as half from t order by half",
        "select epoch_s(time) as s, epoch_us(time) as us from t order by us",
        "select time - to_microseconds(n) as time from t order by time",
        "select first_of(l) as one, cardinality(l) as size from t order by n",
        "select n, explode(l) as one from t order by n, one",
        "select array_join(array_sort(array_agg(distinct s)), '-') as said from t",
        "select max_by(s, (coalesce(n, 0), s)) filter (where s is not null) as s from t",
        "select regexp_matches(s, '^[ab]$') as short, split_part(s, ':', 2) as after from t order by n",
        "select 'it''s' as quoted",
    ],
)
@pytest.mark.parametrize("held", [0, HELD])
def test_the_common_subset_means_the_same(
    spark: Resources, monkeypatch: pytest.MonkeyPatch, sql: str, held: int
) -> None:
    """Whether Java holds the rows or reads them from a file."""
    monkeypatch.setattr("concerted.engines.spark.HELD", held)
    times = pa.array([1577836800123457, -3, None, 7], pa.timestamp("us", tz="UTC"))
    table = {
        "t": Table(
            "query",
            pa.table(
                {
                    "n": [3, None, -3, 8],
                    "s": ["a", "b:c", None, "a"],
                    "l": [["x", "y"], [], None, ["z"]],
                    "time": times,
                }
            ),
        )
    }
    answers = [open_engine(one).query(sql, table).to_pylist() for one in (Resources(), spark)]
    assert answers[0] == answers[1]


def test_without_pyspark_the_extra_is_named(
    posts: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    assert main(["detect", posts, "--into", f"{posts}.case", "--engine", "spark"]) == 5
    assert "pip install 'concerted[spark]'" in capsys.readouterr().err
    assert not Path(f"{posts}.case").exists()


def test_without_java_it_says_what_to_install(
    posts: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session.shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(session, "find_spec", lambda name: True)
    assert main(["detect", posts, "--into", f"{posts}.case", "--engine", "spark"]) == 4
    err = capsys.readouterr().err
    assert err.startswith("concerted: the engine failed: Spark needs Java 17") and err.count("\n") == 1
    assert not Path(f"{posts}.case").exists()


with_java = pytest.mark.skipif(
    shutil.which("java") is None or find_spec("pyspark") is None, reason="no Java, or no pyspark"
)
TOO_LARGE = """
from concerted.engines import Resources, open_engine
from concerted.errors import EngineError

engine = open_engine(Resources("spark", memory="600MB"))
for asked in (lambda sql: engine.query(sql, {}), lambda sql: list(engine.batches(sql, {}))):
    try:
        asked("select repeat('x', 1000000000) as x")
    except EngineError as error:
        print(str(error).splitlines()[0])
engine.close()
"""


@pytest.mark.slow
@with_java
def test_too_little_memory_is_told_and_nothing_waits_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", TOO_LARGE], capture_output=True, text=True, timeout=300)
    said = done.stdout.splitlines()
    assert len(said) == 2 and set(said) == {ENDED}, done.stderr


@pytest.mark.slow
@with_java
def test_a_cluster_that_is_none_is_named_in_one_line(posts: str) -> None:
    command = [sys.executable, "-m", "concerted", "detect", posts, "--into", f"{posts}.case", "--quiet"]
    asked = [*command, "--engine", "spark", "--cluster", "nowhere", "--memory", "600MB"]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(
        "concerted: the engine failed: Spark cannot be started on the cluster nowhere: "
    )
    assert "Master must either be yarn or start with spark" in done.stderr and done.stderr.count("\n") == 1
