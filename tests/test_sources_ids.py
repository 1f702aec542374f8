"""Ids: text from the first byte, missing ones missing, damaged ones refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import data_dir
from reading import load, write

from concerted.errors import DamagedIds
from concerted.sources.ids import MISSING, Watch, clean, snowflake
from concerted.sources.lists import read_lists

EPOCH_MS = 1_288_834_974_657


def snow(ms: int, low: int = 0) -> str:
    return str(((ms - EPOCH_MS) << 22) | low)


def table_of(ids: list[str], parents: list[str] | None = None) -> str:
    parents = parents or [""] * len(ids)
    rows = [
        f"{post},u{n % 7},2024-03-14T09:26:{n % 60:02d}Z,{parent},x"
        for n, (post, parent) in enumerate(zip(ids, parents, strict=True))
    ]
    return "\n".join(["post_id,account_id,created_at,retweet_of_post_id,text", *rows, ""])


def test_missing_values_are_never_ids_nor_objects(tmp_path: Path) -> None:
    """Defect 1: two posts without a link became a co-link pair."""
    assert clean(pa.array(list(MISSING))).null_count == len(MISSING)
    head = "post_id,account_id,created_at,text,urls,hashtags,mentions,retweet_of_post_id\n"
    for nothing in MISSING:
        cell = f'"{nothing}"'
        rows = "".join(f"{n},u{n},2024-01-01T00:00:0{n}Z,{','.join([cell] * 5)}\n" for n in (1, 2))
        for post in load(write(tmp_path, head + rows))["posts"]:
            assert post["text"] is None and post["parent"] is None and post["kind"] == "original"
            assert post["urls"] == post["tags"] == post["mentions"] == []


@pytest.mark.parametrize("bad", ["1.63557E+18", "9.06e+17", "8.2885E17", "1635573202396647570.0", "9,06E+17"])
def test_rounded_ids_are_refused(tmp_path: Path, bad: str) -> None:
    good = [snow(1_700_000_000_000 + n) for n in range(20)]
    path = write(tmp_path, table_of([*good, f'"{bad}"']))
    with pytest.raises(DamagedIds) as error:
        load(path)
    for word in ("f.csv", "1 of 21", "post_id", bad, "row 22", "--skip-damaged"):
        assert word in str(error.value)
    tables = load(path, skip_damaged=True)
    assert len(tables["posts"]) == 20
    assert [(lost["row"], lost["reason"]) for lost in tables["ledger"]] == [
        (22, "damaged post id, set aside as asked")
    ]
    assert len(load(path, map={"post": ""})["posts"]) == 21


def test_zeros_by_chance_and_by_damage() -> None:
    """Undamaged ids are multiples of 4096 at worst; rounded ones end in zeros together."""
    rng = np.random.default_rng(1)
    times = 1_500_000_000_000 + rng.integers(0, 10**10, 20_000)
    sound, cut, little = Watch("id"), Watch("id"), Watch("id")
    sound.look(pa.array([snow(int(ms)) for ms in times]), np.arange(20_000))
    assert sound.long == 20_000 and not sound.says
    cut.look(pa.array([snow(int(ms))[:-3] + "000" for ms in times[:4]]), np.arange(1, 5))
    assert "end in 000" in cut.says
    javascript = Watch("id")
    javascript.look(pa.array([snow(int(ms))[:-2] + "00" for ms in times[:50]]), np.arange(50))
    assert "end in 00" in javascript.says
    little.look(pa.array([snow(int(ms))[:-3] + "000" for ms in times[:1]]), np.arange(1))
    assert not little.says


@pytest.mark.parametrize("name", ["africa_ira_2019", "thailand_rta_2020"])
def test_zeros_in_real_ids_are_no_damage(name: str) -> None:
    watch = Watch("post_id")
    ids = pq.read_table(data_dir(name) / "posts.parquet")["post_id"].combine_chunks()
    watch.look(ids, np.arange(len(ids)))
    assert watch.long > 4_000 and not watch.says


def test_ids_keep_every_digit(tmp_path: Path) -> None:
    big = ["9007199254740993", "9007199254740994", "18446744073709551615"]
    assert [post["post"] for post in load(write(tmp_path, table_of(big)))["posts"]] == big
    values = pa.array([9007199254740993, None, 5], pa.int64())
    assert clean(values).to_pylist() == ["9007199254740993", None, "5"]
    assert clean(pa.array([98336677.0, None])).to_pylist() == ["98336677", None]
    assert clean(pa.array(["98336677.0", " 5 ", "007"])).to_pylist() == ["98336677", "5", "007"]
    path = tmp_path / "float.parquet"
    times = pa.array([1_700_000_000_000 + n for n in range(3)], pa.timestamp("ms", tz="UTC"))
    floats = [float(snow(1_700_000_000_000 + n, 77)) for n in range(3)]
    pq.write_table(pa.table({"post_id": floats, "account_id": ["a", "b", "c"], "created_at": times}), path)
    with pytest.raises(DamagedIds):
        load(path)


def test_damaged_parents_become_missing_and_are_told(tmp_path: Path) -> None:
    ids = [snow(1_710_408_413_000 + 1000 * n) for n in range(10)]
    parents = ["1.19847E+18"] * 4 + [""] * 5 + [snow(1_710_000_000_000)]
    tables = load(write(tmp_path, table_of(ids, parents)))
    assert len(tables["posts"]) == 10
    assert [post["kind"] for post in tables["posts"]] == ["reshare"] * 4 + ["original"] * 5 + ["reshare"]
    assert [post["parent"] for post in tables["posts"]] == [None] * 9 + [parents[-1]]
    told = " ".join(tables["inputs"][0]["capability"])
    assert "4 of 5 ids in 'retweet_of_post_id' were rounded" in told


def test_snowflakes() -> None:
    ids = pa.array(["914580356430536707", "20", "98336677", "x", None, "99999999999999999999"])
    micros, fit = snowflake(ids)
    assert fit.tolist() == [True, False, False, False, False, False]
    assert micros[0] == 1_506_887_923_711_000  # 2017-10-01 19:58:43.711 UTC


def test_id_times_need_the_stated_time_to_agree(tmp_path: Path) -> None:
    far = [snow(1_500_000_000_000 + n) for n in range(20)]
    posts = load(write(tmp_path, table_of(far)))["posts"]
    assert posts[3]["time"].year == 2024 and posts[3]["resolution_s"] == 1.0


@pytest.mark.parametrize(
    ("cell", "what", "expected"),
    [
        ("[a, b]", "tags", ["a", "b"]),
        ("['#A', 'b']", "tags", ["A", "b"]),
        ('["a"]', "tags", ["a"]),
        ("a,b c", "tags", ["a", "b", "c"]),
        ('c("a", "b")', "tags", ["a", "b"]),
        ("[{'text': 'x', 'indices': [0, 1]}]", "tags", ["x"]),
        ("[]", "tags", []),
        ("https://a.org/x,y https://b.org", "urls", ["https://a.org/x,y", "https://b.org"]),
        ("https://a.org/1,https://b.org/2", "urls", ["https://a.org/1", "https://b.org/2"]),
        ("[{'expanded_url': 'https://a.org', 'url': 'https://t.co/1'}]", "urls", ["https://a.org"]),
        ("@bob @carol", "mentions", ["bob", "carol"]),
        ("[{'id_str': '5', 'screen_name': 'bob'}]", "mentions", ["5"]),
    ],
)
def test_lists(cell: str, what: str, expected: list[str]) -> None:
    assert read_lists(pa.array([cell, None]), what).to_pylist() == [expected, []]


def test_arrow_lists() -> None:
    assert read_lists(pa.array([["#a", "nan", None], None, ["b"]]), "tags").to_pylist() == [["a"], [], ["b"]]
    assert read_lists(pa.array([["a"], None]), "tags").to_pylist() == [["a"], []]
