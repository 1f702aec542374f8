"""Zeeschuimer's NDJSON and 4CAT's of the same: made-up records, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

from concerted.errors import DamagedIds
from concerted.sources.opening import open_file
from concerted.stages.read import find_source

FIRST, SECOND, THIRD = "1635573202396647570", "1635573516969549824", "1635573831542452224"
PRIVATE: dict[str, Any] = {
    "user_agent": "Mozilla/9", "location": {"name": "Secret Street", "lat": 52.123456, "lng": 13.5},
    "poi": {"name": "Secret Cafe", "address": "Hidden Road"}, "device_id": "DEV-7",
    "source_url": "https://site/api?device_id=DEV-7&session=S-9", "email": "who@example.org",
    "locationCreated": "QX",
}  # fmt: skip
VALUES = ("Mozilla/9", "Secret", "52.123456", "Hidden", "DEV-7", "S-9", "who@example.org", "QX")


def enveloped(module: str, *items: dict[str, Any], fourcat: bool = False) -> str:
    text = ""
    for place, item in enumerate(items):
        about = {
            "nav_index": f"1:{place}:0", "item_id": 1635573202396647680, "source_platform": module,
            "timestamp_collected": 1678800000000 + place,
            "source_platform_url": f"https://{module}/search?q=x",
            "user_agent": "Mozilla/9", "source_url": PRIVATE["source_url"],
        }  # fmt: skip
        record = {**item, "__import_meta": about} if fourcat else {**about, "data": item}
        text += json.dumps(record) + "\n"
    return text


def x_post(number: str, author: str, text: str, **legacy: Any) -> dict[str, Any]:
    user = {
        "rest_id": author,
        "core": {
            "screen_name": f"a{author}", "name": "A", "created_at": "Sat Jan 01 12:00:00 +0000 2022",
        },
        "legacy": {"followers_count": 7, "location": "Secret Street", "description": "bio"},
    }  # fmt: skip
    return {
        "__typename": "Tweet", "id": 1635573202396647680, "rest_id": number, "source": "<a>Web App</a>",
        "core": {"user_results": {"result": user}},
        "legacy": {
            "created_at": "Tue Mar 14 09:26:53 +0000 2023", "full_text": text, "id_str": number,
            "user_id_str": author, "conversation_id_str": FIRST, "lang": "en",
            "entities": {"urls": [{"expanded_url": "https://a.org/1"}], "hashtags": [{"text": "Now"}],
                         "user_mentions": [{"id_str": "99"}]},
            **legacy,
        },
    }  # fmt: skip


X_ORIGINAL = x_post(FIRST, "11", "the whole")
X_RESHARE = x_post(
    SECOND,
    "12",
    "RT @a11: the…",
    created_at="Tue Mar 14 09:28:08 +0000 2023",
    retweeted_status_result={"result": {"__typename": "TweetWithVisibilityResults", "tweet": X_ORIGINAL}},
)
X_REPLY = x_post(
    THIRD,
    "13",
    "no",
    created_at="Tue Mar 14 09:29:23 +0000 2023",
    in_reply_to_status_id_str=FIRST,
    in_reply_to_user_id_str="11",
    extended_entities={
        "media": [{"id_str": "5", "type": "photo", "expanded_url": "https://x.com/a13/status/1/photo/1"}]
    },
)
X_REPLY["core"] = {"user_results": {}}


@pytest.mark.parametrize("fourcat", [False, True])
def test_x(tmp_path: Path, fourcat: bool) -> None:
    gone = {"__typename": "TweetTombstone", "tombstone": {"text": "deleted"}}
    text = enveloped("x.com", X_ORIGINAL, X_RESHARE, X_REPLY, gone, fourcat=fourcat)
    path = write(tmp_path, text, "no.hint")
    assert find_source(open_file(path))[0].name == "zeeschuimer"
    tables = load(path)
    one, two, three = tables["posts"]
    assert one["post"] == FIRST, "not the id that lost digits on the way"
    assert one["time"] == datetime(2023, 3, 14, 9, 26, 53, 589_000, UTC) and one["resolution_s"] == 0.001
    assert one["collected"] == datetime(2023, 3, 14, 13, 20, tzinfo=UTC) and one["client"] == "Web App"
    assert (two["kind"], two["parent"], two["parent_account"]) == ("reshare", FIRST, "x:11")
    assert two["text"] == "the whole" and two["urls"] == ["https://a.org/1"]
    assert (three["kind"], three["parent"], three["parent_account"]) == ("reply", FIRST, "x:11")
    assert three["account"] == "x:13" and three["media"][0]["id"] == "5"
    handles = {account["account"]: account["handle"] for account in tables["accounts"]}
    assert handles == {"x:11": "a11", "x:12": "a12", "x:13": "a13"}, "pictures name a missing author"
    assert [lost["reason"] for lost in tables["ledger"]] == ["a post that X withheld or showed as deleted"]


def test_x_quotes_and_long_texts(tmp_path: Path) -> None:
    quote = x_post(SECOND, "12", "cut…")
    quote["quoted_status_result"] = {"result": X_ORIGINAL}
    quote["note_tweet"] = {
        "note_tweet_results": {
            "result": {"text": "all of it", "entity_set": {"hashtags": [{"text": "End"}], "urls": []}}
        }
    }
    (post,) = load(write(tmp_path, enveloped("twitter.com", quote), "f.ndjson"))["posts"]
    assert (post["kind"], post["parent"], post["parent_account"]) == ("quote", FIRST, "x:11")
    assert (post["text"], post["tags"], post["urls"]) == ("all of it", ["End"], ["https://a.org/1"])


TIKTOK = {
    "id": "7210000000000000001", "desc": "look #Now @b", "createTime": 1678786013,
    "author": {"id": "71", "uniqueId": "a", "nickname": "A", "signature": "bio"},
    "authorStats": {"followerCount": 7, "videoCount": 3},
    "music": {"id": "7001", "title": "sound"}, "duetInfo": {"duetFromId": "0"},
    "challenges": [{"title": "now"}], "stats": {"shareCount": 4},
    "textExtra": [{"hashtagName": "Now", "userId": ""}, {"hashtagName": "", "userId": "72"}],
}  # fmt: skip


def test_tiktok(tmp_path: Path) -> None:
    duet = {**TIKTOK, "id": "7210000000000000002", "duetInfo": {"duetFromId": TIKTOK["id"]}}
    hidden = {**TIKTOK, "id": "7210000000000000003", "privateItem": True}
    tables = load(write(tmp_path, enveloped("tiktok.com", TIKTOK, duet, hidden), "f.ndjson"))
    one, two = tables["posts"]
    assert (one["account"], one["time"]) == ("tiktok:71", datetime(2023, 3, 14, 9, 26, 53, tzinfo=UTC))
    assert one["resolution_s"] == 1.0, "the ids of TikTok hold seconds, not those of X"
    assert (one["kind"], one["tags"], one["mentions"]) == ("original", ["Now", "now"], ["72"])
    assert one["media"] == [{"id": "7001", "kind": "audio", "hash": None, "hash_kind": None}]
    assert (two["kind"], two["parent"]) == ("quote", TIKTOK["id"])
    assert tables["accounts"][0]["followers"] == 7
    assert tables["ledger"][0]["reason"].startswith("private, not read")


def test_tiktok_comments(tmp_path: Path) -> None:
    top = {
        "cid": "1", "aweme_id": "9", "reply_id": "0", "text": "so #True", "create_time": 1678786013,
        "user": {"uid": "71", "unique_id": "a", "nickname": "A"}, "comment_language": "en",
    }  # fmt: skip
    below = {**top, "cid": "2", "reply_id": "1"}
    one, two = load(write(tmp_path, enveloped("tiktok-comments", top, below), "f.ndjson"))["posts"]
    assert (one["kind"], one["parent"], one["thread"]) == ("reply", "9", "9")
    assert (two["kind"], two["parent"], two["thread"]) == ("reply", "1", "9")
    assert one["tags"] == ["True"] and one["account"] == "tiktok:71"


def test_instagram_and_threads(tmp_path: Path) -> None:
    picture = {
        "pk": "3828926743789098302", "code": "DUjA-1", "taken_at": 1678786013,
        "user": {"pk": "31", "username": "a"}, "caption": {"text": "see https://a.org/1 #Now @B.c"},
        "location": PRIVATE["location"],
    }  # fmt: skip
    hidden = {**picture, "code": "DUjA-2", "user": {"pk": "32", "username": "b", "is_private": True}}
    tables = load(write(tmp_path, enveloped("instagram.com", picture, hidden), "f.ndjson"))
    (post,) = tables["posts"]
    assert (post["post"], post["account"], post["mentions"]) == ("DUjA-1", "instagram:31", ["b.c"])
    assert post["urls"] == ["https://a.org/1"] and post["link"] == "https://www.instagram.com/p/DUjA-1/"

    link = {"link_preview_attachment": {"url": "https://l.threads.net/?u=https%3A%2F%2Fa.org%2F1&e=x"}}
    plain = {**picture, "caption": None, "text_post_app_info": link}
    shared = {"code": "Cx9", "user": {"pk": "33"}, "caption": {"text": "first"}, "taken_at": 1678780000}
    again = {**picture, "code": "Cx2", "text_post_app_info": {"share_info": {"reposted_post": shared}}}
    one, two = load(write(tmp_path, enveloped("threads.net", plain, again), "g.ndjson"))["posts"]
    assert (one["text"], one["urls"], one["kind"]) == (None, ["https://a.org/1"], "original")
    assert (two["kind"], two["parent"], two["parent_account"]) == ("reshare", "Cx9", "threads:33")
    assert two["text"] == "first" and two["parent_time"] == datetime(2023, 3, 14, 7, 46, 40, tzinfo=UTC)


def test_truth_social(tmp_path: Path) -> None:
    author = {"id": "51", "acct": "a", "url": "https://truthsocial.com/@a", "followers_count": 7}
    truth: dict[str, Any] = {
        "id": "1090", "uri": "https://truthsocial.com/@a/1090", "account": author, "visibility": "public",
        "created_at": "2023-03-14T09:26:53.589Z", "content": "<p>the whole</p>", "reblog": None,
    }  # fmt: skip
    again = {**truth, "id": "1091", "uri": "https://truthsocial.com/@b/1091", "content": "", "reblog": truth}
    hidden = {**truth, "id": "1092", "uri": "https://truthsocial.com/@a/1092", "visibility": "private"}
    tables = load(write(tmp_path, enveloped("truthsocial.com", truth, again, hidden), "f.ndjson"))
    one, two = tables["posts"]
    assert (one["platform"], one["text"], one["time"].microsecond) == ("truthsocial", "the whole", 589_000)
    assert (two["kind"], two["parent"], two["text"]) == ("reshare", one["post"], "the whole")
    assert tables["inputs"][0]["left_out"] == 1


def test_a_mixed_session_keeps_platforms_apart(tmp_path: Path) -> None:
    text = enveloped("x.com", X_ORIGINAL) + enveloped("tiktok.com", TIKTOK) + enveloped("9gag.com", {"id": 1})
    tables = load(write(tmp_path, text + '{"no": "envelope"}\n', "f.ndjson"))
    assert [post["account"] for post in tables["posts"]] == ["x:11", "tiktok:71"]
    assert [lost["reason"] for lost in tables["ledger"]] == [
        "a record of 9gag.com, which is not read from this format",
        "a record without the envelope of Zeeschuimer",
    ]
    assert tables["posts"][1]["time"] == datetime(2023, 3, 14, 9, 26, 53, tzinfo=UTC)


@pytest.mark.parametrize("fourcat", [False, True])
def test_nothing_private_reaches_a_table(tmp_path: Path, fourcat: bool) -> None:
    items: dict[str, dict[str, Any]] = {
        "x.com": X_RESHARE,
        "tiktok.com": TIKTOK,
        "instagram.com": {"code": "D1", "taken_at": 1678786013, "user": {"pk": "31"}},
        "threads.net": {"code": "D2", "taken_at": 1678786013, "user": {"pk": "31"}},
    }
    text = "".join(
        enveloped(module, {**item, **PRIVATE, "user": {**item.get("user", {}), **PRIVATE}}, fourcat=fourcat)
        for module, item in items.items()
    )
    tables = load(write(tmp_path, text, "f.ndjson"))
    assert len(tables["posts"]) == 4
    everything = json.dumps(tables, default=str)
    assert [value for value in VALUES if value in everything] == []


def test_rounded_ids_are_refused(tmp_path: Path) -> None:
    damaged = {"pk": "3.10E+18", "code": "D1", "taken_at": 1678786013, "user": {"pk": "31"}}
    with pytest.raises(DamagedIds, match="rounded"):
        load(write(tmp_path, enveloped("threads.net", damaged), "f.ndjson"))


NAMES = [
    *(f"F08_zeeschuimer/synthetic_zeeschuimer_threads{end}.ndjson" for end in
      ("", "_damaged_e17", "_damaged_nul", "_damaged_truncated", "_damaged_utf16")),
    "F08_zeeschuimer/synthetic_zeeschuimer_x_replies_float_ids.ndjson",
    *(f"F08_zeeschuimer/zeeschuimer_{one}.ndjson" for one in ("instagram", "tiktok", "x")),
    "F07_4cat/4cat_tiktok-search.ndjson",
    "F07_4cat/4cat_twitter-import.ndjson",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/{name}")
    assert not tables or tables["inputs"][0]["source"] == "zeeschuimer"
    everything = json.dumps(tables, default=str)
    assert "Mozilla" not in everything and "device_id" not in everything and "Place 100" not in everything
