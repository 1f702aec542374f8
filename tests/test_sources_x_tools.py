"""Tables of twarc-csv and lines of snscrape: made-up ones, and public samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reading import check_counts, load, write

from concerted.errors import MissingColumns

FIRST, SECOND = "1635573202396647570", "1635573516969549824"
PRIVATE = ("Hidden Town", "Secret Street", "52.123456")


def test_twarc_csv(tmp_path: Path) -> None:
    head = (
        "id,author_id,created_at,text,referenced_tweets.retweeted.id,retweeted_user_id,entities.urls,entities.hashtags,"
        "attachments.media_keys,author.username,author.location,geo.full_name,author.profile_image_url\n"
    )
    rows = (
        f'{FIRST},11,2023-03-14T09:26:53.000Z,one\\ntwo,,,"[""https://a.org/1""]","[""#Now""]","[""3_5""]",a,'
        "Hidden Town,Secret Street,https://p/default_profile.png\n"
        f"{SECOND},12,2023-03-14T09:28:08.000Z,RT @a: one…,{FIRST},11,,,,b,,,https://p/own.png\n"
    )
    tables = load(write(tmp_path, head + rows))
    assert tables["inputs"][0]["source"] == "twarc_csv"
    one, two = tables["posts"]
    assert one["text"] == "one\ntwo" and one["tags"] == ["Now"] and one["media"][0]["id"] == "5"
    assert (two["kind"], two["parent"], two["parent_account"]) == ("reshare", FIRST, "x:11")
    assert [account["avatar"] for account in tables["accounts"]] == [None, "https://p/own.png"]
    assert not any(value in json.dumps(tables, default=str) for value in PRIVATE)
    assert any("--no-merge-retweets" in line for line in tables["inputs"][0]["capability"])


def test_snscrape(tmp_path: Path) -> None:
    author = {"id": 11, "username": "a", "displayname": "A", "rawDescription": "bio", "followersCount": 7,
              "created": "2022-01-01T12:00:00+00:00", "location": "Hidden Town"}  # fmt: skip
    one = {
        "_type": "snscrape.modules.twitter.Tweet", "id": int(FIRST), "date": "2023-03-14T09:26:53+00:00",
        "rawContent": "the whole", "user": author, "conversationId": int(FIRST), "hashtags": ["Now"],
        "links": [{"url": "https://a.org/1", "tcourl": "https://t.co/x"}], "retweetedTweet": None,
        "media": [{"_type": "snscrape.modules.twitter.Photo", "fullUrl": "https://p/m.jpg?name=orig"}],
        "mentionedUsers": [{"id": 99, "username": "z"}], "url": f"https://x.com/a/status/{FIRST}",
        "coordinates": {"latitude": 52.123456}, "place": {"fullName": "Secret Street"},
    }  # fmt: skip
    two = {**one, "id": int(SECOND), "date": "2023-03-14T11:28:08+02:00", "rawContent": "RT @a: t…"}
    two |= {"retweetedTweet": one, "user": {**author, "id": 12, "username": "b"}}
    tables = load(write(tmp_path, "".join(json.dumps(each) + "\n" for each in (one, two)), "f.jsonl"))
    assert tables["inputs"][0]["source"] == "snscrape"
    assert not any(value in json.dumps(tables, default=str) for value in PRIVATE)
    first, second = tables["posts"]
    assert first["post"] == FIRST and first["mentions"] == ["99"] and first["urls"] == ["https://a.org/1"]
    assert first["media"] == [{"id": "https://p/m.jpg", "kind": "photo", "hash": None, "hash_kind": None}]
    assert (second["kind"], second["parent"], second["text"]) == ("reshare", FIRST, "the whole")


FRAME = (
    "id,user,retweeted_status,entities,full_text,lang,in_reply_to_status_id\n"
    f"{FIRST},\"{{'id_str': '11', 'screen_name': 'a', 'location': 'Hidden Town', 'followers_count': 3}}\",,"
    "\"{'urls': [{'expanded_url': 'https://a.org/1'}], 'hashtags': [{'text': 'Now'}]}\",hello,en,\n"
    f"{SECOND},\"{{'id_str': '12', 'screen_name': 'b'}}\",\"{{'id_str': '{FIRST}', 'full_text': 'the whole', "
    "'user': {'id_str': '11', 'location': 'Hidden Town'}}\",,RT @a: the…,en,nan\n"
)


def test_a_table_of_posts_whose_cells_hold_objects(tmp_path: Path) -> None:
    tables = load(write(tmp_path, FRAME))
    assert tables["inputs"][0]["source"] == "x_v1" and "Hidden Town" not in json.dumps(tables, default=str)
    one, two = tables["posts"]
    assert (one["post"], one["account"], one["kind"], one["row"]) == (FIRST, "x:11", "original", 2)
    assert (one["urls"], one["tags"], one["resolution_s"]) == (["https://a.org/1"], ["Now"], 0.001)
    assert (two["kind"], two["parent"], two["text"]) == ("reshare", FIRST, "the whole")
    assert [(account["handle"], account["followers"]) for account in tables["accounts"]] == [
        ("a", 3),
        ("b", None),
    ]


def test_an_object_written_as_text_is_nobody(tmp_path: Path) -> None:
    """It would be an account of its own for every state of the profile, with all that is private in it."""
    path = write(tmp_path, FRAME.replace("full_text", "words").replace("id,user", "tweet_id,user"))
    with pytest.raises(MissingColumns, match="account"):
        load(path)


NAMES = {
    "F02_x_api_v2/twarc_csv_default.csv": "twarc_csv",
    "F02_x_api_v2/twarc_csv_no_merge.csv": "twarc_csv",
    "other/synthetic_snscrape_twitter.jsonl": "snscrape",
}


@pytest.mark.parametrize("name", list(NAMES))
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/{name}")
    assert tables["inputs"][0]["source"] == NAMES[name]
    assert {(post["platform"], post["resolution_s"]) for post in tables["posts"]} == {("x", 0.001)}
    assert not any(post["kind"] == "reshare" and post["parent"] is None for post in tables["posts"])
