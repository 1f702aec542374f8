"""What `concerted inspect` shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reading import write

from concerted.cli import main
from concerted.look import inspect
from concerted.sources.described import document


def test_a_sound_file(tmp_path: Path) -> None:
    head = "post_id,account_id,created_at,text,hashtags,retweet_of_post_id,email\n"
    rows = [
        f"{n},a{n % 3},2024-01-0{n + 1}T00:00:01Z,t #x,x,{'o' if n > 1 else ''},secret\n" for n in range(4)
    ]
    (seen,) = inspect([write(tmp_path, head + "".join(rows) + "9,a,,t,,,\n")])
    assert (seen.records, seen.posts, seen.accounts, seen.left_out) == (5, 4, 3, 1)
    assert seen.reasons == {"no time": 1} and seen.refused is None and seen.resolution_s == 1.0
    assert "reshare: 50 % of posts" in seen.capability
    assert "hashtag: 50 % of posts (50 % are reshares)" in seen.capability
    assert any(line.startswith("media: no") for line in seen.capability)
    text = seen.to_text()
    for words in (
        "read as table",
        "2024-01-01 00:00:01 UTC",
        "left out 1: no time",
        "account=account_id",
        "email",
    ):
        assert words in text
    assert "secret" not in text
    plain = json.loads(json.dumps({"files": [seen.to_dict()]}))["files"][0]
    assert (plain["file"], plain["source"], plain["posts"], plain["left_out"]) == ("f.csv", "table", 4, 1)
    assert plain["first"] == "2024-01-01T00:00:01.000000Z"


def test_a_refused_file_is_shown_with_its_reason(tmp_path: Path) -> None:
    good = write(tmp_path, "account_id,created_at\na,2024-01-01T00:00:01Z\nb,2024-01-01T00:00:01Z\n", "a.csv")
    bad = write(tmp_path, "account_id,created_at\na,2024-01-01 00:00:01\nb,2024-01-01 00:00:01\n", "b.csv")
    empty = write(tmp_path, "", "c.csv")
    one, two, three = inspect([good, bad, empty])
    assert one.refused is None and two.source == "table"
    assert "--timezone" in (two.refused or "") and "REFUSED" in two.to_text()
    assert "empty" in (three.refused or "")
    json.dumps([seen.to_dict() for seen in (one, two, three)])


def test_what_is_not_read_is_told_and_names_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in "ab":
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, f"account_id,created_at\n{folder},2024-01-01T00:00:01Z\n")
    write(tmp_path, "Read me, please\n", "README")
    said: list[str] = []
    assert [seen.file for seen in inspect([tmp_path], say=said.append)] == ["f.csv", "b/f.csv"]
    assert said == ["not read: README: no export"]
    assert main(["inspect", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("\n\nnot read: README: no export\n")
    assert main(["inspect", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_read"] == said
    assert main(["inspect", str(tmp_path / "README"), "--quiet"]) == 3


def test_what_to_ask_for(tmp_path: Path) -> None:
    head = "post_id,account_id,created_at,text,is_retweet,retweet_of_post_id\n"
    rows = "".join(f"{n},a,2024-01-01T00:{n:02d}:00Z,t,true,1.19847E+18\n" for n in range(9))
    (seen,) = inspect([write(tmp_path, head + rows)])
    wishes = " / ".join(seen.ask)
    assert "ids as text" in wishes and "times with seconds" in wishes and "posts that are reshared" in wishes


def test_why_the_other_posts_cannot_be_used(tmp_path: Path) -> None:
    head = "post_id,account_id,created_at,text,in_reply_to_id,is_reply,is_retweet,retweet_of_post_id\n"
    rows = [
        "1,a,2024-01-01T00:00:01Z,one https://example.org/1,,,,\n",
        "2,b,2024-01-01T00:00:02Z,two,1,true,,\n",
        "3,c,2024-01-01T00:00:03Z,three,,true,,\n",
        "4,d,2024-01-01T00:00:04Z,one,,,true,1\n",
    ]
    (seen,) = inspect([write(tmp_path, head + "".join(rows))])
    assert {
        "link: 25 % of posts (25 % are reshares, 50 % have no link)",
        "text: 75 % of posts (25 % are reshares)",
        "reply: 25 % of posts (25 % are replies without the id of the post)",
        "synchrony: all of posts",
    } <= set(seen.capability)
    assert seen.ask == ("the ids of the posts that are answered",)


def test_columns_that_others_are_made_of_are_not_called_unused(tmp_path: Path) -> None:
    head = "id,thread_id,body,timestamp,unix_timestamp,author_id,author,author_followers,is_retweet,"
    row = "1,1,RT @b: hello there,2024-01-01 00:00:01,1704067201,7,a,3,yes,b,no,,no,\n"
    (seen,) = inspect(
        [write(tmp_path, f"{head}retweeted_user,is_quote_tweet,quoted_user,is_reply,replied_user\n{row}")]
    )
    assert seen.source == "fourcat" and seen.unused == ("unix_timestamp",)
    assert "the NDJSON of the same data set" in seen.ask


def test_a_text_without_tags_is_not_called_no_text(tmp_path: Path) -> None:
    head = "post_id,account_id,created_at,text\n"
    rows = [f"{place},a{place % 3},2024-01-01T00:00:0{place}Z,plain words {place}\n" for place in range(9)]
    (seen,) = inspect([write(tmp_path, head + "".join(rows))])
    assert "hashtag: no (no column of hashtags, and none in texts)" in seen.capability
    (bare,) = inspect([write(tmp_path, "post_id,account_id,created_at,urls\n1,a,2024-01-01T00:00:01Z,\n")])
    assert "mention: no (no column of mentions, and no text)" in bare.capability


def test_a_zone_of_many_meanings_is_named_without_being_asked(tmp_path: Path) -> None:
    rows = [f"{place},a{place % 3},2024-01-01 00:00:0{place} IST,words {place}\n" for place in range(9)]
    (seen,) = inspect([write(tmp_path, "post_id,account_id,created_at,text\n" + "".join(rows))])
    assert seen.refused is not None
    assert (
        "row 2, column 'created_at': '2024-01-01 00:00:00 IST' names a zone without a fixed" in seen.refused
    )


def test_the_page_on_sources_is_current() -> None:
    page = Path(__file__).parents[1] / "docs" / "sources.md"
    assert page.read_text(encoding="utf-8") == document(), (
        "write concerted.sources.described.document() to it"
    )


def test_what_is_left_out_is_shown_with_its_line(tmp_path: Path) -> None:
    head = "post_id,account_id,created_at,text,lang\n"
    rows = [
        "1,a,2024-01-01T00:00:01Z,привет мир https://example.org/latin,ru\n",
        "2,b,,lost one,en\n",
        "3,c,2024-01-01T00:00:01Z,hello there,en\n",
        "4,d,2024-01-01T00:00:01Z,ещё слова,ru\n",
    ]
    (seen,) = inspect([write(tmp_path, head + "".join(rows))])
    assert seen.languages == {"ru": 0.667, "en": 0.333}
    assert list(seen.scripts) == ["Cyrillic", "Latin"] and 0.5 < seen.scripts["Cyrillic"] < 0.9
    assert seen.examples == ((3, "no time", "b ·  · lost one"),)
    assert "f.csv:3: no time: b ·  · lost one" in seen.to_text(left_out=True)
    assert "lost one" not in seen.to_text() and "Cyrillic" in seen.to_text()
    assert seen.to_dict()["examples"] == [] and seen.to_dict(left_out=True)["examples"][0]["row"] == 3
