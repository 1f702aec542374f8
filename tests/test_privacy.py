"""Nobody is named unless the analyst asks for it, and then only members of groups."""

from __future__ import annotations

import random
import re
import string
import time

import msgspec
import pytest
from factory import findings
from hypothesis import given, settings
from hypothesis import strategies as st

from concerted import privacy
from concerted.findings import Findings
from concerted.privacy.masking import Mask
from concerted.privacy.phrases import Phrases

MEMBERS = range(5)


def strangers(seed: int) -> tuple[list[str], list[str], list[str]]:
    """Random account ids, handles and post ids of the shapes platforms use."""
    draw = random.Random(seed)
    letters = string.ascii_letters + string.digits
    ids = [
        "".join(draw.choices(string.digits[1:], k=draw.randint(6, 19)))
        if place % 2
        else "".join(draw.choices(letters, k=11)) + str(place)
        for place in range(12)
    ]
    handles = [
        "".join(draw.choices(string.ascii_letters + "_", k=draw.randint(6, 14))) + str(draw.randint(10, 99))
        for _ in range(12)
    ]
    posts = ["".join(draw.choices(string.digits[1:], k=draw.randint(15, 19))) for _ in range(60)]
    return ids, handles, posts


def hostile(ids: list[str], handles: list[str], posts: list[str]) -> tuple[list[str], str, list[str]]:
    """Texts, a sentence and links that name every account and many posts in every way there is."""
    texts = []
    for place, (one, handle) in enumerate(zip(ids, handles, strict=True)):
        other = handles[place - 1]
        texts += [
            f"RT @{handle}: see https://twitter.com/{handle}/status/{posts[place]}?s=20 by {handle.upper()}",
            f"@{handle}, x:{one} and {one} (.@{other}) t.me/{handle}/12 {handle}@mail.example",
            f"https://www.facebook.com/{one}/posts/{posts[place]} https://m.youtube.com/@{handle}",
            f"\u200f@{handle}",
            f"https://bsky.app/profile/{handle} https://social.example/@{handle}/{posts[place]}",
            f"instagram.com/{handle}/?hl=en #{handle} _{posts[place]}_",
        ]
    sentence = " ".join([*(f"x:{one} ⟦x:{one}⟧ {one}" for one in ids), *(f"@{handle}" for handle in handles)])
    links = [f"https://x.com/{handle}/status/{post}" for handle, post in zip(handles, posts, strict=False)]
    return texts, sentence, links


@pytest.mark.parametrize("seed", range(8))
def test_no_id_no_handle_no_post_survives(seed: int) -> None:
    ids, handles, posts = strangers(seed)
    texts, sentence, links = hostile(ids, handles, posts)
    raw = findings(ids, handles, posts, texts, sentence, links)
    before, after = raw.to_json().decode(), privacy.redact(raw).to_json().decode().casefold()
    for name in [*ids, *handles, *posts]:
        assert name in before or name in posts
        assert name.casefold() not in after, name


@pytest.mark.parametrize("seed", range(4))
def test_handles_are_those_of_members_of_groups_only(seed: int) -> None:
    ids, handles, posts = strangers(seed)
    texts, sentence, links = hostile(ids, handles, posts)
    shown = privacy.redact(findings(ids, handles, posts, texts, sentence, links), handles=True)
    text = shown.to_json().decode().casefold()
    for place, (one, handle) in enumerate(zip(ids, handles, strict=True)):
        assert (handle.casefold() in text) is (place in MEMBERS), handle
        assert (f'"{one.casefold()}"' in text) is (place in MEMBERS), one
    first = shown.groups[0].accounts[0]
    assert (first.account, first.account_id, first.handle) == ("G1-01", ids[0], handles[0])
    assert shown.groups[0].evidence[0].acts[0].first.link.startswith(f"https://x.com/{handles[0]}/status/")
    assert shown.sets[0].evidence[0].acts[0].first.link is None
    assert shown.explained[0].evidence[0].acts[0].first.link is None
    assert shown.made.settings["privacy"] == {"handles_of_group_members_shown": True}


def test_pseudonyms_are_numbered_by_place() -> None:
    shown = privacy.redact(findings())
    assert [member.account for member in shown.groups[0].accounts] == ["G1-01", "G1-02", "G1-03"]
    assert [member.account for member in shown.groups[1].accounts] == ["G2-01", "G2-02"]
    # the third member of the set is a member of a group and keeps that name
    assert [member.account for member in shown.sets[0].accounts] == ["S1-01", "S1-02", "G1-01"]
    assert (shown.alone[0].account, shown.explained[0].account) == ("A01", "E01")
    assert shown.unresolved[0].account == "U01"
    assert shown.leads[0].accounts == ["L01", "E01"]
    assert shown.alone[0].evidence[0].b == "T01"
    assert shown.groups[0].layout[0].account == "G1-01"
    assert shown.groups[0].why[1].startswith("G1-01 goes first")
    assert shown.explained[0].because.startswith("follows G1-01")
    assert shown.pseudonyms == {}
    assert shown.made.settings["group"]["accounts"] == ["G1-01"]


def test_posts_are_found_by_file_and_row() -> None:
    act = privacy.redact(findings()).groups[0].evidence[0].acts[0].first
    assert act.post == f"export.csv:{act.row}"
    assert act.link is None


def test_objects_that_are_posts_get_numbers_and_public_ones_stay() -> None:
    acts = privacy.redact(findings()).groups[0].evidence[0].acts
    assert acts[0].object == "reshare 1" and acts[0].label is None
    assert acts[1].object == "https://x.com/[T01]/status/…"
    plain = privacy.redact(findings(links=["https://news.example/a?id=12345678"] * 2))
    assert plain.groups[0].evidence[0].acts[1].object == "https://news.example/a?id=12345678"


def test_the_raw_document_is_left_alone_and_redacting_twice_changes_nothing() -> None:
    raw = findings()
    before = raw.to_json()
    once = privacy.redact(raw)
    assert raw.to_json() == before
    assert privacy.redact(once) is once
    assert privacy.redact(once, handles=True) is once
    assert Findings.from_json(once.to_json()) == once


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_with_handles_loses_them_where_they_are_not_asked_for(seed: int) -> None:
    ids, handles, posts = strangers(seed)
    texts, sentence, links = hostile(ids, handles, posts)
    raw = findings(ids, handles, posts, texts, sentence, links)
    opened = Findings.from_json(privacy.redact(raw, handles=True).to_json())
    assert privacy.redact(opened, handles=True) is opened
    closed = privacy.redact(opened)
    text = closed.to_json().decode().casefold()
    assert [name for name in [*ids, *handles] if name.casefold() in text] == []
    assert closed.made.settings["privacy"] == {"handles_of_group_members_shown": False}
    plain = privacy.redact(raw)
    assert [one.accounts for one in closed.groups] == [one.accounts for one in plain.groups]
    assert [one.accounts for one in closed.sets] == [one.accounts for one in plain.sets]
    assert "[[" not in text


def test_names_do_not_depend_on_ids() -> None:
    """Ids are no input of pseudonyms, so nothing can be computed back from them."""
    one = privacy.redact(findings(texts=["same"], links=["https://n.example/"]))
    other = findings(
        [f"{9_100_000_111 + place}" for place in range(12)], texts=["same"], links=["https://n.example/"]
    )
    other = privacy.redact(msgspec.structs.replace(other, timelines=[]))
    assert one.groups[0].ties == other.groups[0].ties


def mask(names: dict[str, str]) -> Mask:
    return Mask(names, set(), {}, set())


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("hello @nobody_here!", "hello [T01]!"),
        ("＠nobody_here", "[T01]"),
        ("mail me at jo@mail.example", "mail me at [e-mail address]"),
        ("https://x.com/hashtag/vote", "https://x.com/hashtag/vote"),
        ("https://x.com/jo/status/123456789012", "https://x.com/[T01]/status/…"),
        ("https://news.example/2020/123456789012", "https://news.example/2020/123456789012"),
        ("https://medium.com/@jo/story", "https://medium.com/[T01]/story"),
        ("https://youtube.com/watch?v=dQw4w9WgXcQ", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
        ("seen by 4242 people", "seen by 4242 people"),
        ("x:4242 wrote", "[G1-01] wrote"),
        ("\x00a\ud800b", "ab"),
    ],
)
def test_texts(text: str, want: str) -> None:
    assert mask({"x:4242": "G1-01"}).text(text) == want


def test_ordinary_words_stay_though_somebody_is_called_so() -> None:
    named = mask({"x:77": "T01", "@news": "T01", "@Trump": "T01", "@the_daily_9": "T01"})
    assert named.text("news about Trump by the_daily_9") == "news about Trump by [T01]"
    assert named.text("RT @News: @trump") == "RT [T01]: [T01]"


def test_files_and_folders_name_nobody() -> None:
    named = mask({"x:77": "T01", "@jane_roe_77": "T01"})
    assert named.name("/home/someone/exports/jane_roe_77.csv") == "T01.csv"
    assert named.name("C:\\Users\\someone\\a.csv") == "a.csv"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_shown(text: str) -> None:
    shown = mask({"x:123456": "G1-01", "@some_body1": "G1-01"}).text(text)
    assert "\x00" not in shown
    shown.encode("utf-8")


@given(
    st.lists(st.text("aB:#.é", min_size=1, max_size=6), max_size=8),
    st.text("aAbB:#.éÉßİ ", max_size=40),
)
def test_phrases_are_found_wherever_they_stand(phrases: list[str], text: str) -> None:
    wanted = sorted({phrase.casefold() for phrase in phrases}, key=lambda one: (-len(one), one))
    low = "".join(one if len(one) == 1 else char for char in text for one in [char.casefold()])
    expected = re.sub("|".join(map(re.escape, wanted)) or "(?!)", "_", low)
    found = Phrases(phrases).exchange(text, lambda _: "_")
    assert "".join(one if len(one) == 1 else char for char in found for one in [char.casefold()]) == expected
    assert len(found) == len(expected)


def test_thousands_of_phrases_cost_no_more_than_one() -> None:
    phrases = Phrases(f"export.csv#{number}" for number in range(50_000))
    assert phrases.exchange("see EXPORT.csv#4711 and export.csv", str.upper) == (
        "see EXPORT.CSV#4711 and export.csv"
    )
    begun = time.process_time()
    phrases.exchange("no export.csv of mine " * 10_000, str.upper)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("label", ["⟦x:u123456⟧ on 2020-01-01 UTC", "x:u123456 on 2020-01-01 UTC"])
def test_labels_name_an_account_once(label: str) -> None:
    assert Mask({"x:u123456": "T01"}, set(), {}, set()).label(label) == "T01 on 2020-01-01 UTC"


def test_conversations_are_numbers() -> None:
    found = findings()
    (one, *others) = found.groups[0].evidence
    act = msgspec.structs.replace(
        one.acts[0], trace="thread", object="reddit:thread:t3_a1b2c3", label="conversation t3_a1b2c3"
    )
    group = msgspec.structs.replace(
        found.groups[0], evidence=[msgspec.structs.replace(one, acts=[act]), *others]
    )
    shown = privacy.redact(msgspec.structs.replace(found, groups=[group])).groups[0].evidence[0].acts[0]
    assert (shown.object, shown.label) == ("thread 1", None)
