"""Explain: the exact posts behind every tie, and a document that leaves nothing out unsaid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from explained import DAYS, GROUP, T0, explained, table, tables

from concerted import privacy
from concerted.explaining import layers, picture, sentences
from concerted.explaining.context import Bounds
from concerted.explaining.shown import horizon
from concerted.exports.html import render
from concerted.findings import Findings
from concerted.stages.explain import assemble
from concerted.table import Table

SETTINGS: dict[str, Any] = {"weigh": {"fdr": 0.05}}


@pytest.fixture(scope="module")
def case() -> dict[str, Table]:
    return explained(tables())


@pytest.fixture(scope="module")
def document(case: dict[str, Table]) -> Findings:
    return assemble(case, SETTINGS, "1.2", 7)


def of(case: dict[str, Table], **want: Any) -> list[dict[str, Any]]:
    return [row for row in case["evidence"].rows() if all(row[key] == value for key, value in want.items())]


def test_evidence_holds_both_posts_of_every_shared_object(case: dict[str, Table]) -> None:
    rows = of(case, cluster="c1", a="x:ann", b="x:cem", trace="link")
    assert len(rows) == 2 * DAYS
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        assert (first["account"], second["account"]) == ("x:ann", "x:cem")
        assert first["object"] == second["object"] == first["label"]
        assert second["time"] - first["time"] == timedelta(seconds=18)
        assert first["gap_s"] == second["gap_s"] == 18.0
        assert first["success"] is True
        assert first["text"].startswith("see https://n.example/")
        assert first["link"].endswith(first["post"])
    posts = {row["post"]: row for row in case["posts"].rows()}
    assert all(posts[row["post"]]["row"] == row["row"] and row["file"] == "e.csv" for row in rows)


def test_evidence_stops_at_the_horizon_and_knows_the_window(case: dict[str, Table]) -> None:
    rows = of(case, cluster="", a="x:ann", b="x:dan")
    assert {(row["object"], row["gap_s"], row["success"]) for row in rows if row["trace"] == "link"} == {
        ("https://n.example/0", 50.0, True),
        ("https://n.example/1", 1800.0, False),
    }
    assert not [row for row in case["evidence"].rows() if "x:hal" in (row["a"], row["b"])]


def test_evidence_of_a_set_is_that_of_its_strongest_pairs(case: dict[str, Table]) -> None:
    rows = of(case, cluster="k1")
    assert {(row["a"], row["b"], row["gap_s"]) for row in rows} == {("x:fay", "x:gus", 1.0)}


def test_horizons_come_from_the_ladder() -> None:
    assert horizon("link", 60) == 3600
    assert horizon("link", 0) == 30
    assert horizon("no such trace", 600) == 21600
    assert horizon("link", 3600) == 86400


def test_group_is_told_in_words(document: Findings) -> None:
    (group,) = document.groups
    assert [member.account for member in group.accounts] == list(GROUP)
    assert group.accounts[0].handle == "ann_says" and group.accounts[0].q == 1e-6
    assert group.why[0].startswith(
        "3 accounts shared the same 6 links within 60 s of each other on 6 days: 18 occasions"
    )
    assert "over 3 pairs, where chance explains 0.3 (smallest q" in group.why[0]
    assert any("no q for the group as a whole: fewer than 8 active days." in says for says in group.against)
    assert any(says.startswith("⟦x:ann⟧ goes first in 2 of its 2 ties.") for says in group.against)
    assert any("3 of 3 accounts openly declare automation (3 by profile)" in says for says in group.against)
    assert group.first == T0 and group.last == T0 + timedelta(days=DAYS - 1, seconds=18)


def test_only_a_group_that_passes_as_a_whole_has_that_said_for_it() -> None:
    passes, fails = ({"q": q, "q_reason": None} for q in (0.01, 0.36))
    assert sentences.whole([passes], 0.05) == (
        ["Tested as a group on days that did not form it: q = 0.01."],
        [],
    )
    speaks_for, (against,) = sentences.whole([fails], 0.05)
    assert not speaks_for and "it does not pass (q = 0.36)" in against


def test_ties_are_listed_once_per_trace_and_tier(document: Findings) -> None:
    (group,) = document.groups
    assert [(tie.a, tie.b, tie.trace, tie.window_s) for tie in group.ties] == [
        ("x:ann", "x:ben", "link", 60),
        ("x:ann", "x:cem", "link", 60),
        ("x:ben", "x:cem", "link", 60),
        ("x:ann", "x:ben", "domain", 60),
    ]


def test_acts_by_one_post_in_two_traces_are_marked(document: Findings) -> None:
    (group,) = document.groups
    block = next(one for one in group.evidence if (one.a, one.b) == ("x:ann", "x:ben"))
    assert [(act.trace, act.same_post) for act in block.acts[:2]] == [("domain", False), ("link", True)]
    assert [act.also for act in block.acts[:2]] == [["link"], ["domain"]]
    other = next(e for e in document.groups[0].evidence if (e.a, e.b) == ("x:ann", "x:cem"))
    assert all(act.also == [] for act in other.acts)
    assert block.omitted == 0 and len(block.acts) == 2 * DAYS


def test_every_answer_has_its_place(document: Findings) -> None:
    assert [one.account for one in document.alone] == ["x:gus"]
    assert [(one.account, one.because) for one in document.explained] == [("x:dan", "one follows the other")]
    assert [(one.account, one.because) for one in document.unresolved] == [("x:eva", "fewer than 5 days")]
    assert document.explained[0].evidence[0].acts[0].gap_s == 50.0
    (one,) = document.sets
    assert one.answer == "found" and "4.0 times as often" in " ".join(one.why)
    assert any("not found one by one" in says for says in one.against)
    (lead,) = document.leads
    assert lead.accounts == ["x:fay", "x:hal"] and lead.says.startswith("Friends, fans")
    assert "no error rate" in lead.says


def test_limits_say_what_the_file_could_not_show(document: Findings) -> None:
    assert document.limits[0] == document.smallest == "Five accounts would have been found."
    said = " ".join(document.limits)
    assert "One object was too dense." in said
    assert "media: no (no column" in said and "link: all" not in said
    assert "5 of 30 records could not be used" in said
    assert "steps of 60 s" in said
    assert document.made.inputs[0].left_out == {"empty": 3, "no time": 2}
    assert document.made.counts["weigh"] == ["Five accounts would have been found.", "8 accounts were tested"]
    assert document.made.rows["ties"] == 7


def test_timelines_count_acts_and_those_together(document: Findings) -> None:
    line = next(one for one in document.timelines if one.subject == "c1")
    assert sum(line.counts) == 3 * DAYS == sum(line.together)
    assert line.start <= T0 < line.start + timedelta(seconds=line.step_s)
    assert {one.subject for one in document.timelines} == {"c1", "k1"}


@pytest.mark.parametrize(("kind", "subject"), [("cluster", "c1"), ("set", "k1")])
def test_what_signals_say_for_and_against_stands_among_the_reasons(
    case: dict[str, Table], kind: str, subject: str
) -> None:
    said = [
        {
            "subject_kind": kind,
            "subject": subject,
            "signal": "births",
            "value": 0.5,
            "leans": leans,
            "says": says,
        }
        for leans, says in (("for", "Opened at once."), ("against", "A class."), ("none", "Twelve posts."))
    ]
    document = assemble({**case, "notes": table("notes", said)}, SETTINGS, "1.2", 7)
    one = document.groups[0] if kind == "cluster" else document.sets[0]
    assert one.why[-1] == "Opened at once." and "A class." in one.against
    assert not {"A class.", "Twelve posts."} & set(one.why) and "Twelve posts." not in one.against
    report = render(privacy.redact(document))
    for says in ("Opened at once.", "A class.", "Twelve posts."):
        assert report.count(says) == 1, says


def test_bounds_count_what_they_leave_out(case: dict[str, Table]) -> None:
    small = assemble(case, SETTINGS, "1.2", 7, Bounds(ties=1, acts=3, acts_group=3))
    (group,) = small.groups
    assert len(group.ties) == 1 and len(group.layout) == 3
    assert len(group.evidence[0].acts) == 3 and group.evidence[0].omitted == 2 * DAYS - 3
    assert any("1 of its 4 ties are listed" in says for says in small.limits)


def test_same_bytes_whatever_the_order_of_rows(document: Findings) -> None:
    again = assemble(explained(tables(reverse=True)), SETTINGS, "1.2", 7)
    assert again.to_json() == document.to_json()
    assert Findings.from_json(document.to_json()) == document


def test_nothing_found_is_a_document_too() -> None:
    empty = {name: Table(name, ()) for name in tables()}
    found = assemble(explained(empty), {}, "1.2", 7)
    assert not found.groups and not found.alone and not found.sets and not found.limits


def test_layout_is_the_same_for_the_same_seed() -> None:
    names, ties = ["x:c", "x:a", "x:b"], [("x:a", "x:b"), ("x:b", "x:c")]
    first, again = picture.layout(names, ties, 3), picture.layout(names[::-1], ties[::-1], 3)
    assert first == again and [point.account for point in first] == ["x:a", "x:b", "x:c"]
    assert all(0 <= value <= 1 for point in first for value in (point.x, point.y))
    assert picture.layout(["x:a"], [], 3)[0].x == 0.5


def test_timeline_has_few_bars_whatever_the_span() -> None:
    for seconds in (0, 100, 86_400, 40 * 86_400, 3000 * 86_400):
        begun = int(T0.timestamp() * 1e6)
        acts = np.array([begun, begun + seconds * 1_000_000])
        line = picture.timeline("g", acts, acts[:1])
        assert line is not None and len(line.counts) <= 121
        assert sum(line.counts) == 2 and sum(line.together) == 1
        assert line.counts[0] and line.counts[-1]


def test_few_occasions_speak_against() -> None:
    span = {"days": 1, "objects": 2, "first": T0, "last": T0}
    said = " ".join(sentences.occasion(span))
    assert "one day (2021-02-01)" in said and "rests on 2 objects only" in said
    assert sentences.occasion({**span, "days": 9, "objects": 40}) == []


def test_a_group_held_by_several_layers_says_how_far_they_are_the_same_posts(document: Findings) -> None:
    assert [line for line in document.groups[0].why if "layers" in line] == [
        "Held together by 2 layers of traces: of its 3 pairs, link 3, domain 1; 1 by more than one layer. "
        "6 of 18 acts of pairs count in more than one layer by the same two posts: they are one act each, "
        "and the layers are not separate evidence there."
    ]


def test_layers_of_different_posts_are_said_to_be_separate() -> None:
    cells = [{"trace": trace, "a": "x:a", "b": "x:b"} for trace in ("link", "text", "text")]
    assert layers.sentences(cells, {"acts": 12, "shared": 0}) == [
        "Held together by 2 layers of traces: link and text. No two posts count in more than one layer: each "
        "adds posts of its own."
    ]
    assert layers.sentences(cells[1:], {"acts": 12, "shared": 0}) == []
