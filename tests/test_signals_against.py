"""What speaks against, read from what was shared: a case for and one against each; what must not excuse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import regex
from against import MEMBERS, OTHERS, T0, Shares, said

from concerted import registry
from concerted.signals import _lists as lists
from concerted.signals import _notes as common
from concerted.signals.appeal import NAMES as APPEALS
from concerted.signals.appeal import Appeal
from concerted.signals.boilerplate import NAMES as PROGRAMS
from concerted.signals.boilerplate import Boilerplate
from concerted.signals.headline import Headline
from concerted.signals.quotation import Quotation
from concerted.signals.wire import Wire

LISTS = ("boilerplate", "appeal", "wire", "scripture", "fandom", "organisation")
DAY = timedelta(days=1)


def alike(texts: Iterable[str], others: int = 0, **more: Any) -> Shares:
    """Members post each text within seconds; so do `others` accounts outside, an hour later."""
    shares = Shares()
    for place, text in enumerate(texts):
        key, when = str(place), T0 + place * DAY
        shares.share(key, MEMBERS, text=text, time=when, **more)
        shares.share(key, OTHERS[:others], found=False, text=text, time=when + DAY / 24, **more)
    return shares


@pytest.mark.parametrize("name", LISTS)
def test_every_wording_of_a_list_finds_its_example_and_says_where_it_is_from(name: str) -> None:
    for entry in lists.entries(name):
        pattern = regex.compile(entry.pattern, regex.IGNORECASE)
        assert pattern.search(lists.plain(entry.example)), entry.example
        for text in entry.unlike:
            assert not pattern.search(lists.plain(text)), text
        assert len(entry.source) > 15 and entry.language
        assert regex.fullmatch(r"20\d\d-\d\d-\d\d", entry.date)


def test_lists_hold_only_kinds_that_notes_have_words_for() -> None:
    assert {entry.kind for entry in lists.entries("boilerplate")} == set(PROGRAMS)
    assert {entry.kind for entry in lists.entries("appeal")} == set(APPEALS)


def test_a_list_reads_texts_as_exporters_leave_them() -> None:
    assert lists.kind_of("appeal", "Sign\n the  <U+0070>etition! &amp; more") == "petition"


def test_the_interval_must_lie_above_one_half() -> None:
    assert common.exceeds(4, 4) and not common.exceeds(3, 3)
    assert common.exceeds(61, 100) and not common.exceeds(59, 100)
    assert not common.exceeds(0, 0)


LIKED = [f"I liked a @YouTube video https://youtu.be/{n} Building a shed, part {n}" for n in range(9)]
OWN = [f"Nobody in this town wants the new bridge, reason {n}" for n in range(9)]


def test_boilerplate_speaks_where_programs_wrote_the_words() -> None:
    (note,) = said(Boilerplate(), alike([*LIKED, OWN[0]]))
    assert note["value"] == 0.9 and note["low"] > 0.5
    assert note["says"].startswith("9 of 10 texts posted alike follow wordings that a program writes")
    assert "apps that post for their users 9" in note["says"] and "not the same moment" in note["says"]


def test_boilerplate_is_silent_about_own_words_reshares_and_few_texts() -> None:
    assert said(Boilerplate(), alike([*LIKED[:5], *OWN[:5]])) == []
    assert said(Boilerplate(), alike(LIKED, kind="reshare")) == []
    assert said(Boilerplate(), alike(LIKED[:3])) == []
    assert said(Boilerplate(), alike(LIKED, trace="link")) == []
    assert said(Boilerplate(), alike([])) == []


def test_one_members_button_does_not_explain_the_others_words() -> None:
    shares = Shares()
    for n in range(9):
        shares.share(str(n), MEMBERS[:1], text=LIKED[n])
        shares.share(str(n), MEMBERS[1:], text=OWN[n], time=T0 + timedelta(seconds=30))
    assert said(Boilerplate(), shares) == []


DRAWS = [f"GIVEAWAY {n}: follow us and RT for a chance to win a garden chair" for n in range(8)]


def test_appeal_speaks_where_others_followed_it_too() -> None:
    (note,) = said(Appeal(), alike([*DRAWS, OWN[0]], others=12, trace="reshare", kind="reshare"))
    assert note["value"] == 8 / 9
    assert "8 of 9 things shared together carry a public appeal to do so (prize draw 8)" in note["says"]


def test_appeal_is_silent_where_only_those_found_followed_it() -> None:
    assert said(Appeal(), alike(DRAWS, others=3, trace="reshare", kind="reshare")) == []


def test_a_plain_request_to_reshare_is_no_appeal() -> None:
    asks = [
        f"PLEASE RETWEET!! They poison us, part {n}. RT if you agree, максимальный репост" for n in range(9)
    ]
    assert said(Appeal(), alike(asks, others=12)) == []


def test_an_appeal_is_seen_in_links() -> None:
    posts = alike(OWN[:6], others=6, urls=["https://www.change.org/p/save-the-old-library"])
    (note,) = said(Appeal(), posts)
    assert "(petition 6)" in note["says"]


def test_wire_speaks_where_an_agency_is_credited_and_others_carry_it() -> None:
    copy = [f"River rises again in the north, day {n} - PTI https://t.co/{n}" for n in range(7)]
    (note,) = said(Wire(), alike([*copy, OWN[0]], others=5))
    assert "7 of 8 texts" in note["says"] and "7 credited to an agency, 0 with links" in note["says"]
    assert said(Wire(), alike(copy, others=3)) == []


def test_wire_speaks_where_the_same_text_leads_to_many_sites() -> None:
    shares, few = Shares(), Shares()
    for n in range(6):
        for place, account in enumerate([*MEMBERS, *OTHERS[:5]]):
            inside, when = account in MEMBERS, T0 + n * DAY
            for one, sites in ((shares, 9), (few, 2)):
                urls = [f"https://www.paper{place % sites}.de/{n}"]
                one.share(str(n), [account], found=inside, text=OWN[n], urls=urls, time=when)
    (note,) = said(Wire(), shares)
    assert "0 credited to an agency, 6 with links to 3 or more sites" in note["says"]
    assert said(Wire(), few) == []


def test_talk_about_an_agency_is_no_credit() -> None:
    talk = [f"Reuters lies again, number {n}, and AP too (hard to believe)" for n in range(8)]
    assert said(Wire(), alike(talk, others=9)) == []


def headlines(agreeing: int, differing: int, linked: int = 6, site: str = "paper.example") -> Shares:
    """Six texts, of which `linked` come with a link that others share, with the same words or others."""
    shares = Shares()
    for n in range(6):
        link = f"{site}/{n}" if n < linked else None
        shares.share(str(n), MEMBERS, text=OWN[n], link=link)
        later = T0 + DAY
        shares.share(str(n), OTHERS[:agreeing], found=False, time=later, link=f"{site}/{n}")
        shares.share(f"own {n}", OTHERS[20 : 20 + differing], found=False, time=later, link=f"{site}/{n}")
    return shares


def test_headline_speaks_where_others_write_the_same_with_the_link() -> None:
    (note,) = said(Headline(), headlines(agreeing=8, differing=2))
    assert note["value"] == 1.0
    assert "6 of 6 texts posted alike always came with one link each" in note["says"]
    assert "48 of 60 accounts outside the findings that shared these links wrote the same" in note["says"]


def test_headline_is_silent_where_others_use_their_own_words_or_nobody_else_shares() -> None:
    assert said(Headline(), headlines(agreeing=4, differing=6)) == []
    assert said(Headline(), headlines(agreeing=0, differing=0)) == []
    assert said(Headline(), headlines(agreeing=8, differing=2, linked=3)) == []


@pytest.mark.parametrize("site", ["t.co", "bit.ly"])
def test_the_same_short_link_was_copied_from_a_post_and_is_no_headline(site: str) -> None:
    assert said(Headline(), headlines(agreeing=8, differing=2, site=site)) == []


VERSES = [f"The Lord is my light and my salvation. Psalm 27:{n}" for n in range(1, 9)]


def test_quotation_speaks_where_the_verse_is_named() -> None:
    (note,) = said(Quotation(), alike([*VERSES, OWN[0]]))
    assert "8 of 9 texts posted alike are quotations (8 name the verse, 0 were written" in note["says"]
    assert "not the same moment" in note["says"]


def proverbs(others: int, gap: timedelta) -> Shares:
    shares = Shares()
    for n in range(5):
        shares.share(str(n), MEMBERS, text=OWN[n])
        shares.share(str(n), OTHERS[:others], found=False, text=OWN[n], time=T0 - 300 * DAY, gap=gap)
    return shares


def test_quotation_speaks_where_others_write_it_on_scattered_days() -> None:
    (note,) = said(Quotation(), proverbs(others=10, gap=5 * DAY))
    assert "0 name the verse, 5 were written on scattered days by 10 or more accounts" in note["says"]


@pytest.mark.parametrize(("others", "gap"), [(9, 5 * DAY), (120, DAY / 2), (10, 3 * DAY), (0, DAY)])
def test_quotation_is_silent_where_few_write_it_or_all_at_once(others: int, gap: timedelta) -> None:
    assert said(Quotation(), proverbs(others, gap)) == []


@pytest.mark.parametrize("name", ["boilerplate", "appeal", "wire", "headline", "quotation"])
def test_the_sentence_quotes_no_post_and_names_no_account(name: str) -> None:
    given = {
        "boilerplate": alike(LIKED),
        "appeal": alike(DRAWS, others=9),
        "wire": alike([f"{one} - Reuters" for one in OWN], others=9),
        "headline": headlines(9, 0),
        "quotation": alike(VERSES),
    }[name]
    (note,) = said(registry.find("signals", name)(), given)
    for row in given.rows["posts"]:
        assert (
            row["account"] not in note["says"]
            and row["account"].partition(":")[2] not in note["says"].split()
        )
        assert not row.get("text") or row["text"][:12] not in note["says"]


@pytest.mark.parametrize("name", ["boilerplate", "appeal", "wire", "headline", "quotation"])
def test_an_account_outside_groups_answers_with_its_own_shares(name: str) -> None:
    """Evidence of such accounts gives both ends; neither is a member of the other."""
    import pyarrow as pa

    from concerted import schema
    from concerted.engines import open_engine

    shares = alike([*LIKED, *DRAWS, *VERSES], others=9)
    for row in shares.rows["evidence"]:
        row.update(cluster="", a=MEMBERS[0], b=MEMBERS[1])
    subjects = [{"subject_kind": "account", "subject": one, "account": one} for one in MEMBERS[:2]]
    signal = registry.find("signals", name)()
    found = signal.notes(pa.Table.from_pylist(subjects), shares.tables(), open_engine())
    assert schema.check("notes", found).num_rows in (0, 2)
