"""CrowdTangle and the Meta Content Library: made-up tables and pages, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

from concerted.errors import BadTime, DamagedIds
from concerted.sources.opening import open_file
from concerted.stages.read import find_source

CT = (
    "Page Name,User Name,Facebook Id,Page Admin Top Country,Page Description,Page Created,Likes at Posting,"
    "Followers at Posting,Post Created,Type,Shares,URL,Message,Link,Final Link,Image Text,Sponsor Id,Email\n"
)
FB = "https://www.facebook.com"


def page(number: str, name: str, when: str, post: str, *cells: str) -> str:
    message, link, final, image = cells
    return (
        f'P,{name},{number},QX,about,2019-05-01 00:00:00,"1,200","1,300",{when},Link,"2,345",'
        f"{FB}/{number}/posts/{post},{message},{link},{final},{image},,who@example.org\n"
    )


def test_crowdtangle_pages(tmp_path: Path) -> None:
    rows = (
        page(
            "1001",
            "a",
            "2023-03-14 04:26:53 EST",
            "71",
            "hello",
            "https://b.li/x",
            "https://a.org/1",
            "on a sign",
        )
        + page("1002", "b", "2023-03-14 05:26:54 EDT", "72", "", f"{FB}/1001/posts/71", "", "")
        + page("1003", "c", "2023-03-14 10:26:55 CET", "73", "mine", f"{FB}/groups/55/permalink/99/", "", "")
        + page("1004", "d", "2023-03-14 10:26:56 CET", "74", "own", f"{FB}/d/videos/98/", "", "")
    )
    path = write(tmp_path, "\ufeff" + CT + rows, "no.hint")
    assert find_source(open_file(path))[0].name == "crowdtangle"
    tables = load(path)
    one, two, three, four = tables["posts"]
    assert [post["time"] for post in tables["posts"]] == [
        datetime(2023, 3, 14, 9, 26, 53 + place, tzinfo=UTC) for place in range(4)
    ], "EST, EDT and CET stand side by side in one file"
    assert (one["post"], one["account"], one["platform"]) == ("71", "facebook:1001", "facebook")
    assert (one["text"], one["urls"], one["reshares_total"]) == (
        "hello\non a sign",
        ["https://a.org/1"],
        2345,
    )
    assert (two["kind"], two["parent"], two["parent_account"]) == ("reshare", "71", "facebook:1001")
    assert (three["kind"], three["parent"], three["parent_account"]) == ("quote", "99", "facebook:55")
    assert (four["kind"], four["parent"]) == ("original", None), "a page links to its own posts, too"
    account = tables["accounts"][0]
    assert (account["handle"], account["bio"], account["followers"]) == ("a", "about", 1300)
    assert account["opened"] == datetime(2019, 5, 1, tzinfo=UTC)
    everything = json.dumps(tables, default=str)
    assert "who@example.org" not in everything and "QX" not in everything


def test_crowdtangle_groups_and_lost_columns(tmp_path: Path) -> None:
    head = "Group Name,Post Created,Message,URL\n"
    rows = (
        f"G,2023-03-14 04:26:53 EST,one,{FB}/groups/55/permalink/81/\n"
        f"H,2023-03-14 04:26:54 EST,two,{FB}/some.page/posts/a-title/82/?x=1\n"
        f"I,2023-03-14 04:26:55 EST,three,{FB}/permalink.php?story_fbid=83&id=66\n"
        "J,2023-03-14 04:26:56 EST,four,\n"
    )
    tables = load(write(tmp_path, head + rows))
    got = [(post["account"], post["post"]) for post in tables["posts"]]
    assert got == [("facebook:55", "81"), ("facebook:some.page", "82"), ("facebook:66", "83")]
    assert [(lost["row"], lost["reason"]) for lost in tables["ledger"]] == [(5, "no account")]


def test_crowdtangle_instagram(tmp_path: Path) -> None:
    head = "Account,User Name,Followers at Posting,Post Created,URL,Link,Photo,Title,Description,Image Text\n"
    row = "N,{0},99,2023-03-14 05:26:53 EDT,https://www.instagram.com/p/{1}/,,https://p/0.jpg,,hi #Now,\n"
    tables = load(write(tmp_path, head + row.format("a", "Cp-1") + row.format("b", "Cp_2")))
    one, two = tables["posts"]
    assert (one["account"], one["post"], one["text"]) == ("instagram:a", "Cp-1", "hi #Now")
    assert one["media"] == two["media"] and one["media"][0]["id"] == "https://p/0.jpg"
    assert two["account"] == "instagram:b" and two["tags"] is None, "traces look for hashtags in the text"


def test_crowdtangle_without_zone_or_with_rounded_ids(tmp_path: Path) -> None:
    good = page("1001", "a", "2023-03-14 04:26:53 EST", "71", "hello", "", "", "")
    with pytest.raises(DamagedIds, match="Facebook Id"):
        load(write(tmp_path, CT + good.replace(",1001,", ",1.00064E+13,")))
    with pytest.raises(BadTime, match="time zone"):
        load(write(tmp_path, CT + good.replace(" EST", "")))


MCL_HEAD = (
    "id,creation_time,text,lang,hashtags,mcl_url,post_owner.id,post_owner.name,post_owner.username,"
    "link_attachment.link,shared_post_id,multimedia,statistics.share_count,post_owner.email\n"
)
RECORDS: list[dict[str, Any]] = [
    {
        "id": "6120000000000001", "creation_time": "2023-03-14T11:26:53+02:00", "text": "hello #Now",
        "lang": "en", "hashtags": ["Now"], "mcl_url": "https://www.facebook.com/transparency/posts/1",
        "post_owner": {"id": "7001", "name": "P", "username": "p", "email": "who@example.org"},
        "link_attachment": {"link": "https://a.org/1"}, "shared_post_id": None,
        "multimedia": [{"id": "88", "type": "photo"}], "statistics": {"share_count": 4},
    },
    {
        "id": "6120000000000002", "creation_time": "2023-03-14T09:26:54+00:00", "text": "", "hashtags": [],
        "mcl_url": "https://www.instagram.com/transparency/posts/2", "post_owner": {"id": "7002"},
        "shared_post_id": "6120000000000001",
    },
    {
        "id": "6120000000000003", "creation_time": "2023-03-14T09:26:55+00:00", "text": "see this",
        "post_owner": {"id": "7003"}, "shared_post_id": "6120000000000001",
    },
    {
        "id": "6120000000000004", "creation_time": "2023-03-14T09:26:56+00:00", "text": "x",
        "post_owner": {"id": ""},
    },
]  # fmt: skip
MCL_ROWS = (
    "6120000000000001,2023-03-14T11:26:53+02:00,hello #Now,en,['Now'],https://www.facebook.com/transparency/posts/1,"
    "7001,P,p,https://a.org/1,,\"[{'id': '88', 'type': 'photo'}]\",4,who@example.org\n"
    "6120000000000002,2023-03-14T09:26:54+00:00,,,[],https://www.instagram.com/transparency/posts/2,7002,,,,"
    "6120000000000001,,,\n"
    "6120000000000003,2023-03-14T09:26:55+00:00,see this,,,,7003,,,,6120000000000001,,,\n"
    "6120000000000004,2023-03-14T09:26:56+00:00,x,,,,,,,,,,,\n"
)


@pytest.mark.parametrize("shape", ["csv", "page", "lines", "pretty"])
def test_content_library(tmp_path: Path, shape: str) -> None:
    paged = {"data": RECORDS, "paging": {"cursors": {"after": "x"}}}
    content = {"csv": MCL_HEAD + MCL_ROWS, "page": json.dumps(paged), "pretty": json.dumps(paged, indent=2)}
    text = content.get(shape) or "".join(json.dumps(record) + "\n" for record in RECORDS)
    path = write(tmp_path, text, "no.hint")
    assert find_source(open_file(path))[0].name == "meta_library"
    tables = load(path)
    one, two, three = tables["posts"]
    assert (one["account"], one["time"]) == ("facebook:7001", datetime(2023, 3, 14, 9, 26, 53, tzinfo=UTC))
    assert (one["urls"], one["tags"], one["reshares_total"]) == (["https://a.org/1"], ["Now"], 4)
    assert one["media"] == [{"id": "88", "kind": "photo", "hash": None, "hash_kind": None}]
    assert (two["kind"], two["parent"], two["account"]) == ("reshare", RECORDS[0]["id"], "instagram:7002")
    assert (three["kind"], three["parent"]) == ("quote", RECORDS[0]["id"]), "it has words of its own"
    assert [lost["reason"] for lost in tables["ledger"]] == ["no account"]
    assert tables["accounts"][0]["handle"] == "p"
    assert "who@example.org" not in json.dumps(tables, default=str)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_renamed_fields_can_be_named(tmp_path: Path, kind: str) -> None:
    record = {**RECORDS[0], "body": "renamed", "origin": {"id": "6110000000000009"}}
    rows = "1,2023-03-14T09:26:53+00:00,renamed,7001,6110000000000009\n"
    head = "id,creation_time,body,post_owner.id,origin.id\n"
    path = write(tmp_path, json.dumps({"data": [record]}) if kind == "json" else head + rows)
    (post,) = load(path, map={"text": "body", "reshare": "origin.id"})["posts"]
    assert (post["text"], post["kind"], post["parent"]) == ("renamed", "reshare", "6110000000000009")


NAMES = {
    **{f"F05_crowdtangle/synthetic_ct_facebook_pages{end}.csv": "crowdtangle" for end in
       ("", "_damaged_cp1252", "_damaged_e17", "_damaged_nul", "_damaged_truncated")},
    **{f"F05_crowdtangle/{name}.csv": "crowdtangle" for name in
       ("ct_facebook_five_columns", "synthetic_ct_facebook_groups", "synthetic_ct_instagram")},
    **{f"F06_meta_content_library/synthetic_mcl_posts{end}.csv": "meta_library" for end in
       ("", "_damaged_cp1252", "_damaged_e17", "_damaged_nul", "_damaged_truncated")},
    "F06_meta_content_library/synthetic_mcl_page.json": "meta_library",
}  # fmt: skip


@pytest.mark.parametrize("name", list(NAMES))
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/{name}")
    if tables:
        assert tables["inputs"][0]["source"] == NAMES[name]
        assert {post["platform"] for post in tables["posts"]} <= {"facebook", "instagram"}
        assert all(post["post"] and "#" not in post["post"] for post in tables["posts"]), "ids, not places"
