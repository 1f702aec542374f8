"""Every source against made-up files of its format, and against true counts of real ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import data_dir
from reading import load, write

from concerted.errors import InputError, MissingColumns, SettingError
from concerted.sources.opening import open_file
from concerted.stages.read import find_source

IO_HEAD = (
    "tweetid,userid,user_display_name,user_screen_name,user_reported_location,user_profile_description,"
    "user_profile_url,follower_count,following_count,account_creation_date,account_language,tweet_language,"
    "tweet_text,tweet_time,tweet_client_name,in_reply_to_userid,in_reply_to_tweetid,quoted_tweet_tweetid,"
    "is_retweet,retweet_userid,retweet_tweetid,latitude,longitude,quote_count,reply_count,like_count,"
    "retweet_count,hashtags,urls,user_mentions\n"
)
POST_ID, PARENT_ID = "898925911294132224", "898925000000000000"


def test_x_io_archive(tmp_path: Path) -> None:
    row = (
        f"{POST_ID},98336677.0,hash=,hash=,Harare,bio,,12.0,3,7/3/2018,en,en,text,2017-08-19 15:13,"
        f'Twitter Web Client,,,,true,44196397,{PARENT_ID},absent,absent,0,0,0,5,"[a, b]",'
        "\"['u']\",\"['7']\"\n"
    )
    tables = load(write(tmp_path, IO_HEAD + row))
    assert tables["inputs"][0]["source"] == "x_io_archive"
    (post,) = tables["posts"]
    assert post["time"] == datetime(2017, 8, 19, 15, 13, 33, 145_000, UTC)
    assert post["resolution_s"] == 0.001
    assert (post["account"], post["kind"], post["parent"]) == ("x:98336677", "reshare", PARENT_ID)
    assert post["parent_account"] == "x:44196397" and post["parent_time"].year == 2017
    assert (post["tags"], post["urls"], post["mentions"]) == (["a", "b"], ["u"], ["7"])
    assert (post["reshares_total"], post["client"], post["lang"]) == (5, "Twitter Web Client", "en")
    (account,) = tables["accounts"]
    assert account["opened"] == datetime(2018, 7, 3, tzinfo=UTC)
    assert (account["followers"], account["bio"], account["handle"]) == (12, "bio", "hash=")


def test_x_io_archive_ids_cut_by_a_spreadsheet_use_the_stated_time(tmp_path: Path) -> None:
    head = "tweetid,userid,tweet_time,tweet_text,in_reply_to_tweetid\n"
    rows = "269795552563192,a,2012-11-17 13:34,x,\n" + f"{POST_ID},a,2017-08-19 15:13,x,119848007118592\n"
    tables = load(write(tmp_path, head + rows))
    posts = tables["posts"]
    assert "reply ids were cut to 15 digits" in " ".join(tables["inputs"][0]["capability"])
    assert [post["resolution_s"] for post in posts] == [60.0, 0.001]
    assert posts[0]["time"] == datetime(2012, 11, 17, 13, 34, tzinfo=UTC)
    assert posts[1]["parent"] is None, "a parent id cut to 15 digits must not become an object"


def test_x_io_archive_users(tmp_path: Path) -> None:
    head = "userid,user_display_name,user_screen_name,user_profile_description,follower_count,"
    head += "account_creation_date\n"
    tables = load(write(tmp_path, head + "h1=,h1=,h1=,hello,3,2019-11-05\nh2=,Name,name,,4,2019-11-06\n"))
    assert tables["posts"] == [] and tables["inputs"][0]["accounts"] == 2
    assert [account["handle"] for account in tables["accounts"]] == [None, "name"]
    assert tables["accounts"][0]["account"] == "x:h1="


def test_ira_538(tmp_path: Path) -> None:
    head = (
        "external_author_id,author,content,region,language,publish_date,harvested_date,following,followers,updates,"
        "post_type,account_type,retweet,account_category,new_june_2018,alt_external_id,tweet_id,article_url,"
        "tco1_step1,tco2_step1,tco3_step1\n"
    )
    link = "http://twitter.com/905874659358453760/statuses/914580356430536707"
    row = f"9.06E+17,10_GOP,text,Unknown,English,10/1/17 19:58,10/1/17 19:59,1,2,3,RETWEET,Right,1,R,0,9.05E+17,9.1E+17,{link},https://a.org,,\n"
    tables = load(write(tmp_path, head + row))
    (post,) = tables["posts"]
    assert (post["post"], post["account"]) == ("914580356430536707", "x:905874659358453760")
    assert post["time"] == datetime(2017, 10, 1, 19, 58, 43, 711_000, UTC)
    assert (post["kind"], post["parent"], post["urls"]) == ("reshare", None, ["https://a.org"])
    assert tables["accounts"][0]["handle"] == "10_GOP"


def test_qut_goes_by_position(tmp_path: Path) -> None:
    head = "\ufeffid,user_id,name,repost_id,reply_id,message,timestamp,urls\n"
    rows = "0,u0,alice,r0,,hello,0,\n1,u1,bob,,0,hi,59.5,https://a.org https://b.org\n"
    tables = load(write(tmp_path, head + rows))
    assert tables["inputs"][0]["source"] == "qut"
    one, two = tables["posts"]
    assert (one["post"], one["kind"], one["parent"]) == ("0", "reshare", "r0")
    assert (two["kind"], two["parent"], two["urls"]) == ("reply", "0", ["https://a.org", "https://b.org"])
    assert (two["time"] - one["time"]).total_seconds() == 59.5


@pytest.mark.parametrize("account", ["account_id", "id_user", "id_account"])
def test_coortweet(tmp_path: Path, account: str) -> None:
    head = f"object_id,{account},content_id,timestamp_share\n"
    tables = load(write(tmp_path, head + "o1,a,c1,1678786013\no2,a,c1,1678786013\no1,b,c2,1678786014\n"))
    assert tables["inputs"][0]["source"] == "coortweet"
    # c1 shares two opaque objects: half of the posts do, so objects are links and rows are joined
    assert [sorted(post["urls"]) for post in tables["posts"]] == [["o1", "o2"], ["o1"]]
    many = (
        "".join(f"o{n},a{n},c{n},2021-06-16 22:04:{n:02d}\n" for n in range(20))
        + "p,a0,c0,2021-06-16 22:04:00\n"
    )
    posts = load(write(tmp_path, head + many, "g.csv"))["posts"]
    assert len(posts) == 21 and {post["kind"] for post in posts} == {"reshare"}
    assert posts[20]["post"] == "g.csv#22" and posts[20]["parent"] == "p"
    assert posts[1]["time"] == datetime(2021, 6, 16, 22, 4, 1, tzinfo=UTC)
    links = load(write(tmp_path, head + "https://a.org,a,c1,1678786013\n", "h.csv"))["posts"]
    assert links[0]["urls"] == ["https://a.org"]


def test_opaque_objects_are_joined_to_posts(tmp_path: Path) -> None:
    head = "account_id,post_id,url_id,hashtag_id,domain_id,phash_id,timestamp\n"
    rows = "fb_1,9,31,NA,5,NA,1629589836\nfb_1,9,32,7,5,NA,1629589836\ntw_2,8,NA,NA,NA,55,1629589837\n"
    tables = load(write(tmp_path, head + rows))
    one, two = tables["posts"]
    assert sorted(one["urls"]) == ["31", "32", "domain:5"] and one["tags"] == ["7"]
    assert two["media"] == [{"id": None, "kind": "image", "hash": "55", "hash_kind": "phash"}]
    assert two["urls"] == []
    assert [(lost["row"], lost["reason"].split(":")[0]) for lost in tables["ledger"]] == [
        (3, "further row of a post that an earlier row began")
    ]


def test_interactions_without_posts(tmp_path: Path) -> None:
    head = "account_id,target_account_id,created_at,kind\n"
    rows = "1,2,2012-07-01T00:00:01Z,RT\n1,3,2012-07-01T00:00:02Z,MT\n4,5,2012-07-01T00:00:03Z,RE\n"
    posts = load(write(tmp_path, head + rows))["posts"]
    assert [post["kind"] for post in posts] == ["reshare", "original", "reply"]
    assert [post["parent_account"] for post in posts] == ["x:2", None, "x:5"]
    assert [post["mentions"] for post in posts] == [[], ["3"], []]
    assert [post["post"] for post in posts] == ["f.csv#2", "f.csv#3", "f.csv#4"]


def test_crowds_layout(tmp_path: Path) -> None:
    rows = "post_id,account_id,created_at,reshare_of\np0,a1,2024-03-01T00:00:05Z,o9\n"
    (post,) = load(write(tmp_path, rows + "p1,a2,2024-03-01T00:00:06Z,o9\n"))["posts"][:1]
    assert (post["kind"], post["parent"], post["resolution_s"]) == ("reshare", "o9", 1.0)


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "Nr;Konto;Zeit;Wort;Von\n0;a;14.03.2023 09:26;x;77\n1;b;14.03.2023 09:27;y;\n")
    chosen = {"post": "Nr", "account": "Konto", "time": "Zeit", "text": "Wort", "parent": "Von"}
    one, two = load(path, map=chosen, timezone="Europe/Berlin", platform="forum")["posts"]
    assert (one["account"], one["kind"], one["parent"], one["text"]) == ("forum:a", "reshare", "77", "x")
    assert one["time"] == datetime(2023, 3, 14, 8, 26, tzinfo=UTC) and one["resolution_s"] == 60
    assert two["kind"] == "original"
    with pytest.raises(MissingColumns, match="did you mean 'Konto'"):
        load(path, map={"account": "Kontoo"})
    with pytest.raises(SettingError, match="did you mean 'account'"):
        load(path, map={"acount": "Konto"})


PRIVATE = {
    "latitude": "52.123456", "longitude": "13.654321", "email": "who@example.org", "phone_number": "555-0123",
    "ip_address": "203.0.113.7", "device_id": "DEV-99", "user_agent": "Mozilla/9",
    "contact_name": "Contact N",
    "user_reported_location": "Somewhere 9", "place.full_name": "Place N", "geo": "GEO-7", "lat": "52.999",
    "lng": "13.999", "user_location": "Where 5", "utc_offset": "-36001", "coordinates": "1.23;4.56",
    "venue_address": "Street 4", "author.location": "Town 77", "ip": "203.0.113.9",
    "user_email": "me@example.org",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "json", "nested", "users", "damaged"])
def test_what_locates_or_identifies_a_person_is_never_loaded(tmp_path: Path, kind: str) -> None:
    base = {"post_id": "1", "account_id": "a", "created_at": "2024-01-01T00:00:01Z", "text": "hello"}
    if kind == "users":
        base = {
            "account_id": "a",
            "screen_name": "b",
            "followers_count": "3",
            "created_at": "2020-01-01T00:00:01Z",
        }
    record = {**base, **PRIVATE}
    if kind == "json":
        path = write(tmp_path, json.dumps(record) + "\n" + json.dumps(record)[:-9] + "\n", "f.jsonl")
    elif kind == "nested":
        path = write(tmp_path, json.dumps({**base, "user": PRIVATE, "contact": PRIVATE}) + "\n", "f.jsonl")
    else:
        line = ",".join(record.values()) + "\n"
        again = line[: len(line) // 2] + "\n" + line.rstrip() + ",more\n" if kind == "damaged" else ""
        path = write(tmp_path, ",".join(record) + "\n" + line + again)
    everything = json.dumps(load(path), default=str)
    assert "hello" in everything or kind == "users"
    for name, value in PRIVATE.items():
        assert value not in everything, name
    with pytest.raises(MissingColumns, match="never read"):
        load(
            write(tmp_path, "account_id,created_at,email\na,2024-01-01T00:00:01Z,x\n", "g.csv"),
            map={"text": "email"},
        )


def _expected() -> dict[str, Any]:
    return json.loads((data_dir("export_samples") / "expected.json").read_text())  # type: ignore[no-any-return]


TOLD: dict[str, dict[str, Any]] = {
    "mangotree_hashtag_test_input.csv": {"timezone": "UTC"},
    "synthetic_coorsim_posts.csv": {"timezone": "UTC"},
    "synthetic_generic_semicolon_latin1_local_times.csv": {
        "timezone": "Europe/Berlin",
        "map": {"account": "Konto", "time": "Zeit", "text": "Text"},
    },
}
NAMES = [
    "coortweet_german_elections/raw/german_elections_sample.csv",
    "coortweet_russian/raw/russian_coord_tweets_sample.csv",
    "coortweet_russian/raw/russian_coord_tweets_legacy_names_sample.csv",
    "thailand_rta_2020/raw/thailand_092020_tweets_csv_hashed_sample.csv",
    "thailand_rta_2020/raw/thailand_092020_tweets_csv_hashed_sample.zip",
    "thailand_rta_2020/raw/thailand_092020_users_csv_hashed_sample.csv",
    "africa_ira_2019/raw/RNA_0621_tweets_csv_hashed_2017.csv",
    "africa_ira_2019/raw/RNA_0621_tweets_csv_hashed_2019_sample.csv",
    "africa_ira_2019/raw/RNA_0621_users_csv_hashed.csv",
    "africa_ira_2019/raw/RNA_tweets_hashed_2012_resaved.csv",
    "africa_ira_2019/raw/RNA_tweets_hashed_2013-2019_resaved_sample.csv",
    "ira_clemson/raw/IRAhandle_tweets_sample.csv",
    "reddit_ira_2018/raw/comments_sample.csv",
    "telegram_channels/raw/processed_part_255_sample.csv",
    "up_elections_2017/raw/akhileshtweets_tab_sample.txt",
    "up_elections_2017/raw/kaamboltahai_sample.csv",
    "up_elections_2017/raw/tweetssp_cp1252_sample.csv",
    "up_elections_2017/raw/elections_tweets_spreadsheet_sample.csv",
    "us_election_x_2024/raw/aug_chunk_63_sample.csv",
    "us_election_x_2024/raw/september_chunk_35_sample.csv",
    *(f"export_samples/F03_x_io_archive/synthetic_io_tweets{end}.csv"
      for end in ("", "_damaged_cp1252", "_damaged_e17", "_damaged_nul", "_damaged_truncated")),
    *(f"export_samples/F04_ira/synthetic_nbc_tweets{end}.csv"
      for end in ("", "_damaged_cp1252", "_damaged_e17", "_damaged_nul", "_damaged_truncated")),
    "export_samples/F04_ira/synthetic_nbc_users.csv",
    *(f"export_samples/peers/{name}.csv"
      for name in ("mangotree_hashtag_test_input", "mangotree_ngrams_test_input",
                   "qut_coretweet_test_input_bom",
                   "qut_sample_data", "synthetic_coornet_ct_shares", "synthetic_coorsim_posts",
                   "synthetic_coorsim_users", "synthetic_crt_4col", "synthetic_generic_excel_ids",
                   "synthetic_generic_rounded_ids_000", "synthetic_generic_semicolon_latin1_local_times",
                   "synthetic_luceri_io")),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_true_counts(name: str) -> None:
    folder, _, rest = name.partition("/")
    path = data_dir(folder) / rest
    want = _expected()[name]
    if want.get("stop"):
        with pytest.raises(InputError, match="rounded"):
            load(path)
        return
    row = load(path, **TOLD.get(path.name, {}))["inputs"][0]
    assert row["posts"] in want["posts"] and row["left_out"] in want["left_out"]


def test_damaged_rows_can_be_set_aside() -> None:
    path = data_dir("africa_ira_2019") / "raw" / "RNA_tweets_hashed_2013-2019_resaved_sample.csv"
    row = load(path, skip_damaged=True)["inputs"][0]
    assert (row["posts"], row["left_out"]) == (102, 18)


PARQUET = {
    "thailand_rta_2020/posts.parquet": (6_660, 0.001, "x"),
    "conference_tweets/posts.parquet": (11_347, 1.0, "x"),
    "higgs_2012/interactions.parquet": (179_086, 1.0, "x"),
    "voterfraud_retweets_2020/retweets.parquet": (162_989, 86_400.0, "x"),
    "bluesky_search_2025/posts.parquet": (2_958, 0.001, "bluesky"),
    "reddit_ira_2018/posts.parquet": (3_086, 1.0, "reddit"),
    "up_elections_2017/posts.parquet": (49_941, 60.0, "x"),
    "boxing_match_2017/posts.parquet": (12_118, 0.001, "x"),
    "vaccine_tweets_2021/posts.parquet": (6_345, 1.0, "x"),
    "youtube_spam/posts.parquet": (1_138, 0.001, "web"),
    "random_users_2015/posts.parquet": (9_763, 60.0, "x"),
    "us_congress_2016/posts.parquet": (3_725, 0.001, "x"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(PARQUET))
def test_parquet_needs_no_options(name: str) -> None:
    folder, _, rest = name.partition("/")
    records, resolution, platform = PARQUET[name]
    tables = load(data_dir(folder) / rest)
    row = tables["inputs"][0]
    assert (row["records"], row["resolution_s"]) == (records, resolution)
    assert {post["platform"] for post in tables["posts"]} == {platform}


def test_reshares_of_x_know_when_the_original_was_posted() -> None:
    posts = load(data_dir("thailand_rta_2020") / "posts.parquet")["posts"]
    reshares = [post for post in posts if post["kind"] == "reshare"]
    assert len(reshares) > 3_000
    assert sum(post["parent_time"] is not None for post in reshares) > 0.95 * len(reshares)
    assert all(post["parent_time"] <= post["time"] for post in reshares if post["parent_time"])


def test_a_source_can_be_forced(tmp_path: Path) -> None:
    path = write(
        tmp_path, "object_id,account_id,content_id,timestamp_share\no,a,c,1678786013\no,b,d,1678786014\n"
    )
    assert find_source(open_file(path))[0].name == "coortweet"
    assert load(path, source="table")["inputs"][0]["source"] == "table"
