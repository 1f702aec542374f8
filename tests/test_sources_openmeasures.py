"""Open Measures: made-up answers of several sites, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
TIME = "2024-05-01T12:00:00"


def hit(index: str, **source: Any) -> dict[str, Any]:
    return {"_index": index, "_id": f"{index}-1", "_source": source}


def read(folder: Path, *hits: Any, wrapped: bool = False, **more: Any) -> list[dict[str, Any]]:
    document = {"hits": {"hits": list(hits)}, **more} if wrapped else list(hits)
    tables = load(write(folder, json.dumps(document, indent=1 if wrapped else None), "any.json"))
    assert tables["inputs"][0]["source"] == "openmeasures"
    assert "who@example.org" not in str(tables) and "Secret Street" not in str(tables)
    return tables["posts"]


def test_sites(tmp_path: Path) -> None:
    posts = read(
        tmp_path,
        hit("smat-gab-2024", id="1", created_at=TIME, content_cleaned="a <b>b</b> https://a.org/1",
            account={"id": "9", "username": "u", "email": "who@example.org", "location": "Secret Street"}),
        hit("telegram", id=5, date=TIME, message="m", channelusername="chan", channeltitle="C"),
        hit("vk", id="3", author="v", date=TIME, text="t"),
        wrapped=True,
    )  # fmt: skip
    gab, telegram, vk = posts
    assert (gab["platform"], gab["account"], gab["text"]) == ("gab", "gab:9", "a b https://a.org/1")
    assert gab["time"] == NOON and gab["urls"] == ["https://a.org/1"]
    assert (telegram["post"], telegram["account"]) == ("chan/5", "telegram:chan")
    assert telegram["link"] == "https://t.me/chan/5"
    assert vk["account"] == "vk:v"


def test_bluesky_posts_carry_the_ids_of_the_network(tmp_path: Path) -> None:
    told = {"author": "did:plc:a", "rkey_str": "3k", "createdAt": f"{TIME}Z", "text": "t",
            "embed": {"images": [{"image": {"ref_str": "bafhash"}}]}}  # fmt: skip
    first, again = hit("smat-bluesky-1", **told), hit("smat-bluesky-1", **told) | {"_id": "other version"}
    posts = read(tmp_path, first, again)
    assert posts[0]["post"] == "at://did:plc:a/app.bsky.feed.post/3k"
    assert posts[0]["media"][0]["hash"] == "bafhash"
    assert len(posts) == 2 and len({post["post"] for post in posts}) == 2, "a changed post comes twice"


def test_the_answer_names_its_keys(tmp_path: Path) -> None:
    document = {"created_key": "when", "content_key": "what"}
    told = hit("poal", id="1", when=TIME, what="named", text="other", sub="s", author="a")
    text = json.dumps({**document, "hits": [told]})
    (post,) = load(write(tmp_path, text, "any.json"))["posts"]
    assert (post["text"], post["time"]) == ("named", NOON)


def test_extractor(tmp_path: Path) -> None:
    head = "account.display_name,account.username,account.id,content_cleaned,created_at,mentions,_id,"
    head += "in_reply_to_id,reblog.id,account.email\n"
    row = f"A,u,9,one <b>two</b>,{TIME}.000,\"[{{'id': 'm0'}}]\",ts-1,,rb-1,who@example.org\n"
    tables = load(write(tmp_path, head + row))
    (post,) = tables["posts"]
    assert (post["post"], post["account"], post["text"]) == ("ts-1", "web:9", "one two")
    assert (post["kind"], post["parent"], post["mentions"]) == ("reshare", "rb-1", ["m0"])
    assert "who@example.org" not in str(tables)


@pytest.mark.parametrize(
    "name",
    [
        "bluesky_hits.json",
        "synthetic_content_gab.json",
        "synthetic_content_telegram.json",
        "truth_social_extractor.csv",
        "truth_social_hits.json",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F16_openmeasures/{name}")
    assert tables["inputs"][0]["source"] == "openmeasures"
    assert "someone@example.org" not in str([post["account"] for post in tables["posts"]])
