"""What stays of a text when everything that does not make it the same text is taken away."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerted.traces.near.objects import key
from concerted.traces.skeleton import repair, skeleton
from concerted.traces.text import Text, letters, spoken
from concerted.traces.tokens import name, names_in, tag, tags_in

EMPTY = [
    "",
    " ",
    "@bob",
    "@carol @dave",
    "https://t.co/abc",
    "😀 🇩🇪 👍🏽 1️⃣"[:8],
    "!!! … —",
    "#",
    "a@b.org",
    "\u200b\u2066\u2069",
]
SAME = {
    "hello world": [
        "Hello, WORLD!",
        "hello\nworld",
        "ｈｅｌｌｏ world",
        "he\u200bllo wor\u00adld",
        "\u202bhello world\u202c",
    ],
    "the price rose by 0 %".replace(" %", ""): [
        "The price rose by 3 %",
        "the price rose by 1234!",
        "THE PRICE rose by ٣",
    ],
    "cafe at noon": ["café at noon", "cafe\u0301 at noon", "Caf&eacute; at noon", "Caf&amp;eacute; at noon"],
    "a and b": [
        "a and b",
        "RT @x: a and b",
        "MT @x a and b",
        "a and b https://example.org/x www.example.org t.co/x",
    ],
    "वोट up की": ["वोट #UP_की", "<U+0935><U+094B><U+091F> UP की", "\\u0935\\u094b\\u091f up की"],
    "vote now": [
        "vote <ed><a0><bd><ed><b8><80> now",
        "vote <U+00ED><U+00A0><U+00BD> now",
        "vote \\ud83d\\ude00 now",
    ],
    "нет воине": ["Нет войне", "нет воине", "НЕТ ВОЙНЕ!"],
    "سلام": ["سلام", "سَلَام", "ســــلام"],
    "สวัสดีครับ": ["สวัสดีครับ", "สวัสดีครับ!!! 🙏"],
    "ตน": ["#ตน"],
    "가": ["가", "\u1100\u1161"],
}


@pytest.mark.parametrize("text", EMPTY)
def test_nothing_stays(text: str) -> None:
    assert skeleton(text) == ""


@pytest.mark.parametrize(
    ("wanted", "text"), [(wanted, text) for wanted, texts in SAME.items() for text in texts]
)
def test_what_does_not_make_another_text_goes(wanted: str, text: str) -> None:
    assert skeleton(text) == wanted


def test_letters_of_different_words_stay_apart() -> None:
    assert skeleton("ılık") != skeleton("ilik"), "Turkish dotless i is another letter"
    assert skeleton("कि") != skeleton("की"), "vowel signs are letters"
    assert skeleton("น้ำ") != skeleton("นำ"), "Thai tone marks tell words apart"


def test_half_emoji_leave_no_letters_behind() -> None:
    escaped = "<ed><U+00A0><U+00BD><ed><U+00B8><U+0080> जय <U+0915>"
    assert skeleton(escaped) == "जय क"


def test_escapes_are_repaired_and_doubt_is_left_alone() -> None:
    assert repair("<U+0915> <e0><a4><95> \\u0915 &amp;amp;") == "क क क &"
    assert repair("cafÃ© <ab> <U+110000>") == "cafÃ© <ab>  "


def test_ten_thousand_characters() -> None:
    assert skeleton("ab 12 " * 2000) == " ".join(["ab 0"] * 2000)


@given(st.text(max_size=80))
def test_a_skeleton_is_its_own_skeleton(text: str) -> None:
    once = skeleton(text)
    assert once == " ".join(once.split())
    assert not any(char.isupper() and char.lower() != char for char in once)
    assert all(unicodedata.category(char)[0] in "LMN" or char == " " for char in once)


@given(st.text(alphabet="abc XYZ éøñ कीุำ 123", max_size=40))
def test_doing_it_twice_changes_nothing(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)


def test_keys_are_the_same_on_every_machine() -> None:
    assert key("the cafe closes at 0 says") == "text:068c2ff93da082f9"


def test_length_counts_what_a_script_carries() -> None:
    assert letters("good morning") == 12
    assert letters("新年快乐") == 12
    assert spoken("good morning to all") == 4
    assert spoken("今日はいい天気ですね") == 4
    assert Text().long_enough("good morning") and not Text().long_enough("good night")
    assert Text().long_enough("新年快乐") and not Text().long_enough("新年好")


@pytest.mark.parametrize("text", ["#A", "#a", "a,", "＃Ａ", " A… "])
def test_a_tag_has_one_spelling(text: str) -> None:
    assert tag(text) == "a"


def test_tags_keep_vowel_signs_and_drop_joiners() -> None:
    assert tag("#UP_की") == "up_की"
    assert tag("می\u200cخواهم") == "میخواهم"
    assert tags_in("#เลือกตั้ง,#UP_की x#no #1 &#39; https://e.org/#f #️⃣") == ["เลือกตั้ง", "UP_की"]


def test_names_have_one_spelling() -> None:
    assert name("@Bob") == name("bob,") == "bob"
    hashed = "aB" * 21 + "c="
    assert name(hashed) == hashed, "letter case tells hashed ids apart"
    assert names_in("hi @Bob. a@b.org .@carol https://e.org/@dora @eve@social.example") == [
        "Bob",
        "carol",
        "eve@social.example",
    ]
