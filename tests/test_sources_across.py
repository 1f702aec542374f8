"""One link, text, hashtag, site or picture is one object, whichever platform and export it comes from."""

from __future__ import annotations

import json
from base64 import b32encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from reading import write

import concerted as co

WORDS = "Read this important report before they take it down, everybody must know about it now"
PICTURE = sha256(b"the same picture")
# a content id of raw bytes: version 1, raw, SHA-256 of 32 bytes
CID = "b" + b32encode(b"\x01\x55\x12\x20" + PICTURE.digest()).decode().lower().rstrip("=")


def x(number: int) -> dict[str, Any]:
    return {
        "id": str((1_704_110_400_000 - 1_288_834_974_657 + number << 22) + number),
        "author_id": str(number), "created_at": "2024-01-01T12:00:00.000Z", "conversation_id": "1",
        "edit_history_tweet_ids": ["1"], "text": f"{WORDS} https://t.co/abc #Now",
        "entities": {
            "urls": [{"expanded_url": "http://www.news.example.org/story?utm_source=x&id=5"}],
            "hashtags": [{"tag": "NOW"}],
        },
    }  # fmt: skip


def bluesky(number: int) -> dict[str, Any]:
    record = {
        "text": f"{WORDS} #now", "createdAt": "2024-01-01T12:00:05.000Z",
        "embed": {"images": [{"image": {"ref": {"$link": CID}}}]},
        "facets": [
            {"features": [{"$type": "#link", "uri": "https://news.example.org/story/?id=5#top"}]},
            {"features": [{"$type": "#tag", "tag": "now"}]},
        ],
    }  # fmt: skip
    post = {"operation": "create", "collection": "app.bsky.feed.post", "rkey": f"r{number}", "record": record}
    return {"did": f"did:plc:{number}", "time_us": 1_704_110_405_000_000, "kind": "commit", "commit": post}


def mastodon(number: int) -> dict[str, Any]:
    place = f"https://social.example/@u{number}"
    tag = '<a href="https://social.example/tags/Now" class="mention hashtag">#Now</a>'
    link = '<a href="https://m.news.example.org/story?id=5&amp;fbclid=abc">link</a>'
    return {
        "id": str(number), "uri": f"{place}/{number}", "url": f"{place}/{number}", "visibility": "public",
        "created_at": "2024-01-01T12:00:07.000Z", "content": f"<p>{WORDS} {link} {tag}</p>",
        "account": {"id": str(number), "acct": f"u{number}", "url": place}, "tags": [{"name": "now"}],
        "media_attachments": [],
    }  # fmt: skip


def telegram(number: int) -> dict[str, Any]:
    parts = [
        {"type": "plain", "text": f"{WORDS} "},
        {"type": "link", "text": "amp.news.example.org/story?id=5"},
        {"type": "hashtag", "text": "#now"},
    ]
    message = {"id": 1, "type": "message", "date_unixtime": "1704110409", "text_entities": parts}
    return {"name": "c", "type": "public_channel", "id": 99 + number, "messages": [message]}


@pytest.fixture
def posts(tmp_path: Path) -> co.Table:
    for name, made in (("x", x), ("bluesky", bluesky), ("mastodon", mastodon), ("telegram", telegram)):
        lines = [json.dumps(made(number)) for number in (1, 2, 3)]
        write(tmp_path, "\n".join(lines), f"{name}.ndjson")
    table = "post_id,account_id,created_at,text,platform,sha256\n" + "".join(
        f'h{n},f{n},2024-01-01T12:00:09Z,"{WORDS}",facebook,{digest}\n'
        for n, digest in enumerate((PICTURE.hexdigest(), PICTURE.hexdigest().upper()))
    )
    write(tmp_path, table)
    read: co.Table = co.read(str(tmp_path))
    return read


@pytest.mark.parametrize(
    ("trace", "platforms", "accounts"),
    [
        ("link", "bluesky mastodon telegram x", 12),
        ("domain", "bluesky mastodon telegram x", 12),
        ("hashtag", "bluesky mastodon telegram x", 12),
        ("text", "bluesky facebook mastodon telegram x", 14),
        ("media", "bluesky facebook", 5),
    ],
)
def test_one_object(posts: co.Table, trace: str, platforms: str, accounts: int) -> None:
    events = co.trace(posts, [trace]).rows()
    assert len({row["object"] for row in events}) == 1
    assert sorted({row["account"].partition(":")[0] for row in events}) == platforms.split()
    assert len({row["account"] for row in events}) == len(events) == accounts
