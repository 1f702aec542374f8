"""The simulator: seeded, in the schema's tables, innocent where it says innocent, planted where planned."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from concerted import schema
from concerted.errors import SettingError
from concerted.simulate import Plan, Simulation, crowd, plant, write_demo

SMALL: dict[str, Any] = {"accounts": 150, "days": 10, "acts": 12.0}


@pytest.fixture(scope="module")
def small() -> Simulation:
    return crowd(3, **SMALL)


def acts(simulation: Simulation, accounts: set[str], kind: str = "reshare") -> dict[str, list[datetime]]:
    """Times of these accounts' acts by parent post."""
    found = defaultdict(list)
    for row in simulation.posts.to_pylist():
        if row["account"] in accounts and row["kind"] == kind:
            found[row["parent"]].append(row["time"])
    return found


def test_rows_are_tables_of_the_schema(small: Simulation) -> None:
    assert schema.check("posts", small.posts).equals(small.posts)
    assert schema.check("accounts", small.accounts).equals(small.accounts)
    assert small.truth.num_rows == 150
    assert small.groups() == {}
    posts = small.posts
    assert pc.count_distinct(posts["post"]).as_py() == posts.num_rows
    assert posts["row"].to_pylist() == list(range(2, posts.num_rows + 2))
    assert set(pc.unique(posts["kind"]).to_pylist()) == {"original", "reshare", "reply"}
    assert set(pc.unique(posts["lang"]).to_pylist()) == {"en", "de", "es", "ar", "he"}


def test_reshares_follow_their_original(small: Simulation) -> None:
    rows = small.posts.to_pylist()
    by_id = {row["post"]: row for row in rows}
    touched = set()
    for row in rows:
        if row["parent"] is None:
            continue
        parent = by_id[row["parent"]]
        assert row["parent_account"] == parent["account"] != row["account"]
        assert row["parent_time"] == parent["time"] < row["time"]
        if row["kind"] == "reshare":
            assert row["text"] == parent["text"]
        assert (row["account"], row["parent"]) not in touched
        touched.add((row["account"], row["parent"]))


def test_same_seed_same_rows_in_another_process(small: Simulation) -> None:
    code = (
        "from concerted.simulate import crowd, plant, Plan; import hashlib;"
        f"s = plant(crowd(3, **{SMALL!r}), Plan(size=5, acts=6));"
        "print(hashlib.sha256(repr(s.posts.to_pylist()).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": n},
        ).stdout
        for n in ("1", "2")
    }
    assert len(seen) == 1
    assert crowd(3, **SMALL).posts.equals(small.posts)
    assert not crowd(4, **SMALL).posts.equals(small.posts)


def test_crowd_has_rhythm_and_unequal_people(small: Simulation) -> None:
    counts = np.array(sorted(pc.value_counts(small.posts["account"]).field("counts").to_pylist()))
    assert counts.max() > 4 * np.median(counts)
    seconds = pc.value_counts(small.posts["time"]).field("counts").to_pylist()
    assert max(seconds) <= 4, "times pile up"
    total = small.posts.num_rows
    assert 0.7 * 12 * 150 < total - 300 < 1.3 * 12 * 150
    hours = np.bincount([time.hour for time in small.posts["time"].to_pylist()], minlength=24)
    assert hours.max() > 1.5 * hours.min()


@pytest.mark.parametrize(
    ("option", "kind"),
    [("fandoms", "fan"), ("influencers", "audience"), ("meetings", "regular"), ("automated", "automated")],
)
def test_innocent_groups_act_at_the_same_time(option: str, kind: str) -> None:
    made = crowd(5, **{**SMALL, option: 1})
    members = {row["account"] for row in made.truth.to_pylist() if row["kind"] == kind}
    assert members
    assert made.groups() == {}
    quick = [(row["time"] - row["parent_time"]).total_seconds() < 60 for row in made.posts.to_pylist()
             if row["kind"] == "reshare" and row["account"] in members]  # fmt: skip
    if kind == "automated":
        assert np.mean(quick) > 0.2
        labels = dict(
            zip(
                made.accounts["account"].to_pylist(), made.accounts["platform_label"].to_pylist(), strict=True
            )
        )
        assert {account for account, label in labels.items() if label} == members


def test_clock_of_minutes() -> None:
    made = crowd(1, **SMALL, clock_s=60)
    assert set(made.posts["resolution_s"].to_pylist()) == {60.0}
    assert {time.second for time in made.posts["time"].to_pylist()} == {0}
    grown = plant(made, Plan(size=4, acts=5))
    assert {time.second for time in grown.posts["time"].to_pylist()} == {0}


@pytest.mark.parametrize(
    ("delay", "low", "high"), [("script", 0, 61), ("loose", 60, 3600), ("slow", 600, 90000)]
)
def test_delays_are_as_planned(small: Simulation, delay: Any, low: float, high: float) -> None:
    made = plant(small, Plan(size=10, acts=12, objects="own", delay=delay, participation=1, camouflage=0))
    spans = [
        (max(times) - min(times)).total_seconds()
        for times in acts(made, set(made.groups()["group-1"])).values()
    ]
    assert len(spans) == 12
    assert low <= np.median(spans) <= high
    if delay == "script":
        assert max(spans) <= 61


def test_copied_texts_say_what_nobody_else_says_and_some_are_edited(small: Simulation) -> None:
    own: dict[str, Any] = {"traces": ("text",), "objects": "own", "camouflage": 0, "size": 8, "acts": 12}
    for edited, several in ((0.0, False), (0.5, True)):
        made = plant(small, Plan(**own, edited=edited))
        members = set(made.groups()["group-1"])
        texts = {True: set[str](), False: set[str]()}
        for row in made.posts.to_pylist():
            texts[row["account"] in members].add(row["text"])
        assert not texts[True] & texts[False]
        assert (len(texts[True]) > 24) == several and len(texts[True]) >= 12


def test_shared_objects_are_shared_with_the_innocent(small: Simulation) -> None:
    made = plant(small, Plan(size=6, acts=8, camouflage=0))
    members = set(made.groups()["group-1"])
    innocent = {row["account"] for row in made.truth.to_pylist() if row["group"] is None}
    theirs, others = acts(made, members), acts(made, innocent)
    assert len(theirs) == 8
    assert all(len(others[parent]) >= 2 for parent in theirs)


def test_own_objects_are_nobody_elses(small: Simulation) -> None:
    made = plant(small, Plan(size=6, acts=8, objects="own", traces=("link", "text"), camouflage=0))
    members = set(made.groups()["group-1"])
    mine: set[str] = set()
    theirs: set[str] = set()
    for row in made.posts.to_pylist():
        # what is written beside a link is nobody's own
        (mine if row["account"] in members else theirs).update(row["urls"] or [row["text"]])
    assert len([url for url in mine if url.startswith("https://group-1.example/")]) == 4
    assert not mine & theirs


@pytest.mark.parametrize("trace", ["reshare", "link", "text", "hashtag", "reply"])
@pytest.mark.parametrize("objects", ["shared", "own"])
def test_every_trace_can_be_planted(small: Simulation, trace: Any, objects: Any) -> None:
    made = plant(small, Plan(size=5, acts=4, traces=(trace,), objects=objects, participation=1, camouflage=0))
    members = set(made.groups()["group-1"])
    rows = [row for row in made.posts.to_pylist() if row["account"] in members]
    assert len(rows) >= 4 * 5 - 2
    kind = trace if trace in ("reshare", "reply") else "original"
    assert {row["kind"] for row in rows} == {kind}
    field = {"link": "urls", "hashtag": "tags", "text": "text"}.get(trace, "parent")
    assert all(row[field] for row in rows)


def test_leader_goes_first(small: Simulation) -> None:
    made = plant(small, Plan(size=6, acts=10, objects="own", leader=True, camouflage=0))
    members = made.groups()["group-1"]
    first = acts(made, {members[0]})
    for parent, times in acts(made, set(members[1:])).items():
        assert first[parent][0] < min(times)


def test_camouflage_is_a_share_of_all_acts(small: Simulation) -> None:
    made = plant(small, Plan(size=6, acts=10, objects="own", participation=1, camouflage=0.5))
    counts = pc.value_counts(made.posts["account"]).to_pylist()
    members = set(made.groups()["group-1"])
    assert {row["counts"] for row in counts if row["values"] in members} == {20}


def test_days_confine_the_joint_acts(small: Simulation) -> None:
    made = plant(small, Plan(size=6, acts=10, objects="own", days=2, camouflage=0))
    members = set(made.groups()["group-1"])
    times = [row["time"] for row in made.posts.to_pylist() if row["account"] in members]
    assert (max(times) - min(times)).total_seconds() <= 2 * 86400 + 60


def test_planting_leaves_the_innocent_as_they_were(small: Simulation) -> None:
    made = plant(plant(small, Plan()), Plan(size=3, objects="own"))
    assert [len(group) for group in made.groups().values()] == [8, 3]
    before = {row["post"]: {**row, "row": 0} for row in small.posts.to_pylist()}
    after = {row["post"]: {**row, "row": 0} for row in made.posts.to_pylist() if row["post"] in before}
    assert after == before


def test_groups_can_be_planted_in_a_real_file(small: Simulation) -> None:
    made = plant(Simulation.of(small.posts, seed=9), Plan(size=5, acts=6))
    assert len(made.groups()["group-1"]) == 5
    assert made.days == small.days or abs(made.days - small.days) <= 2


def test_impossible_plans_are_refused(small: Simulation) -> None:
    with pytest.raises(SettingError, match="size"):
        plant(small, Plan(size=1))
    with pytest.raises(SettingError, match="delay"):
        plant(small, Plan(delay="never"))  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="fewer acts"):
        plant(small, Plan(size=3, acts=5000))
    with pytest.raises(SettingError, match="already"):
        plant(plant(small, Plan(name="twins")), Plan(name="twins"))
    with pytest.raises(SettingError, match="at least 50 accounts"):
        crowd(1, accounts=10)


def test_demo_looks_like_an_export(tmp_path: Path) -> None:
    path = write_demo(tmp_path / "new", seed=1)
    raw = path.read_bytes()
    assert raw == write_demo(tmp_path / "again", seed=1).read_bytes()
    rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    assert 5_000 < len(rows) < 40_000
    assert 300 <= len({row["account_id"] for row in rows}) <= 1000
    assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)
    assert all(row["created_at"].endswith("Z") for row in rows)
    ids = {row["post_id"] for row in rows}
    assert len(ids) == len(rows)
    assert {row["retweet_of_post_id"] for row in rows} <= ids | {""}
    assert any("\u0600" <= letter <= "\u06ff" for row in rows for letter in row["text"])
    urls = [url for row in rows for url in json.loads(row["urls"])]
    assert any("utm_source" in url for url in urls)
    hosts = {url.split("/")[2] for url in urls}
    assert all(host.endswith(".example") for host in hosts)
    for secret in ("boosters-", "copyists-", "web:"):
        assert secret not in raw.decode("utf-8")
