"""The functions of the Python API: each hands on what the next needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_resume import export

import concerted as co


def test_stage_by_stage_finds_what_detect_finds(tmp_path: Path) -> None:
    file = export(tmp_path / "posts.csv", 1)
    posts = co.read(file, columns={"account": "account_id"}, timezone="UTC")
    assert (posts.name, len(posts), len(posts.beside["inputs"])) == ("posts", 1020, 1)
    events = co.trace(posts, ["link", co.traces.Text(min_words=6), "reshare"])
    assert set(events.to_arrow()["trace"].to_pylist()) == {"reshare"}
    assert events.beside["posts"].to_arrow() is posts.to_arrow()
    ties = co.weigh(co.pair(events), fdr=0.01)
    stood = {row["account"] for row in ties.beside["standings"].rows() if row["answer"] == "found"}
    assert {account.partition(":")[2] for account in stood} == {f"u{number}" for number in range(100, 105)}
    assert ties.sql("select count(*) as n from this where q < 0.01").rows() == [{"n": 10}]
    evidence = co.explain(co.group(ties))
    assert {row["account"] for row in evidence.rows()} == stood
    assert evidence.beside["made"].to_arrow()["stage"].to_pylist().count("read") >= 1

    found = co.detect(file, fdr=0.01, traces=["reshare"])
    members = {member.account for group in found.groups for member in group.accounts}
    assert members | {one.account for one in found.alone} == stood
    assert list(tmp_path.iterdir()) == [Path(file)], "without a case nothing is left behind"


def test_a_stage_says_which_table_it_misses(tmp_path: Path) -> None:
    posts = co.read(export(tmp_path / "posts.csv", 1))
    with pytest.raises(co.errors.InputError, match="weigh needs the table 'events'"):
        co.weigh(posts)
    with pytest.raises(co.errors.SettingError, match="did you mean 'timezone'"):
        co.read(str(tmp_path / "posts.csv"), timezones="UTC")
    with pytest.raises(co.errors.UnknownName, match="did you mean 'reshare'"):
        co.trace(posts, ["reshares"])
    with pytest.raises(co.errors.InputError, match="no files are given"):
        co.detect()


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_not_there_is_named(
    library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = co.read(export(tmp_path / "posts.csv", 1))
    monkeypatch.setattr("concerted.table.find_spec", lambda name: None)
    with pytest.raises(co.errors.MissingExtra, match=rf"^{library} is not installed: pip install {library}$"):
        getattr(posts, f"to_{library}")()


@pytest.mark.parametrize("first", ["concerted.detect", "concerted.api", "concerted.cli"])
def test_detect_stays_the_function(first: str) -> None:
    """A module and a function share the name; the function wins, whatever is imported first."""
    code = f"import {first}, concerted; assert callable(concerted.detect), concerted.detect"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_public_names() -> None:
    for name in co.__all__:
        assert getattr(co, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'detekt'"):
        _ = co.detekt  # type: ignore[attr-defined]
