"""4CAT: made-up tables of every layout, which clock is right in each, and public samples."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reading import check_counts, load, write

from concerted.errors import BadTime, DamagedIds

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
UNIX = str(int(NOON.timestamp()))
UTC_TEXT, BERLIN_TEXT = "2024-05-01 12:00:00", "2024-05-01 14:00:00"
# NOON and 145 ms, as an id of X
X_ID = str((1_714_564_800_145 - 1_288_834_974_657) << 22)


def table(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


X_SEARCH = {
    "id": X_ID, "thread_id": "1", "timestamp": UTC_TEXT, "unix_timestamp": str(int(UNIX) - 7200),
    "link": "l", "subject": "", "body": "RT @orig: the whole text", "author": "a", "author_id": "11",
    "author_followers": "5", "source": "Web", "language_guess": "en", "retweet_count": "7",
    "is_retweet": "yes", "retweeted_user": "orig", "is_quote_tweet": "no", "quoted_user": "",
    "is_reply": "no", "replied_user": "", "hashtags": "One,Two", "urls": "https://a.org/1,2",
    "images": "", "videos": "", "mentions": "orig", "long_lat": "13.377,52.512",
    "place_name": "Secret Street",
}  # fmt: skip


def test_x_search_trusts_the_written_time(tmp_path: Path) -> None:
    tables = load(write(tmp_path, table(X_SEARCH)))
    (post,) = tables["posts"]
    assert tables["inputs"][0]["source"] == "fourcat"
    assert post["time"] == NOON.replace(microsecond=145_000) and post["resolution_s"] == 0.001
    assert (post["account"], post["kind"], post["parent"]) == ("x:11", "reshare", None)
    assert (post["text"], post["parent_account"]) == ("the whole text", "x:orig")
    assert post["tags"] == ["One", "Two"] and post["urls"] == ["https://a.org/1,2"]
    notes = " ".join(tables["inputs"][0]["capability"])
    assert "+2 h" in notes and "ask for the NDJSON" in notes
    assert "52.512" not in str(tables) and "Secret Street" not in str(tables)


def test_x_import(tmp_path: Path) -> None:
    row = {**X_SEARCH, "collected_from_url": "https://x.com/search?q=z", "quote_tweet_id": "123",
           "quote_author": "q", "is_quote_tweet": "yes", "is_retweet": "no", "retweeted_user": "",
           "body": "own words", "unix_timestamp": UNIX}  # fmt: skip
    for name in ("author_followers", "replied_user", "quoted_user"):
        row.pop(name)
    (post,) = load(write(tmp_path, table(row)))["posts"]
    assert (post["kind"], post["parent"], post["text"]) == ("quote", "123", "own words")
    assert post["query"] == "https://x.com/search?q=z"


TELEGRAM = {
    "id": "chan-7", "thread_id": "chan", "chat": "chan", "author": "15", "author_username": "u",
    "author_name": "N", "author_is_bot": "no", "body": "t", "is_reply": "no", "reply_to": "",
    "timestamp": BERLIN_TEXT, "unix_timestamp": UNIX, "author_forwarded_from_name": "Src",
    "author_forwarded_from_username": "", "author_forwarded_from_id": "99",
    "entities_linked": "https://a.org/1", "entities_mentioned": "z", "timestamp_forwarded_from": BERLIN_TEXT,
    "unix_timestamp_forwarded_from": str(int(UNIX) - 60), "link_attached": "",
}  # fmt: skip


def test_telegram_trusts_the_seconds(tmp_path: Path) -> None:
    answer = {**dict.fromkeys((name for name in TELEGRAM if "forwarded" in name), "")}
    answer = {**TELEGRAM, **answer, "id": "chan-8", "reply_to": "7"}
    tables = load(write(tmp_path, table(TELEGRAM, answer)))
    forward, reply = tables["posts"]
    assert forward["time"] == NOON and forward["post"] == "chan/7"
    assert (forward["kind"], forward["parent"]) == ("reshare", f"99@{int(UNIX) - 60}")
    assert forward["parent_time"] == NOON.replace(hour=11, minute=59)
    assert (reply["kind"], reply["parent"]) == ("reply", "chan/7")
    assert "timestamp is +2 h" in " ".join(tables["inputs"][0]["capability"])


TIKTOK_COMMENT = {
    "id": "7211", "thread_id": "7210", "author": "a", "author_full": "A", "body": "t",
    "timestamp": BERLIN_TEXT, "unix_timestamp": UNIX, "post_id": "7210", "post_url": "", "comment_url": "",
    "is_comment_on_comment": "no", "language_guess": "en",
}  # fmt: skip
TIKTOK = {
    "id": "7211", "thread_id": "7211", "author": "a", "author_full": "A", "author_followers": "4",
    "author_videos": "2", "body": "t", "timestamp": UTC_TEXT, "unix_timestamp": UNIX, "is_duet": "no",
    "music_id": "m1", "tiktok_url": "u", "shares": "3", "hashtags": "one",
    "location_created": "Secret Street", "collected_from_url": "q",
}  # fmt: skip
BLUESKY = {
    "collected_at": "2024-05-02T00:00:00Z", "query": "q", "id": "at://did:plc:a/app.bsky.feed.post/1",
    "thread_id": "t", "created_at": "2024-05-01T12:00:00.000Z", "author": "a.bsky.social",
    "author_id": "did:plc:a", "body": "t", "link": "l", "tags": "one", "repost_count": "2", "quoted_post": "",
    "replied_to_post": "at://did:plc:b/p/1", "mentions": "", "links": "https://a.org/1,2", "images": "",
    "languages": "en", "author_display_name": "A", "author_created_at": "", "timestamp": UNIX,
}  # fmt: skip
TRUTH = {
    "id": "110", "created_at": "2024-05-01T12:00:00.000Z", "body": "<p>one &amp; two</p>", "url": "u",
    "language": "", "account_id": "107", "account_username": "a", "account_display_name": "A",
    "account_followers": "1", "account_following": "2", "mentions": "", "hashtags": "One", "images": "",
    "video_urls": "", "group_id": "", "thread_id": "110", "timestamp": UTC_TEXT,
}  # fmt: skip
INSTAGRAM = {
    "id": "DU", "timestamp": BERLIN_TEXT, "thread_id": "DU", "url": "u", "body": "t", "author_id": "30",
    "author": "a", "author_fullname": "A", "num_media": "1", "image_urls": "https://c.org/1.jpg?oh=signed",
    "media_urls": "https://c.org/1.jpg?oh=signed", "hashtags": "", "usertags": "z", "unix_timestamp": UNIX,
    "location_name": "Secret Street", "location_latlong": "52.512,13.377", "collected_from_url": "q",
}  # fmt: skip
THREADS = {
    "id": "c", "thread_id": "c", "url": "u", "body": "t", "timestamp": BERLIN_TEXT, "author": "a",
    "image_url": "", "video_url": "", "link_url": "https://a.org/1", "hashtags": "", "unix_timestamp": UNIX,
}  # fmt: skip
OTHER = {"id": "1", "thread_id": "1", "author": "a", "body": "t", "timestamp": BERLIN_TEXT,
         "unix_timestamp": UNIX}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "account", "more"),
    [
        (TIKTOK_COMMENT, "tiktok:a", {"kind": "reply", "parent": "7210"}),
        (TIKTOK, "tiktok:a", {"reshares_total": 3, "link": "u", "query": "q"}),
        (
            BLUESKY,
            "bluesky:did:plc:a",
            {
                "urls": ["https://a.org/1,2"],
                "kind": "reply",
                "parent": "at://did:plc:b/p/1",
                "parent_account": "bluesky:did:plc:b",
            },
        ),
        (TRUTH, "truthsocial:107", {"text": "one & two", "tags": ["One"]}),
        (INSTAGRAM, "instagram:30", {"mentions": ["z"]}),
        (THREADS, "threads:a", {"urls": ["https://a.org/1"]}),
        (OTHER, "web:a", {"thread": "1"}),
    ],
    ids=["tiktok-comments", "tiktok", "bsky", "truthsocial", "instagram", "threads", "other"],
)
def test_layouts(tmp_path: Path, row: dict[str, str], account: str, more: dict[str, object]) -> None:
    tables = load(write(tmp_path, table(row)))
    (post,) = tables["posts"]
    assert tables["inputs"][0]["source"] == "fourcat"
    assert (post["account"], post["time"]) == (account, NOON)
    assert {name: post[name] for name in more} == more
    assert "Secret Street" not in str(tables) and "52.512" not in str(tables)


def test_pictures_lose_what_is_signed_anew_at_every_visit(tmp_path: Path) -> None:
    (post,) = load(write(tmp_path, table(INSTAGRAM)))["posts"]
    assert [item["id"] for item in post["media"]] == ["https://c.org/1.jpg"]


def test_an_upload_with_its_own_time_is_left_out_whole(tmp_path: Path) -> None:
    rows = [{**OTHER, "id": str(n)} for n in range(4)]
    for row in rows:
        row.pop("unix_timestamp", None)
    tables = load(write(tmp_path, table(*rows)))
    assert tables["posts"] == [] and tables["inputs"][0]["left_out"] == 4
    assert "upload" in tables["ledger"][0]["reason"]


def test_without_seconds_the_zone_of_the_server_is_asked_for(tmp_path: Path) -> None:
    rows = [{**OTHER, "id": str(n), "timestamp": f"2024-05-01 12:00:0{n}"} for n in range(4)]
    for row in rows:
        row.pop("unix_timestamp", None)
    path = write(tmp_path, table(*rows))
    with pytest.raises(BadTime, match="--timezone"):
        load(path)
    assert load(path, timezone="UTC")["posts"][0]["time"] == NOON


def test_rounded_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedIds):
        load(write(tmp_path, table(*[{**TRUTH, "id": "1.10000E+17"}] * 3)))


@pytest.mark.parametrize(
    "name",
    [
        "4cat_instagram-search.csv",
        "4cat_tiktok-search.csv",
        "4cat_tiktok-search.ndjson",
        "4cat_twitter-import.csv",
        "4cat_twitter-import.ndjson",
        "4cat_twitterv2-search.csv",
        "4cat_twitterv2-search_server_in_berlin.csv",
        "synthetic_4cat_bsky-search.csv",
        "synthetic_4cat_custom_upload_time_is_upload_time.csv",
        "synthetic_4cat_telegram-search_server_utc+1.csv",
        "synthetic_4cat_tiktok-comments-search.csv",
        "synthetic_4cat_truthsocial-search.csv",
        "synthetic_4cat_truthsocial-search_damaged_cp1252.csv",
        "synthetic_4cat_truthsocial-search_damaged_e17.csv",
        "synthetic_4cat_truthsocial-search_damaged_nul.csv",
        "synthetic_4cat_truthsocial-search_damaged_truncated.csv",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F07_4cat/{name}")
    assert not tables or name.endswith(".ndjson") or tables["inputs"][0]["source"] == "fourcat"


def test_a_server_in_another_zone_changes_no_time() -> None:
    here = check_counts("export_samples/F07_4cat/4cat_twitterv2-search.csv")["posts"]
    there = check_counts("export_samples/F07_4cat/4cat_twitterv2-search_server_in_berlin.csv")["posts"]
    times = {post["post"]: post["time"] for post in here}
    assert len(there) == 20 and all(times[post["post"]] == post["time"] for post in there)
