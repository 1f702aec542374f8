"""Bluesky: made-up streams and views, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

from concerted.sources.atproto import tid_us

A, B, C = "did:plc:aaaa", "did:plc:bbbb", "did:plc:cccc"
POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
CID = "bafkreihash"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * 1_000_000


def commit(
    did: str, collection: str, key: str, record: Any, operation: str = "create", late_s: int = 1
) -> Any:
    made = {"operation": operation, "collection": collection, "rkey": key}
    return {
        "did": did,
        "time_us": NOON_US + late_s * 1_000_000,
        "kind": "commit",
        "commit": {**made, "record": record} if record else made,
    }


def stream(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


RICH = {
    "createdAt": "2024-05-01T12:00:00.250Z",
    "langs": ["de"],
    "text": "Grüße hier und https://b.org/2. #Zwei",
    "facets": [
        {"features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://a.org/1"}]},
        {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Eins"}]},
        {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": B}]},
    ],
    "embed": {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"record": {"uri": f"at://{B}/{POST}/q"}},
        "media": {"images": [{"image": {"ref": {"$link": CID}}}]},
    },
}
STREAM = stream(
    commit(A, POST, "3k", RICH),
    commit(B, POST, "3l", {"createdAt": "2019-01-01T00:00:00Z", "text": "old by its own word"}),
    commit(
        C,
        POST,
        "3m",
        {
            "createdAt": "2024-05-01T12:00:02Z",
            "text": "an answer",
            "reply": {"parent": {"uri": f"at://{B}/{POST}/3l"}, "root": {"uri": f"at://{A}/{POST}/3k"}},
        },
    ),
    commit(C, REPOST, "3n", {"createdAt": "2024-05-01T12:00:03Z", "subject": {"uri": f"at://{A}/{POST}/3k"}}),
    commit(A, "app.bsky.feed.like", "3o", {"subject": {"uri": f"at://{B}/{POST}/3l"}}),
    commit(A, "app.bsky.graph.follow", "3p", {"subject": "did:plc:followed"}),
    commit(B, POST, "3l", None, "delete", 60),
    {"did": A, "time_us": NOON_US, "kind": "identity", "identity": {"did": A, "handle": "a.example"}},
    {"did": B, "time_us": NOON_US, "kind": "account", "account": {"active": True}},
)


def test_jetstream(tmp_path: Path) -> None:
    tables = load(write(tmp_path, STREAM, "f.jsonl"))
    rich, lied, answer, repost = tables["posts"]
    assert tables["inputs"][0]["source"] == "bluesky"
    assert (rich["post"], rich["account"]) == (f"at://{A}/{POST}/3k", f"bluesky:{A}")
    assert rich["time"] == NOON.replace(microsecond=250_000) and rich["resolution_s"] == 0.001
    assert rich["urls"] == ["https://a.org/1", "https://b.org/2"] and rich["tags"] == ["Eins", "Zwei"]
    assert rich["mentions"] == [B] and rich["lang"] == "de"
    assert rich["media"] == [{"id": None, "kind": "image", "hash": CID, "hash_kind": "cid"}]
    assert (rich["kind"], rich["parent"]) == ("quote", f"at://{B}/{POST}/q")
    assert lied["time"] == NOON.replace(second=1), "a false createdAt gives way to the server's clock"
    assert lied["deleted"] == NOON.replace(minute=1)
    assert (answer["kind"], answer["parent"], answer["parent_account"]) == (
        "reply",
        f"at://{B}/{POST}/3l",
        f"bluesky:{B}",
    )
    assert answer["thread"] == f"at://{A}/{POST}/3k"
    assert (repost["kind"], repost["parent"], repost["text"]) == ("reshare", f"at://{A}/{POST}/3k", None)
    assert {account["handle"] for account in tables["accounts"]} == {"a.example", None}


def test_what_is_no_post_is_counted_and_nobody_learns_who_follows_whom(tmp_path: Path) -> None:
    tables = load(write(tmp_path, STREAM + "{broken\n", "f.jsonl"))
    reasons = {lost["reason"]: lost["row"] for lost in tables["ledger"]}
    assert reasons["who follows whom is never read"] == 6 and reasons["the line is no JSON"] == 10
    assert reasons["a like, not a post"] == 5 and len(tables["ledger"]) == 6
    assert "did:plc:followed" not in str(tables)


def view(number: int, did: str, **more: Any) -> Any:
    return {
        "uri": f"at://{did}/{POST}/{number}",
        "author": {"did": did, "handle": "h", "displayName": "N", "createdAt": "2023-01-01T00:00:00Z"},
        "record": {"createdAt": "2024-05-01T12:00:00Z", "text": "t", "langs": ["en"]},
        "indexedAt": "2024-05-01T12:00:01Z",
        "repostCount": 3,
        **more,
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_views(tmp_path: Path, indent: int | None) -> None:
    reason = {"by": {"did": B, "handle": "b"}, "indexedAt": "2024-05-01T13:00:00Z"}
    feed = {"feed": [{"post": view(1, A)}, {"post": view(1, A), "reason": reason}], "cursor": "x"}
    tables = load(write(tmp_path, json.dumps(feed, indent=indent), "f.json"))
    first, repost = tables["posts"]
    assert first["reshares_total"] == 3 and first["row"] == (1 if indent is None else 3)
    assert (repost["account"], repost["kind"], repost["parent"]) == (f"bluesky:{B}", "reshare", first["post"])
    assert repost["text"] == "t" and repost["parent_time"] == NOON
    assert repost["time"] == NOON.replace(hour=13)
    thread = {"thread": {"post": view(1, A), "replies": [{"post": view(2, B)}, {"notFound": True}]}}
    tables = load(write(tmp_path, json.dumps(thread, indent=indent), "g.json"))
    assert [post["account"] for post in tables["posts"]] == [f"bluesky:{A}", f"bluesky:{B}"]
    assert tables["ledger"][0]["reason"] == "a post that is blocked or gone"


def test_tid() -> None:
    # the example of the specification, 2023: characters of 5 bits, the low 10 bits the clock's id
    assert tid_us("3jzfcijpj2z2a") == 1_688_137_381_887_007
    assert tid_us("self") is None and tid_us("z" * 13) is None


@pytest.mark.parametrize(
    "name",
    [
        "synthetic_appview_authorFeed.json",
        "synthetic_appview_searchPosts.json",
        "synthetic_jetstream.jsonl",
        "synthetic_jetstream_damaged_nul.jsonl",
        "synthetic_jetstream_damaged_truncated.jsonl",
        "synthetic_jetstream_damaged_utf16.jsonl",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F13_bluesky/{name}")
    assert tables["inputs"][0]["source"] == "bluesky"
