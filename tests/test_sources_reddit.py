"""Reddit: made-up dumps and answers, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
UNIX = int(NOON.timestamp())


def comment(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "author": "a", "subreddit": "s", "created_utc": UNIX, "body": "b", "link_id": "t3_p",
        "parent_id": "t3_p", "permalink": f"/r/s/comments/p/{name}/", **more,
    }  # fmt: skip


def submission(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "author": "a", "subreddit": "s", "created_utc": UNIX, "title": "T", "selftext": "",
        "is_self": False, "url": "https://a.org/1", **more,
    }  # fmt: skip


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_comments(tmp_path: Path) -> None:
    text = lines(
        comment("c1", author_fullname="t2_x", author_created_utc=UNIX - 60, body="see https://a.org/1."),
        comment("c2", created_utc=str(UNIX + 1), parent_id="t1_c1", body="[removed]"),
        comment("c3", parent_id=int("haf7mc4", 36)),
        comment("c4", parent_id=None),
        comment("c5", author="[deleted]"),
        comment("c6", author="AutoModerator"),
    )
    tables = load(write(tmp_path, text, "any.ndjson"))
    assert tables["inputs"][0]["source"] == "reddit"
    first, second, third, fourth = tables["posts"]
    assert (first["post"], first["account"], first["time"]) == ("t1_c1", "reddit:a", NOON)
    assert first["urls"] == ["https://a.org/1"] and first["thread"] == "t3_p"
    assert first["link"] == "https://www.reddit.com/r/s/comments/p/c1/"
    assert (second["time"], second["text"], second["parent"]) == (NOON.replace(second=1), None, "t1_c1")
    assert third["parent"] == "t1_haf7mc4", "one interface gives ids of comments as plain numbers"
    assert fourth["parent"] == "t3_p"
    assert len(tables["ledger"]) == 2
    assert {account["opened"] for account in tables["accounts"]} == {NOON.replace(hour=11, minute=59), None}


def test_submissions(tmp_path: Path) -> None:
    text = lines(
        submission("s1"),
        submission("s2", is_self=True, url="https://www.reddit.com/r/s/s2", selftext="and https://b.org/2"),
        submission("s3", url="https://i.redd.it/pic.jpg"),
        submission("s4", crosspost_parent="t3_s1", crosspost_parent_list=[{"author": "a0", "id": "s1"}]),
    )
    link, own, picture, crossed = load(write(tmp_path, text, "any.ndjson"))["posts"]
    assert link["urls"] == ["https://a.org/1"] and link["kind"] == "original"
    assert own["urls"] == ["https://b.org/2"] and own["text"] == "T\nand https://b.org/2"
    assert picture["urls"] == [] and picture["media"][0]["id"] == "https://i.redd.it/pic.jpg"
    assert (crossed["kind"], crossed["parent"], crossed["parent_account"]) == (
        "reshare", "t3_s1", "reddit:a0"
    )  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
def test_answers_and_listings(tmp_path: Path, indent: int | None) -> None:
    answer = {"data": [comment("c1"), comment("c2")], "error": None, "metadata": {"es": {}}}
    listing = {
        "kind": "Listing",
        "data": {"children": [{"kind": "t1", "data": comment("c1")}], "after": None},
    }
    one = {"kind": "t3", "data": submission("s1")}
    for number, (document, count) in enumerate(((answer, 2), (listing, 1), (one, 1))):
        path = write(tmp_path, json.dumps(document, indent=indent), f"{number}.json")
        tables = load(path)
        assert len(tables["posts"]) == count and tables["inputs"][0]["source"] == "reddit"


@pytest.mark.parametrize(
    "name",
    [
        "pushshift_api_comments.ndjson",
        "pushshift_api_comments.zst",
        "pushshift_api_comments_response.json",
        "pushshift_api_submissions.ndjson",
        "synthetic_RC_2023-03.ndjson",
        "synthetic_RC_2023-03.zst",
        "synthetic_RC_2023-03_damaged_nul.ndjson",
        "synthetic_RC_2023-03_damaged_truncated.ndjson",
        "synthetic_RC_2023-03_damaged_utf16.ndjson",
        "synthetic_RS_2023-03.ndjson",
        "synthetic_RS_2023-03.zst",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F10_reddit_pushshift/{name}")
    assert tables["inputs"][0]["source"] == "reddit"
    assert not {"reddit:[deleted]", "reddit:AutoModerator"} & {post["account"] for post in tables["posts"]}


def test_samples_of_praw() -> None:
    tables = check_counts("reddit_ira_2018/raw/comments_sample.csv")
    assert {post["platform"] for post in tables["posts"]} == {"reddit"}
