"""TikTok: made-up answers and tables, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from reading import check_counts, load, write

from concerted.errors import DamagedIds
from concerted.sources.tiktok import id_seconds
from concerted.stages.trace import Trace
from concerted.stages.trace import run as trace
from concerted.table import Table

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
UNIX = int(NOON.timestamp())
ID = (UNIX << 32) + 12_345


def video(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": ID + number, "username": "a", "video_description": "see https://a.org/1 #Now",
        "create_time": UNIX, "region_code": "XX", "share_count": 6, "music_id": 7100000000000000001,
        "hashtag_names": ["Now"], "effect_ids": ["1"], "voice_to_text": "spoken words", **more,
    }  # fmt: skip


def comment(number: int) -> dict[str, Any]:
    return {"id": ID + number, "video_id": ID, "text": "same words in all of them", "create_time": UNIX,
            "parent_comment_id": ID, "like_count": 0}  # fmt: skip


@pytest.mark.parametrize("form", ["answer", "pretty", "lines"])
def test_videos(tmp_path: Path, form: str) -> None:
    videos = [video(1), video(2, username=None)]
    answer = {"data": {"videos": videos, "cursor": 2, "has_more": False}, "error": {"code": "ok"}}
    text = {
        "answer": json.dumps(answer),
        "pretty": json.dumps(answer, indent=4),
        "lines": "".join(json.dumps(one) + "\n" for one in videos),
    }[form]
    tables = load(write(tmp_path, text, "any.json"))
    assert tables["inputs"][0]["source"] == "tiktok"
    first, nobody = tables["posts"]
    assert (first["post"], first["account"], first["time"]) == (str(ID + 1), "tiktok:a", NOON)
    assert first["text"] == "see https://a.org/1 #Now\nspoken words"
    assert (first["urls"], first["tags"], first["reshares_total"]) == (["https://a.org/1"], ["Now"], 6)
    assert [(one["id"], one["kind"]) for one in first["media"]] == [
        ("7100000000000000001", "sound"),
        ("effect:1", "effect"),
    ]
    assert first["link"] == f"https://www.tiktok.com/@a/video/{ID + 1}"
    assert nobody["account"] is None
    assert [account["account_id"] for account in tables["accounts"]] == ["a"]


def test_comments_have_no_author_and_take_part_in_no_trace(tmp_path: Path) -> None:
    answer = {"data": {"comments": [comment(n) for n in range(1, 5)], "has_more": False}}
    tables = load(write(tmp_path, json.dumps(answer), "any.json"))
    assert [post["account"] for post in tables["posts"]] == [None] * 4 and tables["accounts"] == []
    assert (tables["posts"][0]["kind"], tables["posts"][0]["parent"]) == ("reply", str(ID))
    assert any("no author" in line for line in tables["inputs"][0]["capability"])
    assert "reply: no (no post names its author)" in tables["inputs"][0]["capability"]
    posts = pa.Table.from_pylist(tables["posts"], schema=_schema())
    chunks = list(trace({"posts": Table("posts", posts)}, Trace()))
    assert sum(len(chunk) for name, chunk in chunks if name == "events") == 0
    assert sum(row["count"] for name, chunk in chunks if name == "ledger" for row in chunk.to_pylist()) == 4


def _schema() -> pa.Schema:
    from concerted import schema

    return schema.arrow("posts")


def test_rounded_ids_are_refused(tmp_path: Path) -> None:
    text = "".join(json.dumps(video(n) | {"id": float(ID)}) + "\n" for n in range(3))
    with pytest.raises(DamagedIds):
        load(write(tmp_path, text, "any.jsonl"))


def test_pyktok_time_comes_from_the_ids(tmp_path: Path) -> None:
    head = "video_id,video_timestamp,video_description,author_username,author_name,poi_name,poi_address\n"
    rows = f"{ID},2024-05-01T14:00:00,hello,a,A,Hidden Place,Secret Street\n"
    tables = load(write(tmp_path, head + rows))
    (post,) = tables["posts"]
    assert post["time"] == NOON, "the stamp is the collector's local time"
    assert "Secret Street" not in str(tables) and "Hidden Place" not in str(tables)


def test_id_seconds() -> None:
    assert id_seconds(pa.array([str(ID), "12", None])).to_pylist() == [str(UNIX), None, None]


@pytest.mark.parametrize(
    "name",
    [
        "research_api_comments_traktok.json",
        "research_api_videos_traktok.json",
        "synthetic_pyktok_local_time.csv",
        "synthetic_research_api_comments.json",
        "synthetic_research_api_videos.json",
        "synthetic_research_api_videos.jsonl",
        "synthetic_research_api_videos_damaged_e17.jsonl",
        "synthetic_research_api_videos_damaged_nul.jsonl",
        "synthetic_research_api_videos_damaged_truncated.jsonl",
        "synthetic_research_api_videos_damaged_utf16.jsonl",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F15_tiktok/{name}")
    assert not tables or tables["inputs"][0]["source"] == "tiktok"
