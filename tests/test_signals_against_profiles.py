"""What speaks against, read from profiles: one owner, fans, an organisation."""

from __future__ import annotations

from typing import Any

import pytest
from against import MEMBERS, OTHERS, Shares, said

from concerted.signals.crosspost import Crosspost
from concerted.signals.fandom import Fandom
from concerted.signals.organisation import Organisation

BOTH = ["facebook:1", "x:2"]


def pair(profiles: dict[str, dict[str, Any]], extra: int = 0) -> Shares:
    """Ten things shared by two accounts, `extra` of them by a third account too."""
    shares = Shares()
    for n in range(10):
        shares.share(str(n), [*BOTH, *(["x:3"] if n < extra else [])], trace="link")
    for account, fields in profiles.items():
        shares.profile(account, **fields)
    return shares


SAME = {"facebook:1": {"handle": "NorthRadio"}, "x:2": {"handle": "northradio"}}


def test_crosspost_speaks_where_two_platforms_carry_one_handle() -> None:
    (note,) = said(Crosspost(), pair(SAME), [*BOTH, "x:3"])
    assert note["value"] == 1.0 and note["says"].startswith("10 of 10 things shared together")
    assert "northradio" not in note["says"].casefold()


def test_crosspost_speaks_where_profiles_name_each_other() -> None:
    named = {
        "facebook:1": {"handle": "north.radio", "bio": "Also on X: @radionorth."},
        "x:2": {"handle": "radionorth", "bio": "news, see facebook.com/north.radio"},
    }
    assert len(said(Crosspost(), pair(named), BOTH)) == 1


@pytest.mark.parametrize(
    "profiles",
    [
        {},
        {"facebook:1": {"handle": "north_radio"}, "x:2": {"handle": "radionorth", "bio": "@north_radio"}},
        {"facebook:1": {"handle": "ann"}, "x:2": {"handle": "ann"}},
        {"facebook:1": {"handle": None}, "x:2": {"handle": None}},
    ],
)
def test_crosspost_is_silent_where_one_alone_says_so(profiles: dict[str, dict[str, Any]]) -> None:
    assert said(Crosspost(), pair(profiles), BOTH) == []


def test_crosspost_is_silent_where_others_took_part_or_the_platform_is_one() -> None:
    assert said(Crosspost(), pair(SAME, extra=5), [*BOTH, "x:3"]) == []
    shares = Shares()
    for n in range(10):
        shares.share(str(n), ["x:2", "x:3"], trace="link")
    shares.profile("x:2", handle="northradio").profile("x:3", handle="northradio")
    assert said(Crosspost(), shares, ["x:2", "x:3"]) == []


def fans(bio: str, of: int = 8, tag: str = "TheWalkers") -> Shares:
    shares = Shares()
    accounts = [f"x:f{n}" for n in range(8)]
    for n in range(9):
        shares.share(str(n), accounts[:4], trace="reshare", kind="reshare", text=f"new song! #{tag} {n}")
    for account in accounts[:of]:
        shares.profile(account, bio=bio)
    return shares


FANS = [f"x:f{n}" for n in range(8)]


@pytest.mark.parametrize(
    "bio", ["fan account of the walkers since 2012", "#thewalkers ファンアカウント", "TheWalkers 팬계정"]
)
def test_fandom_speaks_where_fans_share_what_they_are_fans_of(bio: str) -> None:
    (note,) = said(Fandom(), fans(bio), FANS)
    assert "9 of 9 things shared together carry one tag, and 8 of 8 members call themselves" in note["says"]
    assert "walkers" not in note["says"].casefold()


@pytest.mark.parametrize(
    ("bio", "of"),
    [
        ("supporter of #TheWalkers, patriot", 8),
        ("fan account of somebody else", 8),
        ("fan account of the walkers", 5),
        ("fantastic! the walkers", 8),
    ],
)
def test_a_shared_tag_alone_is_no_fandom(bio: str, of: int) -> None:
    assert said(Fandom(), fans(bio, of), FANS) == []


def test_fandom_is_silent_where_the_things_shared_carry_other_tags() -> None:
    assert said(Fandom(), fans("fan account of the walkers", tag="VoteNow"), FANS) == []


def test_a_short_tag_is_no_part_of_another_word() -> None:
    assert said(Fandom(), fans("fan account, pays all debts", tag="bts"), FANS) == []
    assert len(said(Fandom(), fans("bts fan account", tag="bts"), FANS)) == 1


def organisation(bio: str, others: str = "gardener and reader", named: int = 0, of: int = 4) -> Shares:
    shares = Shares()
    for account in MEMBERS[:of]:
        shares.profile(account, bio=bio)
    for place, account in enumerate(OTHERS):
        shares.profile(account, bio=bio if place < named else others)
    return shares


def test_organisation_speaks_where_profiles_name_it_and_others_hardly_do() -> None:
    (note,) = said(Organisation(), organisation("Official account of the Northern Railway", named=1))
    assert "4 of 4 members present themselves as accounts of the same organisation" in note["says"]
    assert "which 1 of 120 other profiles in the data name too" in note["says"]
    assert note["p"] <= 0.01 and "railway" not in note["says"].casefold()


def test_organisation_reads_one_name_in_different_texts() -> None:
    shares = organisation("")
    for place, account in enumerate(MEMBERS):
        shares.profile(account, bio=f"Official account no. {place} · see @NorthRail for all trains")
    (note,) = said(Organisation(), shares)
    assert "4 of 4 members" in note["says"]


@pytest.mark.parametrize(
    "shares",
    [
        organisation("I love trains and the Northern Railway"),
        organisation("Official account of the Northern Railway", named=60),
        organisation("Official account of the Northern Railway", of=2),
        organisation("", others=""),
    ],
)
def test_organisation_is_silent_without_the_words_the_rarity_or_the_members(shares: Shares) -> None:
    assert said(Organisation(), shares) == []


def test_organisation_is_silent_without_profiles_to_compare_with() -> None:
    shares = Shares()
    for account in MEMBERS:
        shares.profile(account, bio="Official account of the Northern Railway")
    assert said(Organisation(), shares) == []


def test_different_organisations_are_not_one() -> None:
    shares = organisation("", of=0)
    for account, town in zip(MEMBERS, ("Ostrel", "Varn", "Mill", "Quay"), strict=True):
        shares.profile(account, bio=f"Official account of {town} Council")
    assert said(Organisation(), shares) == []
