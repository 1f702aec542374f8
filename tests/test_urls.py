"""One address for all spellings of a link."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concerted.traces.address import canonical, host
from concerted.traces.tokens import links_in

SAME = {
    "example.org/a/b?a=1&b=2": [
        "https://www.Example.org:443/a/b/?utm_source=x&b=2&a=1#top",
        "HTTP://m.example.org:80/a/b?a=1&b=2",
        "//mobile.example.org/a/b?b=2&a=1&fbclid=IwAR0",
        "example.org/a/b?a=1&amp;b=2",
        "https://amp.example.org/a/b/amp/?a=1&b=2&amp=1",
        "https://www.example.org/a/./c/../b?a=1&b=2&outputType=amp",
        "https://www.google.com/amp/s/www.example.org/a/b?b=2&a=1",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a/b?a=1&b=2",
        "https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fexample.org%2Fa%2Fb%3Fb%3D2%26a%3D1&usg=x",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa%2Fb%3Fa%3D1%26b%3D2%26fbclid%3Dq&h=AT0",
        "https://out.reddit.com/t3_x?url=https%3A%2F%2Fexample.org%2Fa%2Fb%3Fa%3D1%26b%3D2&token=z",
        " https://exa\u200bmple.org/a/b?b=2&a=1 ",
    ],
    "youtube.com/watch?v=dQw4w9WgXcQ": [
        "https://youtu.be/dQw4w9WgXcQ?t=3",
        "https://www.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&list=PL1&t=3s",
        "https://m.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=2",
        "https://www.youtube.com/live/dQw4w9WgXcQ",
        "https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DdQw4w9WgXcQ%26feature%3Dshare",
    ],
    "x.com/i/status/123": [
        "https://twitter.com/bob/status/123?s=20",
        "https://mobile.twitter.com/Bob/statuses/123",
        "https://x.com/i/web/status/123",
        "https://vxtwitter.com/bob/status/123",
    ],
    "xn--mnchen-3ya.de/stra%C3%9Fe": [
        "http://münchen.de/straße",
        "http://MÜNCHEN.de./stra%c3%9fe/",
        "https://xn--mnchen-3ya.de/stra%C3%9Fe",
    ],
    "example.org/~user/%2F?q=a%20b": [
        "http://example.org/%7Euser/%2f?q=a+b",
        "example.org/~user/%2F?q=a%20b",
    ],
    "example.org": ["https://example.org/", "http://www.example.org", "https://example.org/#top"],
    "example.org#!/page": ["https://example.org/#!/page"],
    "t.me/channel/5": ["https://t.me/s/channel/5?before=9", "https://telegram.me/channel/5"],
    "en.wikipedia.org/wiki/Rhythm": ["https://en.m.wikipedia.org/wiki/Rhythm"],
}
APART = [
    ("https://example.org/a?id=1", "https://example.org/a?id=2"),
    ("https://example.org/A", "https://example.org/a"),
    ("https://example.org/a", "https://news.example.org/a"),
    ("https://example.org:8443/a", "https://example.org/a"),
    ("https://example.org/champ", "https://example.org/ch"),
    ("https://example.org/a?ref=main", "https://example.org/a?ref=dev"),
    ("https://youtube.com/playlist?list=A", "https://youtube.com/playlist?list=B"),
    ("https://t.co/abc", "https://t.co/abd"),
    ("https://x.com/a/status/1", "https://x.com/a/status/2"),
]
NONE = {
    "": "missing",
    " nan ": "missing",
    "[]": "missing",
    "https://t.co/ab…": "cut off in the export",
    "https://t.co/ab...": "cut off in the export",
    "http://": "not readable as an address",
    "http://[::1": "not readable as an address",
    "https://example.org:port/": "not readable as an address",
    "mailto:someone@example.org": "an e-mail address or telephone number",
    "someone@example.org": "an e-mail address or telephone number",
    "javascript:void(0)": "an address inside one's own browser",
    "pic.twitter.com/abc": "the picture inside the post itself",
    "https://twitter.com/a/status/1/photo/1": "the picture inside the post itself",
    "https://x.com/a/status/1/video/1": "the picture inside the post itself",
}


@pytest.mark.parametrize(("key", "url"), [(key, url) for key, urls in SAME.items() for url in urls])
def test_spellings_of_one_address_are_one(key: str, url: str) -> None:
    assert canonical(url).key == key
    assert not canonical(url).unresolved


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_pages_stay_apart(one: str, other: str) -> None:
    assert canonical(one).key != canonical(other).key


HOSTS = (
    *("example.org", "www.example.org", "x.com", "youtu.be", "youtube.com", "t.me", "t.co", "l.facebook.com"),
    *(
        "pic.twitter.com",
        "www.google.com",
        "a.cdn.ampproject.org",
        "en.m.wikipedia.org",
        "..",
        ".org",
        "a..b.c",
    ),
)
PATHS = ("/", "/a//b/", "/amp/", "/amp/s/foo/x", "/s/a/1", "/me/status/1/photo/1", "/shorts/abcdefg", "/l_-9")


@pytest.mark.parametrize("place", [f"{host}{path}" for host in HOSTS for path in PATHS])
def test_ordinary_links_are_what_careful_reading_makes_of_them(place: str) -> None:
    # a scheme in capitals is nothing ordinary
    assert canonical(f"https://{place}") == canonical(f"HTTPS://{place}")
    assert host(f"http://{place}") == host(f"HTTP://{place}")


@pytest.mark.parametrize(("url", "reason"), NONE.items())
def test_what_is_no_link_says_why(url: str, reason: str) -> None:
    assert canonical(url) == ("", "", False, reason)


def test_short_links_stay_and_are_marked() -> None:
    assert canonical("http://bit.ly/2Ab?utm_source=x") == ("bit.ly/2Ab", "bit.ly", True, "")
    assert canonical("https://t.co/AbC").unresolved
    assert not canonical("https://example.org/t.co").unresolved


def test_opaque_ids_stay_as_they_are() -> None:
    assert canonical("1017") == ("1017", "", False, "")
    assert canonical("123.45").host == ""
    assert canonical("tg://resolve?domain=x").key == "tg://resolve?domain=x"


def test_a_password_in_an_address_is_dropped() -> None:
    assert canonical("https://user:secret@example.org/a").key == "example.org/a"


@given(st.text(max_size=60))
def test_any_text_gives_an_answer(text: str) -> None:
    found = canonical(text)
    assert bool(found.key) != bool(found.reason)
    assert not found.key or host(text) == (found.host, "")


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_link_leads_to_no_site_or_a_platform(url: str) -> None:
    name, reason = host(url)
    assert reason or name == "x.com"


def test_the_host_is_the_one_behind_pages_that_send_on() -> None:
    sent = "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.example.org%2Fa"
    assert host(sent) == (canonical(sent).host, "") == ("example.org", "")
    assert host("1017") == ("", "")


@given(
    st.sampled_from(
        ["https://example.org", "http://www.ex.co.uk:8080", "https://youtu.be", "https://x.com/a/status"]
    ),
    st.text(alphabet="abcXYZ019/%?&=+#!.-_~ éक", max_size=30),
)
def test_an_address_made_one_stays_as_it_is(start: str, rest: str) -> None:
    once = canonical(f"{start}/{rest}")
    assert not once.key or canonical(f"http://{once.key}").key == once.key


def test_every_entry_of_the_lists_has_a_reason() -> None:
    data = files("concerted.traces") / "data"
    tracking = tomllib.loads((data / "tracking.toml").read_text("utf-8"))["parameter"]
    hosts = tomllib.loads((data / "hosts.toml").read_text("utf-8"))
    for entry in [*tracking, *hosts["alias"], *hosts["shortener"], *hosts["carrier"]]:
        assert entry["reason"].strip()
    for entry in tracking:
        assert all(name == name.lower() for name in entry["names"]), entry
    named = [host for entry in hosts["shortener"] for host in entry["hosts"]]
    assert len(named) == len(set(named))


def test_links_in_a_sentence_lose_its_punctuation() -> None:
    text = (
        "See (https://example.org/a_(b)), “https://example.org/c”. https://t.co/x… <https://example.org/d>!"
    )
    assert links_in(text) == [
        "https://example.org/a_(b)",
        "https://example.org/c",
        "https://t.co/x…",
        "https://example.org/d",
    ]
