"""Defects seen in other tools, that traces must not have. The numbers are those of the list in the docs."""

from __future__ import annotations

import pytest
import rows

from concerted import registry
from concerted.engines import open_engine


def objects_of(trace: str, *posts: dict[str, object]) -> list[tuple[str, str]]:
    events, *_ = registry.find("traces", trace)().events(rows.posts(*posts), open_engine())
    return [(row["account"], row["object"]) for row in events.to_pylist()]


@pytest.mark.parametrize("urls", [[], [""], ["nan"], ["[]"], [None], None])
def test_1_two_posts_without_a_link_are_no_pair(urls: list[str | None] | None) -> None:
    assert objects_of("link", *({"account": a, "time": "09:00:00", "urls": urls} for a in "ab")) == []


def test_2_texts_emptied_by_normalisation_are_not_identical() -> None:
    posts = [{"account": a, "time": "09:00:00", "text": t} for a, t in (("a", "@bob"), ("b", "@carol"))]
    assert objects_of("text", *posts) == []


def test_4_two_clocks_meet_in_one_origin() -> None:
    """The parent's time comes from its X id, which counts from 2010; the reshare's from the export."""
    post = {"account": "a", "time": "2017-08-19 15:14:00", "kind": "reshare", "parent": "898925911294132224"}
    _, objects, *_ = registry.find("traces", "reshare")().events(rows.posts(post), open_engine())
    assert objects.to_pylist()[0]["origin"] == rows.moment("2017-08-19 15:13:33.145")


@pytest.mark.parametrize(
    ("trace", "fields"),
    [
        ("reshare", {"kind": "reshare", "parent": "1"}),
        ("reshare", {"kind": "reshare", "parent": "77", "parent_account": "a"}),
        ("reply", {"kind": "reply", "parent": "1"}),
        ("mention", {"mentions": ["A"]}),
    ],
)
def test_7_acting_on_oneself_is_no_event(trace: str, fields: dict[str, object]) -> None:
    own = {"account": "a", "time": "08:00:00", "mentions": []}
    assert objects_of(trace, own, {"account": "a", "time": "09:00:00", **fields}) == []


@pytest.mark.parametrize("column", ["tags", "text"])
def test_10_spellings_of_a_hashtag_are_one(column: str) -> None:
    spellings = ["#A", "#a", "#a,", "＃A"]
    posts = [
        {"account": f"u{n}", "time": "09:00:00", column: [one] if column == "tags" else f"so {one} it is"}
        for n, one in enumerate(spellings)
    ]
    assert {name for _, name in objects_of("hashtag", *posts)} == {"#a 2024-03-01"}
    assert len(objects_of("hashtag", *posts)) == len(spellings)
