"""Parquet of any types: nested fields are columns, private ones stay out, and no type stops the reader."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzz import check
from reading import load

from concerted.convert import convert
from concerted.look import inspect

COUNT = 6
TIMES = [dt.datetime(2024, 1, 1, 0, 0, second, tzinfo=dt.UTC) for second in range(COUNT)]
SOUND: dict[str, list[Any]] = {
    "post_id": [str(number) for number in range(COUNT)],
    "account_id": list("aabbcc"),
    "created_at": [time.isoformat() for time in TIMES],
    "text": ["words enough to be a text"] * COUNT,
    "hashtags": [["x"]] * COUNT,
    "urls": [["https://example.org/1"]] * COUNT,
    "media": [["m"]] * COUNT,
    "user_name": ["u"] * COUNT,
    "followers_count": [1] * COUNT,
    "is_retweet": [False] * COUNT,
    "retweet_of_post_id": [None, "0"] * 3,
    "retweet_count": [1] * COUNT,
    "collected_at": TIMES,
    "phash": ["abcdef0123456789"] * COUNT,
}
TYPES = {
    "small": pa.array(range(COUNT), pa.int8()),
    "far": pa.array([2**64 - 1] * COUNT, pa.uint64()),
    "nan": pa.array([float("nan")] * COUNT),
    "flags": pa.array([True, False, None] * 2),
    "nothing": pa.nulls(COUNT),
    "bytes": pa.array([b"\xff\x00"] * COUNT),
    "fixed": pa.array([b"abcd"] * COUNT, pa.binary(4)),
    "nanoseconds": pa.array(TIMES, pa.timestamp("ns", "UTC")),
    "days": pa.array([time.date() for time in TIMES]),
    "clock": pa.array([time.time() for time in TIMES]),
    "spans": pa.array([dt.timedelta(seconds=1)] * COUNT),
    "decimals": pa.array([decimal.Decimal("1.5")] * COUNT),
    "coded": pa.array(list("aabbcc")).dictionary_encode(),
    "lists": pa.array([[1], [], None] * 2),
    "large lists": pa.array([["a"], [], None] * 2, pa.large_list(pa.string())),
    "pairs": pa.array([["a", "b"]] * COUNT, pa.list_(pa.string(), 2)),
    "lists of lists": pa.array([[["a"]], [], None] * 2),
    "lists of nothing": pa.array([[None], [], None] * 2, pa.list_(pa.null())),
    "objects": pa.array([{"id": "1", "email": "hidden", "n": {"location": "hidden"}}, None] * 3),
    "lists of objects": pa.array([[{"id": "1", "email": "hidden"}], [], None] * 2),
    "maps": pa.array([[("email", "hidden")]] * COUNT, pa.map_(pa.string(), pa.string())),
}


@pytest.mark.parametrize("column", SOUND)
def test_no_type_stops_the_reader(tmp_path: Path, column: str) -> None:
    for name, values in TYPES.items():
        path = tmp_path / "f.parquet"
        pq.write_table(pa.table({**SOUND, column: values}), path)
        if check(path) == "read" and ("objects" in name or name == "maps"):
            assert "hidden" not in json.dumps(load(path), default=str), name


def test_fields_of_objects_are_columns_and_private_ones_stay_out(tmp_path: Path) -> None:
    users = [
        {"id": f"u{n}", "screen_name": f"n{n}", "location": "hidden", "contact": {"phone": "hidden"}}
        for n in range(COUNT)
    ]
    sound = {name: values for name, values in SOUND.items() if name not in ("account_id", "user_name")}
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({**sound, "user": users}), path)
    found = load(path)
    assert found["posts"][3]["account"].endswith(":u3")
    (seen,) = inspect([path])
    assert "user.screen_name" in seen.unused or any("user.screen_name" in one for one in seen.columns)
    assert "hidden" not in json.dumps(found, default=str)
    assert any("user.location" in note and "user.contact.phone" in note for note in seen.notes)


@pytest.mark.parametrize("seed", range(4))
def test_damage_in_the_middle_is_one_sentence(tmp_path: Path, seed: int) -> None:
    path, chance = tmp_path / "f.parquet", random.Random(seed)
    pq.write_table(
        pa.table({name: values * 500 for name, values in SOUND.items()}), path, compression="snappy"
    )
    data = bytearray(path.read_bytes())
    for place in chance.sample(range(100, len(data) // 2), 200):
        data[place] = chance.randrange(256)
    path.write_bytes(bytes(data))
    assert check(path) in ("read", "refused")


def test_own_tables_come_back_to_the_last_field(tmp_path: Path) -> None:
    """Also what an export could not tell, which is not the same as nothing, and hashes of pictures."""
    jetstream = {
        "did": "did:plc:a", "time_us": 1_704_110_400_000_000, "kind": "commit",
        "commit": {
            "operation": "create", "collection": "app.bsky.feed.post", "rkey": "k",
            "record": {
                "text": "words", "createdAt": "2024-01-01T12:00:00.125Z", "langs": ["en"],
                "embed": {"images": [{"image": {"ref": {"$link": "bafkreiabc"}}}]},
            },
        },
    }  # fmt: skip
    table = "post_id,account_id,created_at,link\n1,a,2024-01-01T00:00:01Z,https://example.org/a/status/1\n"
    (tmp_path / "b.jsonl").write_text(json.dumps(jetstream) + "\n", "utf-8")
    (tmp_path / "t.csv").write_text(table, "utf-8")
    sources = [tmp_path / "b.jsonl", tmp_path / "t.csv"]
    convert(sources, tmp_path / "out.parquet")
    before = [post for source in sources for post in load(source)["posts"]]
    again = load(tmp_path / "out.parquet")
    assert again["inputs"][0]["source"] == "own"
    placed = ("file", "row")
    assert [{**post, **dict.fromkeys(placed)} for post in again["posts"]] == [
        {**post, **dict.fromkeys(placed)} for post in before
    ]
    assert [(post["file"], post["row"]) for post in again["posts"]] == [
        ("out.parquet", 1),
        ("out.parquet", 2),
    ]
    told = load(tmp_path / "out.parquet", platform="x")
    assert told["inputs"][0]["source"] == "own" and {post["platform"] for post in told["posts"]} == {"x"}
    assert told["posts"][0]["media"][0]["hash"] == "bafkreiabc"
    table = pq.read_table(tmp_path / "out.parquet")
    odd = table.set_column(table.column_names.index("kind"), "kind", pa.array(["original", "rumour"]))
    pq.write_table(odd, tmp_path / "odd.parquet")
    found = load(tmp_path / "odd.parquet")
    assert len(found["posts"]) == 1 and found["ledger"][0]["row"] == 2
