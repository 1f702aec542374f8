"""The whole way, from an export to a report: a simulated crowd, and small real sets where they are."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import data_dir

import concerted as co
from concerted.findings import Findings
from concerted.simulate import write_demo
from concerted.simulate.demo import demo

REAL = {
    "us_congress_2016": ["posts.parquet"],
    "thailand_rta_2020": ["raw/*tweets*.csv", "raw/*users*.csv"],
    "africa_ira_2019": ["raw/RNA_0621_tweets_csv_hashed_2017.csv", "raw/RNA_0621_users_csv_hashed.csv"],
}


def balanced(found: Findings) -> None:
    """Every record is a post, a profile or left out for a reason; traces only say which made no event."""
    for one in found.made.inputs:
        assert one.records == one.posts + one.accounts + sum(one.left_out.values()), one.file
        for trace, reasons in one.no_event.items():
            assert all(count > 0 for count in reasons.values()), (trace, reasons)
            assert not set(one.left_out) & set(reasons)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def case(export: Path) -> Path:
    folder = export.parent / "case"
    co.detect(export, into=folder)
    return folder


@pytest.fixture(scope="module")
def found(case: Path) -> Findings:
    return Findings.from_json(case / "findings.json")


def test_the_demo_shows_each_kind_of_group_and_accuses_no_one_else(export: Path, found: Findings) -> None:
    made = demo()
    with export.open(encoding="utf-8", newline="") as file:
        theirs = [row["account_id"] for row in csv.DictReader(file)]
    name = dict(zip(made.posts["account"].to_pylist(), theirs, strict=True))
    planted = {group: {name[one] for one in members} for group, members in made.groups().items()}
    groups = {frozenset(one.account_id for one in group.accounts): group for group in found.groups}
    assert groups.keys() == {frozenset(members) for members in planted.values()}
    assert not found.alone
    for kind, trace in {"boosters": "reshare", "copyists": "text", "linkers": "link"}.items():
        assert trace in groups[frozenset(planted[kind])].traces
    newsroom = groups[frozenset(planted["newsroom"])]
    assert any("newsroom.example" in sentence for sentence in newsroom.against)
    assert any("wordings" in sentence for sentence in groups[frozenset(planted["copyists"])].why)
    assert found.explained


def test_nothing_read_is_lost_from_sight(found: Findings) -> None:
    balanced(found)
    assert any(one.no_event for one in found.made.inputs)


def test_every_act_shown_stands_in_the_export_where_it_says(export: Path, found: Findings) -> None:
    lines = export.read_text("utf-8").split("\n")
    acts = [
        act
        for group in found.groups
        for pair in group.evidence
        for both in pair.acts
        for act in (both.first, both.second)
    ]
    assert len(acts) > 20
    for act in acts:
        assert act.file == export.name and act.row is not None
        assert act.post in lines[act.row - 1] or act.post.endswith(f"#{act.row}")


def test_counted_acts_come_first_and_keep_to_the_window(found: Findings) -> None:
    for group in found.groups:
        widest = max(tie.window_s for tie in group.ties)
        for pair in group.evidence:
            flags = [act.counted for act in pair.acts]
            assert flags == sorted(flags, reverse=True)
            assert all(act.gap_s <= max(widest, 1) for act in pair.acts if act.counted)


def test_report_shows_traces_reasons_and_no_names(case: Path, found: Findings) -> None:
    text = (case / "report.html").read_text("utf-8")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    for place, group in enumerate(found.groups, 1):
        assert f"Group {place}: {len(group.accounts)} accounts" in plain
        assert all(f'<span class="badge">{trace}</span>' in text for trace in group.traces)
    assert "that made no event, by trace" in plain
    assert "no more than" in plain and "What a finding does not prove" in plain
    for group in found.groups:
        for member in group.accounts:
            assert member.account not in text
            assert not member.handle or member.handle not in text
    headings = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert headings[0] == 1 and all(b - a <= 1 for a, b in pairwise(headings))
    assert text.count("<table") == text.count("<caption>")
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        # what it shows in words is inside it, or its caption
        told = re.findall(r'aria-(?:labelledby|describedby)="(.*?)"', drawing)
        names = " ".join(told).split()
        assert "<title" in drawing and len(names) == 2 and all(f'id="{name}"' in text for name in names)


def test_same_export_same_bytes(export: Path, case: Path, tmp_path: Path) -> None:
    co.detect(export, into=tmp_path / "again")
    for name in ("findings.json", "report.html"):
        assert (tmp_path / "again" / name).read_bytes() == (case / name).read_bytes()


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_sets_go_all_the_way(name: str, tmp_path: Path) -> None:
    folder = data_dir(name)
    files = [path for pattern in REAL[name] for path in sorted(folder.glob(pattern))]
    found = co.detect(*files, into=tmp_path / "case")
    balanced(found)
    assert found.smallest and found.smallest in found.limits
    posts = sum(
        pq.read_metadata(path).num_rows for path in sorted((tmp_path / "case/tables/posts").glob("*.parquet"))
    )
    assert posts == sum(one.posts for one in found.made.inputs) > 0
    report = (tmp_path / "case" / "report.html").read_text("utf-8")
    assert ("Nothing here." in report) == (not found.groups and not found.alone)
    if name == "us_congress_2016":
        assert not found.groups and not found.alone
        assert not [one for one in found.sets if one.answer == "found"]
