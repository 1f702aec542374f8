"""Tables of other toolkits that fix the zone of their times, and what sites hide in their records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading import load, write

from concerted.errors import BadTime
from concerted.look import inspect

PEERS = {
    "coorsim": "post_id,account_id,time,content\np1,a,{},words\np2,b,{},words\n",
    "Mango Tree": "Unique UserID,Post Content,Timestamp\na,words #x,{}\nb,words,{}\n",
    "Mango Tree n-grams": "user_id,message_id,message_text,timestamp\na,1,words,{}\nb,2,words,{}\n",
}


@pytest.mark.parametrize("peer", PEERS)
def test_toolkits_that_fix_the_zone_are_read_and_say_so(tmp_path: Path, peer: str) -> None:
    path = write(tmp_path, PEERS[peer].format("2024-07-01 12:00:00", "2024-07-01 12:00:05"))
    assert [f"{post['time']:%H:%M:%S}" for post in load(path)["posts"]] == ["12:00:00", "12:00:05"]
    assert any(
        "taken as UTC: if they are not, say so with --timezone" in note for note in inspect([path])[0].notes
    )
    told = load(path, timezone="Europe/Berlin")
    assert [f"{post['time']:%H:%M:%S}" for post in told["posts"]] == ["10:00:00", "10:00:05"]


def test_one_more_column_makes_it_anybodys_table(tmp_path: Path) -> None:
    with pytest.raises(BadTime, match="--timezone"):
        load(write(tmp_path, "post_id,account_id,time,content,likes\n1,a,2024-07-01 12:00:00,words,3\n"))


def envelope(data: dict[str, Any], site: str) -> str:
    return json.dumps(
        {"source_platform": site, "timestamp_collected": 1_700_000_000_000, "item_id": 1, "data": data}
    )


def test_gab_by_its_short_names_and_by_its_old_ones(tmp_path: Path) -> None:
    author = {"i": "77", "un": "somebody", "ac": "somebody", "dn": "Some Body", "nt": "<p>about</p>"}
    short = {
        "i": "111", "ca": "2024-01-01T12:00:00.250Z", "ul": "https://gab.com/somebody/posts/111", "rbc": 4,
        "c": '<p>Read <a href="https://news.example.org/a">this</a> #Now</p>', "author_info": author,
        "link_info": {"url": "https://news.example.org/b"}, "image_info": [{"i": "9", "t": "image"}],
    }  # fmt: skip
    old = {
        "id": "112", "created_at": "2024-01-01T12:00:01.000Z", "content": "<p>old</p>", "visibility": None,
        "url": "https://gab.com/other/posts/112", "account": {"id": "78", "username": "other"},
    }  # fmt: skip
    closed = {**short, "i": "113", "g": {"is_private": True}}
    content = "\n".join(envelope(one, "gab.com") for one in (short, old, closed))
    found = load(write(tmp_path, content, "f.ndjson"))
    first, second = found["posts"]
    assert (first["post"], first["account"], first["platform"]) == ("111", "gab:77", "gab")
    assert first["urls"] == ["https://news.example.org/b", "https://news.example.org/a"]
    assert (first["text"], first["tags"], first["reshares_total"]) == ("Read this #Now", ["Now"], 4)
    assert first["media"][0]["id"] == "9" and first["resolution_s"] == 0.001
    assert (second["post"], second["account"], second["platform"]) == ("112", "gab:78", "gab")
    assert [lost["reason"] for lost in found["ledger"]] == ["private, not read: a post of a closed group"]
    told = {row["handle"]: row["bio"] for row in found["accounts"]}
    assert told == {"somebody": "about", "other": None}


def test_words_laid_over_a_video_belong_to_its_text(tmp_path: Path) -> None:
    video = {
        "id": "7100000000000000001", "desc": "see", "createTime": 1_700_000_000, "author": {"uniqueId": "a"},
        "stickersOnItem": [{"stickerText": ["vote", "now"]}, {"stickerText": []}],
    }  # fmt: skip
    found = load(write(tmp_path, envelope(video, "tiktok.com"), "f.ndjson"))
    assert found["posts"][0]["text"] == "see\nvote now"
    head = "id,thread_id,author,body,stickers,timestamp,unix_timestamp,is_duet,music_id,tiktok_url\n"
    row = "1,1,a,{},{},2024-01-01 00:00:00,1704067200,no,5,https://www.tiktok.com/@a/video/1\n"
    for body, laid, text in (("see", "vote now", "see\nvote now"), ("see", "", "see"), ("", "vote", "vote")):
        found = load(write(tmp_path, head + row.format(body, laid)))
        assert found["posts"][0]["text"] == text


def test_a_linked_articles_description_is_not_the_pages_text(tmp_path: Path) -> None:
    head = "Page Name,Facebook Id,Post Created,URL,Message,Link,Description\n"
    row = (
        "{0},{1},2021-01-01 00:00:00 EST,https://www.facebook.com/{1}/posts/5{1},{2},https://a.org/x,Teaser\n"
    )
    found = load(write(tmp_path, head + row.format("One", 11, "") + row.format("Two", 22, "own words")))
    assert [post["text"] for post in found["posts"]] == [None, "own words"]
    head = "Account,User Name,Post Created,URL,Description\n"
    row = "One,one,2021-01-01 00:00:00 EST,https://www.instagram.com/p/abc/,own words\n"
    assert load(write(tmp_path, head + row))["posts"][0]["text"] == "own words"


def test_boards_where_everybody_is_anonymous(tmp_path: Path) -> None:
    def hit(number: int, index: str, **source: Any) -> dict[str, Any]:
        told = {"id": number, "created_at": "2024-01-01T00:00:01Z", "text": "words", **source}
        return {"_index": index, "_id": str(number), "_source": told}

    hits = [
        hit(1, "4chan", name="Anonymous"),
        hit(2, "4chan", name="Anonymous", trip="!ab"),
        hit(3, "8kun", name="Someone"),
        hit(4, "ok", author="5"),
        hit(5, "poal", sub="news"),
    ]
    found = load(write(tmp_path, json.dumps({"hits": {"hits": hits}}), "f.json"))
    assert [post["account"] for post in found["posts"]] == [
        "4chan:Anonymous!ab", "8kun:Someone", "ok:5", "poal:news",
    ]  # fmt: skip
    assert "everybody is Anonymous" in found["ledger"][0]["reason"]


def test_a_key_to_the_microsecond_is_finer_than_whole_seconds(tmp_path: Path) -> None:
    letters = "234567abcdefghijklmnopqrstuvwxyz"

    def event(micros: int, created: str) -> str:
        value, key = micros << 10, ""
        for _ in range(13):
            value, letter = divmod(value, 32)
            key = letters[letter] + key
        commit = {
            "operation": "create", "collection": "app.bsky.feed.post", "rkey": key,
            "record": {"$type": "app.bsky.feed.post", "text": "words", "createdAt": created},
        }  # fmt: skip
        return json.dumps({"did": "did:plc:a", "time_us": micros, "kind": "commit", "commit": commit})

    noon = 1_704_110_400_000_000
    lines = [
        event(noon + 250_000, "2024-01-01T12:00:00Z"),
        event(noon + 250_000, "2024-01-01T12:00:00.125Z"),
        event(noon + 9_000_000, "2024-01-01T12:00:01Z"),
    ]
    for line, shown in zip(lines, ("00.250000", "00.125000", "01.000000"), strict=True):
        (post,) = load(write(tmp_path, line + "\n", "f.jsonl"))["posts"]
        assert f"{post['time']:%S.%f}" == shown
