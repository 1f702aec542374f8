"""Canonical tables and the layouts of other toolkits."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import load, write

from concerted import schema
from concerted.cli import main
from concerted.convert import convert
from concerted.errors import SettingError
from concerted.sources.keys import Gathered, Keys
from concerted.sources.known import Known, keys

POSTS = (
    "post_id,account_id,created_at,text,urls,retweet_of_post_id,in_reply_to_tweet_id,follower_count\n"
    "1,a,2024-01-01T00:00:01Z,=one,https://x.org/1 https://x.org/2,,,5\n"
    "2,b,2024-01-01T00:00:02Z,one,,1,,6\n"
    "3,c,2024-01-01T00:00:03.250Z,two,,,1,7\n"
    "4,d,,no time,,,,8\n"
)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_canonical_tables_and_what_lies_beside(tmp_path: Path) -> None:
    done = convert([write(tmp_path, POSTS)], tmp_path / "out.parquet")
    posts = schema.check("posts", pq.read_table(tmp_path / "out.parquet"))
    assert posts["post"].to_pylist() == ["1", "2", "3"] and posts["kind"].to_pylist()[1] == "reshare"
    assert {Path(name).name: count for name, count in done.rows.items()} == {
        "out.parquet": 3, "out.accounts.parquet": 3, "out.inputs.parquet": 1, "out.ledger.parquet": 1,
    }  # fmt: skip
    ledger = schema.check("ledger", pq.read_table(tmp_path / "out.ledger.parquet")).to_pylist()
    assert [(row["row"], row["reason"]) for row in ledger] == [(5, "no time")]
    with pytest.raises(SettingError, match="is there already"):
        convert([tmp_path / "f.csv"], tmp_path / "out.parquet")


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder, account in (("a", "1"), ("b", "2")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, f"account_id,created_at\n{account},2024-01-01T00:00:01Z\n")
    convert([tmp_path / "a", tmp_path / "b"], tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["file"].to_pylist() == ["f.csv", "b/f.csv"]


def test_own_tables_are_read_back_as_they_were(tmp_path: Path) -> None:
    source = write(tmp_path, POSTS)
    convert([source], tmp_path / "out.parquet")
    again, before = load(tmp_path / "out.parquet")["posts"], load(source)["posts"]
    kept = ("post", "account", "time", "text", "kind", "parent", "parent_account", "urls", "reshares_total")
    assert [[row[name] for name in kept] for row in again] == [[row[name] for name in kept] for row in before]
    accounts = load(tmp_path / "out.accounts.parquet")["accounts"]
    assert [row["account"] for row in accounts] == [row["account"] for row in load(source)["accounts"]]


def test_coortweet_and_qut_are_read_back(tmp_path: Path) -> None:
    source = write(tmp_path, POSTS)
    said = convert([source], tmp_path / "c.csv", "coortweet").says
    assert "3 rows of 3 posts" in said[0] and "not for publication" in said[1]
    assert [tuple(row.values()) for row in rows(tmp_path / "c.csv")] == [
        ("https://x.org/1", "x:a", "1", "1704067201"),
        ("https://x.org/2", "x:a", "1", "1704067201"),
        ("1", "x:b", "2", "1704067202"),
    ]
    convert([source], tmp_path / "q.csv", "qut")
    again = load(tmp_path / "q.csv")
    assert again["inputs"][0]["source"] == "qut"
    assert [(post["post"], post["kind"], post["parent"], post["text"]) for post in again["posts"]] == [
        ("1", "original", None, "=one"),
        ("2", "reshare", "1", "one"),
        ("3", "reply", "1", "two"),
    ]
    shared = load(tmp_path / "c.csv")
    assert shared["inputs"][0]["source"] == "coortweet"
    assert [(post["post"], post["kind"], post["parent"], post["urls"]) for post in shared["posts"]] == [
        ("1", "original", None, ["https://x.org/1", "https://x.org/2"]),
        ("2", "reshare", "1", []),
    ]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, to = str(write(tmp_path, POSTS)), str(tmp_path / "out.parquet")
    assert main(["convert", source, "--to", to, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"][to] == 3
    assert main(["convert", source, "--to", str(tmp_path / "x.doc")]) == 2
    assert main(["convert", source, "--to", str(tmp_path / "no" / "x.parquet")]) == 2
    assert main(["convert", source, "--to", str(tmp_path / "x.csv"), "--layout", "nodexl"]) == 2
    refused = str(write(tmp_path, "words", "w.txt"))
    assert main(["convert", refused, "--to", str(tmp_path / "y.parquet")]) == 3
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith((".new", "y", "x"))]


def test_keys_tell_ids_apart() -> None:
    ids = pa.array(["1", "01", "1.0", "999999999999999999", "1234567890123456789", "a", "", "-1"])
    assert len(set(keys(ids).tolist())) == len(ids)
    kept, chance = Keys(), np.random.default_rng(1)
    seen: set[int] = set()
    assert not kept.has(np.arange(9)).any()
    for _ in range(60):
        some = chance.integers(0, 3_000, 200)
        new = kept.add(some)
        for value, fresh in zip(some.tolist(), new.tolist(), strict=True):
            assert fresh == (value not in seen)
            seen.add(value)
    assert kept.has(np.arange(3_000)).sum() == len(seen)


def test_keys_that_share_places_are_told_apart() -> None:
    chance = np.random.default_rng(3)
    every = chance.permutation(np.unique(chance.integers(-(2**62), 2**62, 40_000)))
    kept, halves = Keys(), np.array_split(every, 2)
    for some in np.array_split(halves[0], 9):
        assert kept.add(some).all() and not kept.add(some).any()
    assert kept.has(halves[0]).all() and not kept.has(halves[1]).any()
    for some in np.array_split(every, 9):
        before = np.isin(some, halves[0])
        assert kept.has(some).tolist() == before.tolist()
        assert kept.add(some).tolist() == (~before).tolist()


def test_keys_that_wait_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concerted.sources.keys._WAITING", 500)
    waiting, chance = Gathered(), np.random.default_rng(2)
    seen: set[int] = set()
    assert not waiting.has(np.arange(9)).any()
    for number in range(40):
        some = chance.integers(0, 3_000, 100)
        waiting.add(some)
        seen.update(some.tolist())
        if number % 9 == 0:
            assert np.flatnonzero(waiting.has(np.arange(3_000))).tolist() == sorted(seen)
    assert np.flatnonzero(waiting.has(np.arange(3_000))).tolist() == sorted(seen)


def people(platform: str, ids: list[str]) -> pa.Table:
    return schema.rows("posts", platform=[platform] * len(ids), account=[f"{platform}:{one}" for one in ids])


def test_a_file_without_platform_gets_that_of_its_accounts() -> None:
    opaque = [f"u{number:012d}" for number in range(40)]
    known = Known(None, people("x", opaque))
    assert known.platform_of(people("web", opaque[:20])) == "x"
    assert known.platform_of(people("web", [*opaque[:9], *(f"v{n:012d}" for n in range(20))])) == ""
    assert known.platform_of(people("web", opaque[:5])) == ""
    assert known.platform_of(people("facebook", opaque)) == ""
    # names are used by other people elsewhere, and ids on two platforms say nothing
    assert Known(None, people("x", ["maria", "peter"] * 9)).platform_of(people("web", ["maria"] * 9)) == ""
    known.add_accounts(people("telegram", opaque))
    assert known.platform_of(people("web", opaque)) == ""


def test_files_of_one_data_set_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "account_id,screen_name,follower_count,account_created_at\n"
    write(tmp_path, head + "".join(f"u{n:012d},n{n},5,2020-01-01T00:00:00Z\n" for n in range(30)), "a.csv")
    posts = "".join(f"p{n},u{n % 30:012d},2024-01-01T00:00:{n:02d}Z\n" for n in range(60))
    write(tmp_path, "post_id,account_id,created_at\n" + posts, "b.csv")
    files = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    case = tmp_path / "case"
    for given in (files[:1], files[1:]):
        assert main(["read", *given, "--into", str(case), "--quiet"]) == 0
    from concerted.case import Case

    assert set(Case(case).table("posts", None).to_arrow()["platform"].to_pylist()) == {"x"}
    assert "read as x" in capsys.readouterr().out


def test_a_file_of_repeats_counts_no_profiles(tmp_path: Path) -> None:
    from concerted.stages.read import Read, read_file

    known = Known()
    for name, used in (("a.csv", 3), ("b.csv", 0)):
        (row,) = [
            chunk.to_pylist()[0]
            for table, chunk in read_file(write(tmp_path, POSTS, name), Read(), known)
            if table == "inputs"
        ]
        assert (row["records"], row["posts"], row["accounts"]) == (4, used, 0)
