"""The trace stage: which traces run, in which order, with which options, and what it tells."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest
import rows
from conftest import data_dir
from hypothesis import given, settings
from hypothesis import strategies as st

import concerted.traces
from concerted import registry, schema
from concerted.engines import open_engine
from concerted.errors import SettingError, UnknownName
from concerted.settings import plain
from concerted.stages import trace
from concerted.table import Table

LONG = "A sentence long enough to count"
POSTS = (
    {"account": "a", "time": "09:00:00", "text": LONG + " #tag @bob https://example.org/x"},
    {"account": "b", "time": "09:00:10", "text": LONG + " #Tag @Bob http://www.example.org/x/"},
    {"account": "b", "time": "09:00:20", "text": LONG, "kind": "reshare", "parent": "1"},
    {"account": "c", "time": "09:00:30", "text": "no", "kind": "reply", "parent": "1"},
)


def run(posts: Table, **options: Any) -> dict[str, pa.Table]:
    found: dict[str, list[pa.Table]] = {}
    for name, chunk in trace.run({"posts": posts}, trace.Trace(**options)):
        found.setdefault(name, []).append(schema.check(name, chunk))
    return {name: pa.concat_tables(chunks) for name, chunks in found.items()}


def test_without_names_every_trace_the_posts_allow_runs() -> None:
    out = run(rows.posts(*POSTS))
    assert list(dict.fromkeys(out["events"]["trace"].to_pylist())) == [
        "domain",
        "hashtag",
        "link",
        "mention",
        "reply",
        "reshare",
        "text",
    ]
    order = [(e["trace"], e["object"], e["time"], e["account"]) for e in out["events"].to_pylist()]
    assert order == sorted(order) and len(set(order)) == len(order)
    objects = [(o["trace"], o["object"]) for o in out["objects"].to_pylist()]
    assert objects == sorted(objects) and len(set(objects)) == len(objects)
    says = {(row["trace"], row["what"]): row["says"] for row in out["made"].to_pylist()}
    assert says["media", "possible"] == "media is not possible: no post has media"
    assert says["link", "events"] == "2 accounts shared 1 link: 2 events"
    assert says["link", "share of posts"] == (
        "link uses 2 of 4 posts (50%); left out: posts without a link (1); "
        "reshares, which the reshare trace counts (1)"
    )


def test_named_traces_run_once_with_their_options() -> None:
    out = run(rows.posts(*POSTS), traces=("text", "link", "text"), options={"text": {"min_words": 8}})
    assert set(out["events"]["trace"].to_pylist()) == {"link"}
    out = run(
        rows.posts(*POSTS), traces=("text",), options={"text": plain(concerted.traces.Text(min_words=6))}
    )
    assert len(out["events"]) == 2


def test_a_named_trace_that_is_not_possible_is_a_limit() -> None:
    out = run(rows.posts(*POSTS), traces=("media",))
    assert len(out["events"]) == 0
    assert [row["says"] for row in out["made"].to_pylist() if row["limit"]] == [
        "media is not possible: no post has media"
    ]


def test_wrong_names_and_options_are_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'link'"):
        run(rows.posts(*POSTS), traces=("links",))
    with pytest.raises(UnknownName, match="did you mean 'text'"):
        run(rows.posts(*POSTS), options={"texts": {}})
    with pytest.raises(SettingError, match="did you mean 'min_words'"):
        run(rows.posts(*POSTS), options={"text": {"min_word": 3}})
    with pytest.raises(SettingError, match=r"min_words"):
        run(rows.posts(*POSTS), options={"text": {"min_words": -1}})


def test_times_known_to_the_day_make_no_events() -> None:
    coarse = [{**row, "resolution_s": 86400.0, "file": "days.csv"} for row in POSTS]
    out = run(rows.posts(*POSTS, *coarse))
    assert set(out["events"]["post"].to_pylist()) <= {"1", "2", "3", "4"}
    told = [row for row in out["made"].to_pylist() if row["what"] == "posts without time of day"]
    assert [(row["value"], row["limit"]) for row in told] == [(4.0, True)]
    assert told[0]["says"].startswith("days.csv: times of 4 posts are known to the day only")
    left = [row for row in out["ledger"].to_pylist() if row["file"] == "days.csv"]
    assert [row["count"] for row in left] == [4]


def test_no_posts_make_empty_tables() -> None:
    out = run(Table("posts", schema.empty("posts")))
    assert set(out) == set(trace.WRITES)
    assert len(out["events"]) == len(out["objects"]) == len(out["ledger"]) == 0


def test_classes_are_at_hand_by_name() -> None:
    assert concerted.traces.Text(min_words=6).min_words == 6
    assert {"Link", "Text", "LADDER"} <= set(dir(concerted.traces))
    with pytest.raises(AttributeError, match="no attribute 'Texts'"):
        _ = concerted.traces.Texts


def test_text_alone_has_the_rung_of_a_day() -> None:
    for name, member in registry.everything("traces").items():
        assert ((3600, 86400) in member.horizons) == (name == "text")


MISSING = ["", " ", "nan", "None", "null", "NULL", "NA", "absent", "[deleted]", "[removed]", "[]", None]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(MISSING), min_size=2, max_size=4),
    st.sampled_from(["original", "reshare", "reply"]),
)
def test_missing_values_are_never_objects(values: list[str | None], kind: str) -> None:
    made = [
        {
            "account": f"a{number}",
            "time": f"09:00:0{number}",
            "kind": kind,
            "text": value,
            "parent": value,
            "thread": value,
            "parent_account": f"x:{value}" if value else value,
            "urls": [value],
            "tags": [value],
            "mentions": [value],
            "media": [{"id": value, "kind": "image", "hash": value, "hash_kind": "phash"}],
        }
        for number, value in enumerate(values)
    ]
    out = run(rows.posts(*made))
    assert out["events"].to_pylist() == []
    assert out["objects"].to_pylist() == []


def test_repairs_are_counted() -> None:
    out = run(
        rows.posts(
            {"account": "a", "time": "09:00:00", "text": "<U+0935><U+094B><U+091F> " + LONG},
            {"account": "b", "time": "09:00:00", "text": "&amp; " + LONG},
        ),
        traces=("text",),
    )
    assert [row["value"] for row in out["made"].to_pylist() if row["what"] == "repaired texts"] == [1.0]


@pytest.mark.parametrize("said", ["Café à Noël, çà et là", "वोट दें", "NÃO à “guerra”", "Нет войне", "سلام"])
@pytest.mark.parametrize("misread", [False, True])
def test_texts_in_a_wrong_encoding_are_told_and_left_as_they_are(said: str, misread: bool) -> None:
    text = f"{said} {LONG}"
    if misread:
        text = text.encode().decode("cp1252", "ignore")
    both = [{"account": one, "time": "09:00:00", "text": text, "file": "a.csv"} for one in "ab"]
    out = run(rows.posts(*both, {"account": "c", "time": "09:00:00", "text": LONG}), traces=("text",))
    told = [row for row in out["made"].to_pylist() if row["what"] == "misread texts"]
    assert [row["value"] for row in told] == ([2.0] if misread else [])
    assert all(row["limit"] and row["says"].startswith("a.csv: 2 of 2 texts") for row in told)


def test_real_retweets_have_their_parent_as_origin() -> None:
    path = data_dir("conference_tweets") / "posts.parquet"
    raw = duckdb.sql(
        f"""
        select post_id as post, 'x:' || account_id as account, created_at as time, text,
            case when is_retweet then 'reshare' else 'original' end as kind, retweet_of_post_id as parent,
            'x:' || retweet_of_account_id as parent_account, retweet_of_created_at as parent_time,
            urls, hashtags as tags, mentions
        from '{path}'
        """
    ).to_arrow_table()
    steps = pa.array([1.0] * len(raw))
    posts = Table(
        "posts",
        schema.rows("posts", resolution_s=steps, **{name: raw[name] for name in raw.column_names}),
    )
    events, objects, *_ = concerted.traces.Reshare().events(posts, open_engine())
    counted = open_engine().query(
        """
        select count(*) filter (where e.time < o.origin) as early,
            count(*) filter (where e.account = o.origin_account) as own,
            count(*) filter (where o.origin is not null) as known, count(*) as n
        from events e join objects o on o.object = e.object
        """,
        {"events": Table("events", events), "objects": Table("objects", objects)},
    )
    (found,) = counted.to_pylist()
    assert (found["early"], found["own"]) == (0, 0)
    assert found["n"] == len(events) > 4000
    assert found["known"] > 0.8 * found["n"]
