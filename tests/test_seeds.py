"""Tags that made a collection: told from data by a rule that neither a popular tag nor one account meets."""

from __future__ import annotations

import rows

from concerted.engines import open_engine
from concerted.table import Table
from concerted.traces import Hashtag, Sequence


def left_out(posts: Table) -> list[str]:
    _, _, _, made, *_ = Hashtag().events(posts, open_engine())
    return [row["says"] for row in made.to_pylist() if row["what"] == "seed tags"]


def crowd(*tags: list[str]) -> Table:
    return rows.posts(
        *(
            {"account": f"a{place}", "time": f"09:{place // 60:02d}:{place % 60:02d}", "tags": one}
            for place, one in enumerate(tags)
        )
    )


def test_a_search_by_one_tag_or_another_gives_both() -> None:
    said = left_out(crowd(*[["first", "x"]] * 40, *[["first"]] * 20, *[["second"]] * 20, ["third"]))
    assert len(said) == 1 and said[0].startswith("hashtag: 2 hashtags left out (#first, #second): more than")


def test_a_popular_tag_is_no_seed() -> None:
    assert left_out(crowd(*[["popular"]] * 45, *[["other"]] * 20, *[["third"]] * 35)) == []


def test_half_of_the_posts_by_chance_is_no_seed() -> None:
    assert left_out(crowd(*[["popular"]] * 52, *[[f"t{n}"] for n in range(48)])) == []


def test_posts_without_any_tag_count() -> None:
    assert left_out(crowd(*[["popular"]] * 30, *[[]] * 60)) == []


def test_lists_of_tags_are_told_without_seeds() -> None:
    posts = crowd(*[["seed"]] * 9, *[["seed", "a", "b", "c"]] * 9, ["a", "b", "seed", "c"])
    events, objects, _, made, *_ = Sequence().events(posts, open_engine())
    assert objects["object"].to_pylist() == ["#a #b #c"]
    assert len(events) == 10
    assert any("#seed" in (row["says"] or "") and row["limit"] for row in made.to_pylist())
