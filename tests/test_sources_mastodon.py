"""Mastodon and its kin: made-up statuses and archives, and public samples."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from reading import check_counts, load, write

from concerted.errors import DamagedIds

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HTML = (
    '<p>one &amp; <a href="https://a.org/1" rel="x"><span class="invisible">https://</span>a.org/1</a><br>two</p>'
    '<p><a href="https://m.org/@b" class="u-url mention">@<span>b</span></a> '
    '<a href="https://m.org/tags/now" class="mention hashtag">#Now</a></p>'
)


def person(name: str, host: str = "m.org", **more: Any) -> dict[str, Any]:
    return {
        "id": f"9{ord(name)}", "acct": name, "url": f"https://{host}/@{name}", "display_name": name.upper(),
        "note": "<p>Bio</p>", "created_at": "2022-01-01T00:00:00.000Z", "followers_count": 3,
        "following_count": 4, "statuses_count": 5, "bot": False, "fields": [], **more,
    }  # fmt: skip


def status(number: int, name: str, host: str = "m.org", **more: Any) -> dict[str, Any]:
    return {
        "id": f"11000000000000{number:04}", "created_at": "2024-05-01T12:00:00.250Z", "visibility": "public",
        "uri": f"https://{host}/users/{name}/statuses/{number}", "url": f"https://{host}/@{name}/{number}",
        "content": "<p>x</p>", "reblog": None, "in_reply_to_id": None, "in_reply_to_account_id": None,
        "account": person(name, host), "tags": [], "mentions": [], "media_attachments": [], "card": None,
        "language": "en", **more,
    }  # fmt: skip


FIRST = status(
    1,
    "a",
    content=HTML,
    tags=[{"name": "now"}],
    mentions=[{"url": "https://m.org/@b", "acct": "b"}],
    application={"name": "Tool"},
    card={"url": "https://a.org/1"},
    account=person("a", bot=True, email="who@example.org"),
)
STATUSES = [
    FIRST,
    status(2, "b", content="", reblog=FIRST, created_at="2024-05-01T12:00:01.000Z"),
    status(3, "c", in_reply_to_id=FIRST["id"], in_reply_to_account_id=FIRST["account"]["id"]),
    status(4, "c", visibility="private", content="<p>hush</p>"),
    status(5, "c", visibility="direct", content="<p>hush</p>"),
]


@pytest.mark.parametrize("form", ["lines", "array", "context", "single"])
def test_statuses(tmp_path: Path, form: str) -> None:
    text = {
        "lines": "".join(json.dumps(one) + "\n" for one in STATUSES),
        "array": json.dumps(STATUSES, indent=1),
        "context": json.dumps({"ancestors": STATUSES[:2], "descendants": STATUSES[2:]}, indent=1),
        "single": json.dumps(FIRST, indent=1),
    }[form]
    tables = load(write(tmp_path, text, "any.json"))
    first = tables["posts"][0]
    assert tables["inputs"][0]["source"] == "mastodon"
    assert (first["post"], first["account"]) == (FIRST["uri"], "mastodon:https://m.org/@a")
    assert first["text"] == "one & https://a.org/1\ntwo\n@b #Now"
    assert (first["urls"], first["tags"], first["mentions"]) == (
        ["https://a.org/1"], ["now"], ["https://m.org/@b"]
    )  # fmt: skip
    assert (first["client"], first["lang"]) == ("Tool", "en")
    assert tables["accounts"][0]["platform_label"] == "automated" and tables["accounts"][0]["bio"] == "Bio"
    assert "who@example.org" not in str(tables)
    if form == "single":
        return
    _, boost, reply = tables["posts"]
    assert (boost["kind"], boost["parent"], boost["text"]) == ("reshare", FIRST["uri"], first["text"])
    assert boost["parent_time"] == NOON.replace(microsecond=250_000)
    assert (reply["kind"], reply["parent"], reply["parent_account"]) == (
        "reply", FIRST["uri"], "mastodon:https://m.org/@a"
    )  # fmt: skip
    assert [lost["reason"] for lost in tables["ledger"]] == ["not public, not read"] * 2
    assert "hush" not in str(tables)


def test_networks_of_one_server_keep_their_own_ids(tmp_path: Path) -> None:
    text = json.dumps([status(1, "a", "truthsocial.com"), status(2, "a", "gab.com")])
    truth, gab = load(write(tmp_path, text, "any.json"))["posts"]
    assert (truth["platform"], truth["post"]) == ("truthsocial", "110000000000000001")
    assert (gab["platform"], gab["account"]) == ("gab", "gab:997")


def test_rounded_ids_are_refused_although_addresses_are_whole(tmp_path: Path) -> None:
    text = "".join(json.dumps(status(n, "a") | {"id": "1.10E+17"}) + "\n" for n in range(3))
    with pytest.raises(DamagedIds, match="row 1"):
        load(write(tmp_path, text, "any.json"))


def test_the_archive(tmp_path: Path) -> None:
    public, me = "https://www.w3.org/ns/activitystreams#Public", "https://m.org/ap/users/1"

    def act(number: int, kind: str, told: Any, to: str = public) -> dict[str, Any]:
        return {"id": f"{me}/{number}", "type": kind, "actor": me, "published": "2024-05-01T12:00:00Z",
                "to": [to], "cc": [], "object": told}  # fmt: skip

    note = {
        "id": f"{me}/statuses/2", "type": "Note", "url": "https://m.org/@a/2", "content": HTML,
        "inReplyTo": f"{me}/statuses/1", "tag": [{"type": "Hashtag", "name": "#now"}],
        "contentMap": {"nl": HTML}, "attachment": [],
    }  # fmt: skip
    acts = [
        act(1, "Announce", "https://n.org/users/z/statuses/9"),
        act(2, "Create", note),
        act(3, "Create", {**note, "content": "hush"}, f"{me}/followers"),
        act(4, "Update", note),
    ]
    outbox = {"type": "OrderedCollection", "totalItems": 4, "orderedItems": acts}
    tables = load(write(tmp_path, json.dumps(outbox), "any.json"))
    boost, reply = tables["posts"]
    assert (boost["kind"], boost["parent"]) == ("reshare", "https://n.org/users/z/statuses/9")
    assert boost["account"] == reply["account"] == "mastodon:https://m.org/@a"
    assert (reply["kind"], reply["parent"], reply["tags"], reply["lang"]) == (
        "reply", f"{me}/statuses/1", ["now"], "nl"
    )  # fmt: skip
    assert len(tables["ledger"]) == 2 and "hush" not in str(tables)


@pytest.mark.parametrize(
    "name",
    [
        "account_statuses.ndjson",
        "account_statuses_default.json",
        "context_with_token.json",
        "outbox.json",
        "synthetic_statuses.ndjson",
        "synthetic_statuses_damaged_e17.ndjson",
        "synthetic_statuses_damaged_nul.ndjson",
        "synthetic_statuses_damaged_truncated.ndjson",
        "synthetic_statuses_damaged_utf16.ndjson",
        "timeline_hashtag_default.json",
        "timeline_public_default.json",
    ],
)
def test_samples(name: str) -> None:
    tables = check_counts(f"export_samples/F14_mastodon/{name}")
    assert not tables or tables["inputs"][0]["source"] == "mastodon"
