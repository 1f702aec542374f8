"""Posts of the X interfaces: made-up records, and public samples."""

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

# 2023-03-14 09:26:53.589 and 75 seconds later, by the ids
FIRST, SECOND, THIRD = "1635573202396647570", "1635573516969549824", "1635573831542452224"
AT, LATER = "Tue Mar 14 09:26:53 +0000 2023", "Tue Mar 14 09:28:08 +0000 2023"
PRIVATE = ("Secret Street", "who@example.org", "52.123456", "555-0199", "Hidden Town", "Mozilla/9")


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def user(number: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": float(number), "id_str": number, "screen_name": name, "name": name.upper(),
        "description": f"bio of {name}", "created_at": "Sat Jan 01 12:00:00 +0000 2022",
        "followers_count": 7, "friends_count": 8, "statuses_count": 9, "location": "Hidden Town",
        "email": "who@example.org", **more,
    }  # fmt: skip


def tweet(number: str, author: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": int(number) + 3, "id_str": number, "created_at": AT, "full_text": text,
        "user": user(author, "a"),
        "entities": {"urls": [], "hashtags": [], "user_mentions": []}, "retweeted_status": None,
        "quoted_status_id_str": None, "in_reply_to_status_id_str": None, "lang": "en", "retweet_count": 4,
        "source": '<a href="https://x.com">Web App</a>', "geo": {"coordinates": [52.123456, 1]},
        "place": {"full_name": "Secret Street"}, "coordinates": None, **more,
    }  # fmt: skip


ENTITIES = {
    "urls": [{"url": "https://t.co/x", "expanded_url": "https://a.org/1"}],
    "hashtags": [{"text": "Now"}],
    "user_mentions": [{"id_str": "99", "screen_name": "z"}, {"screen_name": "y"}],
}
ORIGINAL = tweet(FIRST, "11", "the whole text https://t.co/x", entities=ENTITIES)
RESHARE = tweet(
    SECOND,
    "12",
    "RT @a: the who…",
    created_at=LATER,
    retweeted_status={**ORIGINAL, "extended_entities": {"media": [{"id_str": "5", "type": "photo"}]}},
)


@pytest.mark.parametrize("shape", ["lines", "array", "answer", "pretty"])
def test_version_1(tmp_path: Path, shape: str) -> None:
    posts = [ORIGINAL, RESHARE]
    whole: dict[str, Any] = {"statuses": posts, "search_metadata": {"count": 2}}
    content: dict[str, str] = {
        "lines": lines(*posts),
        "array": json.dumps(posts),
        "answer": json.dumps(whole),
    }
    path = write(tmp_path, content.get(shape) or json.dumps(whole, indent=2), "no.hint")
    assert find_source(open_file(path))[0].name == "x_v1"
    tables = load(path)
    one, two = tables["posts"]
    assert (one["post"], one["account"], one["kind"], one["client"]) == (FIRST, "x:11", "original", "Web App")
    assert one["time"] == datetime(2023, 3, 14, 9, 26, 53, 589_000, UTC) and one["resolution_s"] == 0.001
    assert (one["urls"], one["tags"], one["mentions"]) == (["https://a.org/1"], ["Now"], ["99", "y"])
    assert (two["kind"], two["parent"], two["parent_account"]) == ("reshare", FIRST, "x:11")
    assert two["text"] == one["text"] and two["urls"] == one["urls"], "a reshare has the original's"
    assert two["parent_time"] == one["time"]
    assert two["media"] == [{"id": "5", "kind": "photo", "hash": None, "hash_kind": None}]
    (first, _) = tables["accounts"]
    assert (first["handle"], first["followers"], first["following"], first["posts"]) == ("a", 7, 8, 9)
    assert first["opened"] == datetime(2022, 1, 1, 12, tzinfo=UTC)


def test_version_1_tells_replies_quotes_notices_and_long_texts(tmp_path: Path) -> None:
    reply = tweet(SECOND, "12", "yes", in_reply_to_status_id_str=FIRST, in_reply_to_user_id_str="11")
    quote = tweet(THIRD, "12", "see", quoted_status_id_str=FIRST, quoted_status=ORIGINAL)
    long = tweet(FIRST, "13", "", extended_tweet={"full_text": "all of it", "entities": ENTITIES})
    long |= {"full_text": None, "text": "all…"}
    notices = [{"delete": {"status": {"id_str": FIRST}}}, {"limit": {"track": 7}}]
    hidden = tweet("1635573202396647999", "14", "for friends", user=user("14", "h", protected=True))
    tables = load(write(tmp_path, lines(reply, quote, long, *notices, hidden, reply), "f.jsonl"))
    got = [(post["kind"], post["parent"], post["parent_account"], post["text"]) for post in tables["posts"]]
    assert got == [
        ("reply", FIRST, "x:11", "yes"),
        ("quote", FIRST, "x:11", "see"),
        ("original", None, None, "all of it"),
    ]
    assert tables["posts"][2]["tags"] == ["Now"]
    assert [(lost["row"], lost["reason"].split(":")[0]) for lost in tables["ledger"]] == [
        (4, "a notice of deletion, not a post"),
        (5, "a notice of the stream, not a post"),
        (6, "private, not read"),
        (7, "repeated post id"),
    ]


def v2(number: str, author: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "author_id": author, "created_at": "2023-03-14T09:26:53.000Z", "text": text,
        "conversation_id": FIRST, "lang": "en", "public_metrics": {"retweet_count": 4},
        "geo": {"place_id": "Secret Street"}, **more,
    }  # fmt: skip


V2_AUTHOR = {
    "username": "a", "name": "A", "description": "bio", "created_at": "2022-01-01T12:00:00.000Z",
    "location": "Hidden Town",
    "public_metrics": {"followers_count": 7, "following_count": 8, "tweet_count": 9},
}  # fmt: skip
V2_ENTITIES: dict[str, Any] = {
    "urls": [
        {"url": "https://t.co/x", "expanded_url": "https://b.li/x", "unwound_url": "https://a.org/1"},
        {"url": "https://t.co/y", "expanded_url": "https://x.com/a/photo/1", "media_key": "3_5"},
    ],
    "hashtags": [{"tag": "Now"}],
    "mentions": [{"start": 9, "username": "B", "end": 11}],
}
V2_ORIGINAL = v2(FIRST, "11", "cut…", entities=V2_ENTITIES, note_tweet={"text": "the whole"})
V2_ORIGINAL["attachments"] = {"media_keys": ["3_5"]}
V2_RESHARE = v2(SECOND, "12", "RT @a: cu…", referenced_tweets=[{"type": "retweeted", "id": FIRST}])
V2_REPLY = v2(
    THIRD, "12", "yes", referenced_tweets=[{"type": "replied_to", "id": FIRST}], in_reply_to_user_id="11"
)
PAGE: dict[str, Any] = {
    "data": [V2_ORIGINAL, V2_RESHARE, V2_REPLY],
    "includes": {
        "users": [{"id": "11", **V2_AUTHOR}, {"id": "12", **V2_AUTHOR, "username": "b"}],
        "tweets": [V2_ORIGINAL],
        "media": [{"media_key": "3_5", "type": "photo"}],
        "places": [{"full_name": "Secret Street", "geo": {"bbox": [52.123456]}}],
    },
    "meta": {"result_count": 3},
    "__twarc": {"retrieved_at": "2023-03-15T00:00:00+00:00"},
}


def flattened() -> list[dict[str, Any]]:
    own = [{**one, "author": {"id": one["author_id"], **V2_AUTHOR}} for one in PAGE["data"]]
    mentions = [{**V2_ENTITIES["mentions"][0], "id": "12"}]
    own[0] = {**own[0], "entities": {**V2_ENTITIES, "mentions": mentions}}
    own[0]["attachments"] = {"media_keys": ["3_5"], "media": [{"media_key": "3_5", "type": "photo"}]}
    own[1] = {**own[1], "referenced_tweets": [{**own[0], "type": "retweeted"}]}
    return [{**one, "__twarc": PAGE["__twarc"]} for one in own]


@pytest.mark.parametrize("shape", ["page", "pretty", "flat", "stream"])
def test_version_2(tmp_path: Path, shape: str) -> None:
    stream = [{**PAGE, "data": one} for one in PAGE["data"]]
    content: dict[str, str] = {"page": lines(PAGE), "flat": lines(*flattened()), "stream": lines(*stream)}
    path = write(tmp_path, content.get(shape) or json.dumps(PAGE, indent=1), "no.hint")
    assert find_source(open_file(path))[0].name == "x_v2"
    tables = load(path)
    one, two, three = tables["posts"]
    assert one["time"].microsecond == 589_000, "the stated milliseconds are always 000"
    assert (one["text"], one["urls"], one["tags"]) == ("the whole", ["https://a.org/1"], ["Now"])
    assert one["mentions"] == ["12"], "a name is the id of the enclosed account"
    assert one["media"] == [{"id": "5", "kind": "photo", "hash": None, "hash_kind": None}]
    assert (two["kind"], two["parent"], two["parent_account"]) == ("reshare", FIRST, "x:11")
    assert two["text"] == "the whole" and two["tags"] == ["Now"]
    assert (three["kind"], three["parent"], three["parent_account"]) == ("reply", FIRST, "x:11")
    assert three["thread"] == FIRST and three["reshares_total"] == 4
    assert three["collected"] == datetime(2023, 3, 15, tzinfo=UTC)
    assert tables["accounts"][0]["followers"] == 7 and tables["accounts"][0]["bio"] == "bio"


def test_version_2_leaves_out_what_is_no_post(tmp_path: Path) -> None:
    account = {"id": "11", **V2_AUTHOR}
    content = lines(
        {"id": FIRST, "action": "delete", "reason": "suspended", "created_at": "2023-03-14T09:26:53.000Z"},
        {"data": [account], "meta": {"result_count": 1}},
        {"errors": [{"title": "Not Found"}]},
        {"meta": {"result_count": 0}},
        {"data": v2(FIRST, "11", "mine"), "includes": {"users": [{**account, "protected": True}]}},
        {"data": v2(SECOND, "12", "RT @q: x", referenced_tweets=[{"type": "retweeted", "id": FIRST}],
                    entities={"mentions": [{"start": 3, "id": "77"}]})},
        {"data": "what"},
    )  # fmt: skip
    tables = load(write(tmp_path, content, "f.jsonl"))
    (post,) = tables["posts"]
    assert post["parent_account"] == "x:77", "whom a retweet names first wrote the original"
    assert sorted((lost["row"], lost["reason"].split(":")[0].split(",")[0]) for lost in tables["ledger"]) == [
        (1, "a notice that a post or an account was deleted or changed"),
        (2, "an account"),
        (3, "an error the interface returned"),
        (4, "a page without posts"),
        (5, "private"),
        (7, "the record is not built as its format says"),
    ]


def test_nothing_private_of_x_reaches_a_table(tmp_path: Path) -> None:
    phone = {"phone": "555-0199", "user_agent": "Mozilla/9"}
    content = {
        "v1.jsonl": lines({**RESHARE, **phone, "user": user("12", "b", **phone)}, ORIGINAL),
        "v2.jsonl": lines({**PAGE, **phone}),
        "flat.jsonl": lines(*({**one, **phone} for one in flattened())),
    }
    for name, text in content.items():
        everything = json.dumps(load(write(tmp_path, text, name)), default=str)
        assert "the whole" in everything
        for value in PRIVATE:
            assert value not in everything, (name, value)


def test_rounded_ids_of_x_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedIds, match="id_str"):
        load(write(tmp_path, lines({**ORIGINAL, "id_str": "1.64E+18"}), "a.jsonl"))
    with pytest.raises(DamagedIds, match="'author_id'"):
        load(write(tmp_path, lines({"data": {**V2_ORIGINAL, "author_id": 1.2e18}}), "b.jsonl"))


F1 = ("favorites_array.json", "search_tweets_response.json", "tweets_search_extended.jsonl",
      "user_timeline_array.json",
      *(f"synthetic_v11{end}.jsonl" for end in
        ("", "_damaged_e17", "_damaged_nul", "_damaged_truncated", "_damaged_utf16")))  # fmt: skip
F2 = (*(f"{name}.jsonl" for name in
        ("cotweet", "edited_before", "geo_tweets", "many_urls", "mentions_tweet", "quoted_edit",
         "streaming_output_with_error", "twarc2_flattened", "twarc2_pages", "tweets_compliance",
         "users_page_no_posts")),
      *(f"synthetic_flattened{end}.jsonl" for end in
        ("", "_damaged_e17", "_damaged_nul", "_damaged_truncated", "_damaged_utf16")))  # fmt: skip
NAMES = [
    *(f"F01_x_api_v11/{name}" for name in F1),
    *(f"F02_x_api_v2/{name}" for name in F2),
]


@pytest.mark.parametrize("name", NAMES)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/{name}")
    for post in tables.get("posts", ()):
        assert post["platform"] == "x" and post["resolution_s"] == 0.001
        assert post["kind"] == "original" or post["parent"] or post["parent_account"]
    sources = {"F01": "x_v1", "F02": "x_v2"}
    assert not tables or tables["inputs"][0]["source"] == sources[name[:3]]


def test_one_page_read_three_ways_is_the_same_posts() -> None:
    keys = ("post", "account", "time", "kind", "parent", "parent_account", "text")
    read = [
        {post["post"]: [post[key] for key in keys] for post in tables["posts"]}
        for tables in (
            check_counts(f"export_samples/F02_x_api_v2/{name}")
            for name in ("twarc2_pages.jsonl", "twarc2_flattened.jsonl", "twarc_csv_default.csv")
        )
    ]
    shared = read[0].keys() & read[1].keys()
    assert len(shared) > 20
    assert {number: read[0][number] for number in shared} == {number: read[1][number] for number in shared}
    same = sum(read[0][number] == row for number, row in read[2].items())
    assert same >= 0.9 * len(read[2])
