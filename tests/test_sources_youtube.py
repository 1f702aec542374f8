"""YouTube: made-up answers and tables, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def comment(name: str, **more: Any) -> dict[str, Any]:
    told = {
        "authorDisplayName": "@a", "authorChannelId": {"value": "UCa"}, "textDisplay": "x", "videoId": "vid",
        "publishedAt": "2024-05-01T12:00:00Z", "authorProfileImageUrl": "https://yt.org/p", **more,
    }  # fmt: skip
    return {"kind": "youtube#comment", "id": name, "snippet": told}


THREADS = {
    "kind": "youtube#commentThreadListResponse",
    "items": [
        {
            "kind": "youtube#commentThread",
            "id": "t1",
            "snippet": {"videoId": "vid", "topLevelComment": comment("t1", textOriginal="see https://a.org/1")},
            "replies": {
                "comments": [
                    comment(
                        "t1.r",
                        parentId="t1",
                        textDisplay='a &amp; b<br><a href="https://b.org/2">b.org</a>',
                        authorChannelId=None,
                        authorDisplayName="@gone",
                    )
                ]
            },
        },
        {"kind": "youtube#channel", "id": "UCx", "snippet": {}},
        {
            "kind": "youtube#video",
            "id": "v2",
            "snippet": {
                "channelId": "UCb", "title": "T", "description": "D", "publishedAt": "2024-05-01T12:00:00Z"
            },
        },
    ],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_answers(tmp_path: Path, indent: int | None) -> None:
    tables = load(write(tmp_path, json.dumps(THREADS, indent=indent), "any.json"))
    top, reply, video = tables["posts"]
    assert tables["inputs"][0]["source"] == "youtube" and top["time"] == NOON
    assert (top["account"], top["kind"], top["parent"], top["thread"]) == (
        "youtube:UCa", "reply", "vid", "vid"
    )  # fmt: skip
    assert top["urls"] == ["https://a.org/1"]
    assert (reply["account"], reply["parent"], reply["thread"]) == ("youtube:@gone", "t1", "vid")
    assert reply["text"] == "a & b\nb.org" and reply["urls"] == ["https://b.org/2"]
    assert (video["post"], video["account"], video["text"]) == ("v2", "youtube:UCb", "T\nD")
    assert [lost["reason"] for lost in tables["ledger"]] == [
        "a youtube#channel, neither a comment nor a video"
    ]
    assert tables["accounts"][0]["avatar"] == "https://yt.org/p"


def test_data_tools(tmp_path: Path) -> None:
    head = "id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,authorChannelUrl,isReply,"
    head += "isReplyTo,isReplyToName\n"
    rows = "c1,0,1,2024-05-01 12:00:00,@a,hi,UCa,u,0,,\nc2,0,1,2024-05-01 12:00:05,@b,yo,,u,1,c1,@a\n"
    tables = load(write(tmp_path, head + rows))
    first, second = tables["posts"]
    assert first["time"] == NOON, "the tool writes UTC"
    assert (second["account"], second["kind"], second["parent"]) == ("youtube:@b", "reply", "c1")


@pytest.mark.parametrize(
    "name",
    [
        "comment_threads_all_to_me.json",
        "comment_threads_by_video_paged_1.json",
        "comment_threads_by_video_paged_2.json",
        "comment_threads_multi.json",
        "comments_by_parent_paged_1.json",
        "synthetic_youtube_data_tools_comments.csv",
        "synthetic_youtube_data_tools_comments_damaged_cp1252.csv",
        "synthetic_youtube_data_tools_comments_damaged_nul.csv",
        "synthetic_youtube_data_tools_comments_damaged_truncated.csv",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F09_youtube/{name}")
    assert tables["inputs"][0]["source"] == "youtube"
