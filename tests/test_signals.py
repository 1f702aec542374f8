"""Signals: one case for, one against each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from concerted import schema
from concerted.engines import open_engine
from concerted.signals import _notes
from concerted.signals._members import Places, marks
from concerted.signals.automation import Automation, automatic, declared
from concerted.signals.desk import Desk
from concerted.signals.event import Event
from concerted.signals.publisher import Publisher, registered
from concerted.table import Table

T0 = datetime(2020, 5, 4, 20, 0, tzinfo=UTC)


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    return Table(name, pa.Table.from_pylist(rows, schema=schema.arrow(name)))


def subjects(accounts: list[str], kind: str = "cluster", subject: str = "c1") -> pa.Table:
    rows = [{"subject_kind": kind, "subject": subject, "account": account} for account in accounts]
    return pa.Table.from_pylist(rows)


def tables(**rows: list[dict[str, Any]]) -> Mapping[str, Table]:
    return {name: table(name, rows.get(name, [])) for name in ("posts", "accounts", "evidence")}


def said(signal: Any, members: pa.Table, given: Mapping[str, Table]) -> list[dict[str, Any]]:
    found = signal.notes(members, given, open_engine())
    return list(schema.check("notes", found).to_pylist())


MEMBERS = [f"x:{place}" for place in range(4)]


def test_wilson_is_the_textbook_interval() -> None:
    low, high = _notes.wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert _notes.wilson(0, 0) == (0.0, 1.0)


def test_automation_speaks_where_members_declare_it() -> None:
    profiles = [
        {"account": "x:0", "platform_label": "Automated by @owner"},
        {"account": "x:1", "bio": "Ich bin ein Bot und teile Meldungen"},
        {"account": "x:2", "bio": "Gardener"},
    ]
    posts = [{"account": "x:3", "post": str(n), "client": "IFTTT" if n < 3 else "Web"} for n in range(4)]
    (note,) = said(Automation(), subjects(MEMBERS), tables(accounts=profiles, posts=posts))
    assert note["leans"] == "against"
    assert note["value"] == 0.75
    assert note["low"] < 0.75 < note["high"]
    assert "3 of 4 accounts" in note["says"] and "IFTTT" in note["says"]
    assert "1 by platform label" in note["says"] and "1 by profile" in note["says"]


def test_automation_is_silent_about_people() -> None:
    profiles = [
        {
            "account": "x:0",
            "bio": "Robotics teacher, loves botany and Bottrop",
            "handle": "abbott",
            "name": "Ada",
        },
        {"account": "x:1", "bio": "feedback welcome. The official Twitter feed of a museum"},
        {"account": "x:2", "bio": "Rによる自動データ収集"},
    ]
    posts = [{"account": "x:3", "post": str(n), "client": "IFTTT" if n < 1 else "Web"} for n in range(4)]
    assert said(Automation(), subjects(MEMBERS), tables(accounts=profiles, posts=posts)) == []


@pytest.mark.parametrize(
    "bio", ["我是自動發文", "soy automático", "это бот", "هذا بوت", "บัญชีบอท", "RSS of the city"]
)
def test_automation_knows_several_languages(bio: str) -> None:
    assert declared({"bio": bio, "name": None, "handle": None, "platform_label": None}) == {"profile"}


@pytest.mark.parametrize(
    ("client", "answer"),
    [
        ("dlvr.it", True),
        ("Cheap Bots, Done Quick!", True),
        ("my_retweetbot", True),
        ("Twitter Web App", False),
        ("Twitter for Android", False),
        ("Abbott Mobile", False),
        ("Tweetbot for iOS", False),
        ("twittbot.net", True),
    ],
)
def test_clients_that_post_by_rule(client: str, answer: bool) -> None:
    assert automatic(client) is answer


def links(domain_of: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "account": MEMBERS[place % 4],
            "post": str(place),
            "kind": "original",
            "urls": [f"https://www.{domain}/story/{place}", "https://t.co/short"],
        }
        for place, domain in enumerate(domain_of)
    ]


def test_publisher_speaks_where_links_go_to_one_domain() -> None:
    posts = links(["news.example.com"] * 38 + ["other.org"] * 2)
    (note,) = said(Publisher(), subjects(MEMBERS), tables(posts=posts))
    assert note["leans"] == "against"
    assert note["value"] == 0.95 and note["low"] >= 0.6
    assert "38 of 40 links" in note["says"] and "example.com" in note["says"]


def test_publisher_is_silent_about_many_sites_and_about_reshares() -> None:
    many = links([f"site{place}.org" for place in range(40)])
    assert said(Publisher(), subjects(MEMBERS), tables(posts=many)) == []
    reshared = [{**row, "kind": "reshare"} for row in links(["news.example.com"] * 40)]
    assert said(Publisher(), subjects(MEMBERS), tables(posts=reshared)) == []
    one = [{**row, "account": "x:0"} for row in links(["a.com"] * 40)] + links(
        ["b.org", "b.org", "c.org", "d.org"]
    )
    assert said(Publisher(), subjects(MEMBERS), tables(posts=one)) == []


def test_publisher_reads_the_organisation_that_profiles_name() -> None:
    profiles = [{"account": one, "bio": "Newsroom of the north · www.kanal-nord.de"} for one in MEMBERS]
    (note,) = said(Publisher(), subjects(MEMBERS), tables(accounts=profiles))
    assert "4 of 4 members" in note["says"] and "kanal-nord.de" in note["says"]
    profiles = [{"account": one, "bio": f"mine is site{one[2:]}.de"} for one in MEMBERS]
    assert said(Publisher(), subjects(MEMBERS), tables(accounts=profiles)) == []


def test_registered_domains() -> None:
    assert registered("https://www.bbc.co.uk/news") == "bbc.co.uk"
    assert registered("https://a.github.io/x") == "a.github.io"
    assert registered("https://t.co/abc") == "" == registered("https://twitter.com/a/status/1")
    assert registered("http://[broken") == ""


def busy(hour_posts: list[int]) -> list[dict[str, Any]]:
    start = T0 - timedelta(hours=len(hour_posts) - 3)
    return [
        {"account": f"x:c{n}", "post": f"{hour}-{n}", "time": start + timedelta(hours=hour, minutes=n % 60)}
        for hour, many in enumerate(hour_posts)
        for n in range(many)
    ]


def acted(minutes: list[int]) -> list[dict[str, Any]]:
    return [{"cluster": "c1", "success": True, "time": T0 + timedelta(minutes=minute)} for minute in minutes]


def test_event_speaks_where_all_happened_in_one_surge() -> None:
    given = tables(posts=busy([2] * 20 + [40, 40, 40]), evidence=acted([0, 5, 70]))
    (note,) = said(Event(), subjects(MEMBERS), given)
    assert note["leans"] == "against" and note["value"] == 20
    assert "2020-05-04 20:00:00 UTC to 2020-05-04 21:10:00 UTC" in note["says"]


def test_event_is_silent_without_a_surge_or_over_days() -> None:
    calm = tables(posts=busy([2] * 23), evidence=acted([0, 5, 70]))
    assert said(Event(), subjects(MEMBERS), calm) == []
    days = tables(posts=busy([2] * 20 + [40, 40, 40]), evidence=acted([0, 5, 70, 3000]))
    assert said(Event(), subjects(MEMBERS), days) == []
    assert said(Event(), subjects(MEMBERS), tables()) == []


def test_notes_do_not_depend_on_the_order_of_rows() -> None:
    posts = links(["news.example.com"] * 38 + ["other.org"] * 2)
    there = said(Publisher(), subjects(MEMBERS), tables(posts=posts))
    back = said(Publisher(), subjects(MEMBERS[::-1]), tables(posts=posts[::-1]))
    assert there == back


def same_second(client: str, apart: int = 0) -> list[dict[str, Any]]:
    """Posts of two accounts from one client, four each, the second account's `apart` seconds later."""
    return [
        {
            "post": f"{who}{n}",
            "account": who,
            "client": client,
            "resolution_s": 1.0,
            "time": T0 + timedelta(minutes=n, seconds=apart if who == "x:b" else 0),
        }
        for who in ("x:a", "x:b")
        for n in range(4)
    ]


def test_one_desk_behind_two_accounts_speaks_against() -> None:
    (note,) = said(Desk(), subjects(["x:a", "x:b"]), tables(posts=same_second("TweetDeck")))
    assert note["leans"] == "against"
    assert note["says"].startswith("8 of 8 posts in the same second came from TweetDeck,")


def test_a_phone_client_says_nothing_about_a_desk() -> None:
    assert said(Desk(), subjects(["x:a", "x:b"]), tables(posts=same_second("Twitter for iPhone"))) == []


def test_one_desk_is_not_said_where_the_seconds_differ() -> None:
    assert said(Desk(), subjects(["x:a", "x:b"]), tables(posts=same_second("TweetDeck", apart=7))) == []


def test_one_desk_is_not_said_where_the_clock_is_a_minute() -> None:
    posts = [{**post, "resolution_s": 60.0} for post in same_second("TweetDeck")]
    assert said(Desk(), subjects(["x:a", "x:b"]), tables(posts=posts)) == []


def test_publisher_counts_sites_that_the_data_set_numbers() -> None:
    posts = [
        {
            "account": MEMBERS[place % 4],
            "post": str(place),
            "kind": "original",
            "urls": [*([str(9000 + place)] if place % 2 else []), f"domain:{55 if place < 38 else 7}"],
        }
        for place in range(40)
    ]
    (note,) = said(Publisher(), subjects(MEMBERS), tables(posts=posts))
    assert "38 of 40 links" in note["says"] and "site 55 of the data set" in note["says"]


def test_places_are_looked_for_once_and_are_those_of_a_search() -> None:
    names = pa.array(["x:a", "x:b", "x:c", "x:d"])
    subjects = pa.table({"account": ["x:d", "x:a", "x:d", "x:unseen"]})
    places = Places(names, subjects)
    for accounts in (["x:a"], ["x:d", "x:unseen"], []):
        assert places.marks(accounts).tolist() == marks(names, accounts).tolist()
    assert places.others().tolist() == [False, True, True, False]
