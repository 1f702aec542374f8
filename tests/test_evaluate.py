"""Evaluation: figures right on hand-made cases, labels apart, mixtures clean, rules as in their tools."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from conftest import ROOT, data_dir

from concerted import schema
from concerted.cli import main
from concerted.errors import InputError
from concerted.evaluating import Case, Labelled, evaluate, figures, in_words, outcome
from concerted.evaluating.figures import aligned, clopper_pearson, pr_auc, recall_at
from concerted.evaluating.folder import folders, load
from concerted.evaluating.mixing import over
from concerted.evaluating.simulated import ORGANIC, PLANTS, labelled
from concerted.simulate import Plan, crowd, plant
from concerted.simulate.delays import delays

SMALL: dict[str, Any] = {"accounts": 120, "days": 12, "acts": 15.0, "links": 0.0, "replies": 0.0}
RUN = importlib.import_module("concerted.evaluating.evaluate")


@pytest.fixture(scope="module")
def scripted() -> Labelled:
    made = plant(crowd(4, **SMALL), Plan(name="six", size=6, acts=20, participation=0.9, camouflage=0.3))
    return labelled(made)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Modules of bench/quality by name."""
    monkeypatch.syspath_prepend(str(ROOT / "bench" / "quality"))

    def find(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield find


def test_intervals_are_those_of_the_book() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.30850), abs=1e-5)
    assert clopper_pearson(5, 10) == pytest.approx((0.18709, 0.81291), abs=1e-5)
    assert clopper_pearson(10, 10) == pytest.approx((0.69150, 1.0), abs=1e-5)


def test_area_counts_equal_scores_together() -> None:
    score, planted = np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, False, True, False])
    # one of one, then two of three
    assert pr_auc(score, planted) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert pr_auc(np.zeros(4), planted) == pytest.approx(0.5)
    assert pr_auc(score, np.zeros(4, bool)) is None


def test_recall_at_equal_false_alarms() -> None:
    score, planted = aligned(
        ["a", "b", "c", "d", "e"], {"a": 3, "b": 3, "c": 2, "d": 1}, {"a": "x", "c": "x", "e": "x"}
    )
    assert [recall_at(score, planted, honest) for honest in (0, 1, 2)] == [0, 2, 2]
    # who has no score cannot be reached by any threshold
    assert recall_at(score, planted, 5) == 2


def test_a_planted_group_is_found_and_counted(scripted: Labelled) -> None:
    case = Case("six", "simulated", "six", lambda: scripted, "")
    seen = outcome(scripted)
    row = figures(case, seen)
    assert row["planted"] == 6
    assert row["found"] >= 5
    assert row["honest"] == 0
    assert row["groups"]["six"]["accounts"] == 6
    assert row["groups"]["six"]["found"] == row["found"]
    assert row["pr_auc"] > 0.8
    shown = [row["levels"][level]["accounts"][0] for level in ("0.1", "0.05", "0.01", "0.001")]
    assert shown == sorted(shown, reverse=True)
    assert row["levels"]["0.05"]["accounts"] == [row["found"] + row["honest"], row["honest"]]
    answers = seen.standings.filter(pc.equal(seen.standings["answer"], "found"))["account"].to_pylist()
    assert seen.found(0.05) == set(answers), "levels are read from q, which must say what the stage says"
    words = in_words([row])
    assert "six" in words and "nominal 0.05" in words


def test_truth_and_unlabelled_are_kept_apart(scripted: Labelled) -> None:
    members = sorted(scripted.truth)
    half = Labelled(
        scripted.posts, {members[0]: "six"}, scripted.accounts, frozenset(members[1:3]), scripted.traces
    )
    row = figures(Case("half", "simulated", "half", lambda: half, ""), outcome(half))
    assert row["planted"] == 1
    whole = figures(Case("six", "simulated", "six", lambda: scripted, ""), outcome(scripted))
    assert row["accounts"] == whole["accounts"] - 2
    assert row["found"] + row["honest"] >= whole["found"] - 2


def test_what_is_not_posted_yet_is_not_seen(scripted: Labelled) -> None:
    begin = scripted.begin()
    assert begin is not None
    early = scripted.until(begin + timedelta(days=2))
    assert 0 < early.posts.num_rows < scripted.posts.num_rows
    assert pc.max(early.posts["time"]).as_py() < begin + timedelta(days=2)


def write(folder: Path, truth: str) -> Path:
    folder.mkdir(parents=True)
    rows = [f"p{n},a{n % 3},2024-03-0{1 + n // 3}T10:00:0{n % 3}Z,o{n // 3}" for n in range(9)]
    (folder / "posts.csv").write_text(
        "post_id,account_id,created_at,reshare_of\n" + "\n".join(rows) + "\n", "utf-8"
    )
    (folder / "truth.csv").write_text(truth, "utf-8")
    return folder


def test_a_labelled_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", "account_id,group\na0,ring\na1,?\na2,\n")
    known = load(folder)
    assert known.truth == {"web:a0": "ring"}
    assert known.unlabelled == {"web:a1"}
    assert known.posts.num_rows == 9
    assert set(known.posts["parent"].to_pylist()) == {"o0", "o1", "o2"}
    assert [case.name for case in folders(tmp_path)] == ["mine"] == [case.name for case in folders(folder)]


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        ("account,group\na0,x\n", "no column 'account_id'"),
        ("account_id,group\na0,x\na0,y\n", "line 3: .*twice"),
    ],
)
def test_a_wrong_truth_is_refused(tmp_path: Path, truth: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        load(write(tmp_path / "mine", truth))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", str(tmp_path / "nowhere"), "--quiet"]) == 3
    (tmp_path / "empty").mkdir()
    assert main(["evaluate", "--data", str(tmp_path / "empty"), "--quiet"]) == 3
    assert "truth.csv" in capsys.readouterr().err
    write(tmp_path / "data" / "mine", "account_id,group\na0,ring\na1,ring\na2,\n")
    assert main(["evaluate", "--data", str(tmp_path / "data"), "--quiet", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["cases"]
    assert (row["case"], row["planted"], row["found"], row["honest"]) == ("mine", 2, 0, 0)


def test_simulated_crowds_are_measured_where_no_data_are_named(tmp_path: Path) -> None:
    kinds = {case.kind for case in RUN.cases()}
    assert kinds == {"organic", "simulated"}
    write(tmp_path / "mine", "account_id,group\na0,ring\n")
    assert [case.name for case in RUN.cases(tmp_path)] == ["mine"]


def test_every_simulated_case_can_be_made() -> None:
    assert {"plain", "full", "tenth sampled", "clock of a minute"} <= ORGANIC.keys()
    sizes = {plan.size for plans in PLANTS.values() for plan in plans}
    assert min(sizes) == 3 and max(sizes) == 50
    assert {plan.delay for plans in PLANTS.values() for plan in plans} == {
        "script", "loose", "slow", "operator", "sessions",
    }  # fmt: skip


def test_evaluate_runs_what_it_is_given(scripted: Labelled) -> None:
    told: list[tuple[str, int, int | None]] = []
    rows = evaluate(
        progress=lambda *one: told.append(one), chosen=[Case("six", "simulated", "six", lambda: scripted, "")]
    )
    assert [row["case"] for row in rows] == ["six"]
    assert told[-1] == ("evaluate", 1, 1)


def reshares(platform: str, day: datetime, step: float) -> Labelled:
    rows = [
        {
            "post": f"p{n}",
            "account": f"{platform}:a{n % 2}",
            "time": day + timedelta(days=n // 2, seconds=17.5 + n),
            "parent": f"o{n // 2}",
            "parent_time": day + timedelta(days=n // 2),
            "kind": "reshare",
            "resolution_s": step,
        }
        for n in range(6)
    ]
    table = schema.rows("posts", **{name: [row[name] for row in rows] for name in rows[0]})
    return Labelled(table, {f"{platform}:a0": "op"} if platform == "op" else {}, traces=("reshare",))


def test_a_mixture_shares_nothing_but_the_clock() -> None:
    mixed = over(
        reshares("op", datetime(2015, 5, 1, 8, tzinfo=UTC), 60.0),
        reshares("web", datetime(2020, 1, 1, 9, tzinfo=UTC), 1.0),
    )
    assert mixed.truth == {"op:op-a0": "op"}
    assert set(mixed.posts["resolution_s"].to_pylist()) == {60.0}
    times = mixed.posts["time"].to_pylist()
    assert {time.second for time in times} == {0}
    assert times == sorted(times)
    assert {time.year for time in times} <= {2019, 2020}
    moved = [row for row in mixed.posts.to_pylist() if row["account"].startswith("op:")]
    assert {row["time"].hour for row in moved} == {8}, "the hour of the day stays"
    parents: dict[str, set[str]] = {}
    for row in mixed.posts.to_pylist():
        parents.setdefault(row["parent"], set()).add(row["account"].split(":")[0])
    assert all(len(who) == 1 for who in parents.values())


def test_one_operator_goes_from_account_to_account() -> None:
    rng = np.random.default_rng(1)
    signal = datetime(2025, 3, 3, 10, tzinfo=UTC)
    times = np.sort(delays(rng, "operator", 9, signal))
    steps = np.diff(times, prepend=0.0)
    assert steps.min() >= 20 and steps.max() <= 90


def test_people_at_work_wait_for_their_shift() -> None:
    rng = np.random.default_rng(1)
    late = delays(rng, "sessions", 200, datetime(2025, 3, 3, 10, tzinfo=UTC))
    assert late.min() >= 3 * 3600, "the next shift begins at 13 o'clock"
    assert np.median(late) < 4 * 3600
    night = delays(rng, "sessions", 200, datetime(2025, 3, 3, 20, tzinfo=UTC))
    assert night.min() >= 13 * 3600


def test_live_events_feeds_and_samples() -> None:
    shown = crowd(2, **SMALL, events=2)
    quick = [
        (row["time"] - row["parent_time"]).total_seconds() < 300
        for row in shown.posts.to_pylist()
        if row["kind"] == "reshare"
    ]
    plain = crowd(2, **SMALL)
    calm = [
        (row["time"] - row["parent_time"]).total_seconds() < 300
        for row in plain.posts.to_pylist()
        if row["kind"] == "reshare"
    ]
    assert sum(quick) > sum(calm) + 100
    fed = crowd(2, **SMALL, scheduled=3)
    machines = {row["account"] for row in fed.truth.to_pylist() if row["kind"] == "scheduled"}
    assert len(machines) == 3
    on_time = [
        row["time"].minute % 5 == 0 and row["time"].second == 0
        for row in fed.posts.to_pylist()
        if row["account"] in machines and row["kind"] == "reshare"
    ]
    assert np.mean(on_time) > 0.3
    half = plain.sampled(0.5)
    assert 0.45 < half.posts.num_rows / plain.posts.num_rows < 0.55
    assert half.posts.equals(plain.sampled(0.5).posts)


def test_rules_of_others_on_a_hand_made_file(bench: Any) -> None:
    peers = bench("peers")
    rows = [("o1", "a", 0), ("o1", "b", 5), ("o1", "c", 100), ("o2", "a", 0), ("o2", "b", 8), ("o3", "c", 0)]
    day = datetime(2024, 1, 1, tzinfo=UTC)
    events = schema.rows(
        "events",
        trace=["link"] * 6,
        account=[who for _, who, _ in rows],
        object=[what for what, _, _ in rows],
        time=[day + timedelta(seconds=when) for _, _, when in rows],
        resolution_s=[1.0] * 6,
    )
    assert peers.coortweet(10)(events) == {"a": 2.0, "b": 2.0}
    assert peers.coortweet(5)(events) == {}
    assert peers.qut(60)(events) == {"a": 2.0, "b": 2.0}
    assert peers.tfidf(events) == {}, "accounts of fewer than 10 acts have no vector"


def test_coortweet_edges_are_those_of_the_tool(bench: Any) -> None:
    data = data_dir("coortweet_russian").parent
    for row in bench("reference").agreement(data):
        assert row["there"] - row["here"] in (0, 1), row
        assert row["edges"] == row["weights"] == row["here"], row


def test_flips_are_told(bench: Any) -> None:
    run = bench("run")
    was = {
        "x": {
            "honest": 0,
            "honest in sets": 0,
            "groups": {"g": {"accounts": 4, "found": 4, "found or in sets": 4}},
        }
    }
    now = json.loads(json.dumps(was))
    assert run.compare(was, now) == []
    now["x"]["honest"] = 2
    now["x"]["groups"]["g"]["found"] = 1
    assert run.compare(was, now) == ["x: honest accounts 0 -> 2", "x: g: found 4 -> 1"]


def test_a_switch_leaves_no_trace(bench: Any) -> None:
    ablation = bench("ablation")
    from concerted.nulls import exclusive, trigger

    before = (trigger.leaders, exclusive.DAYS)
    for patches in ablation.SWITCHES.values():
        with ablation._switched(patches):
            pass
    assert (trigger.leaders, exclusive.DAYS) == before


@pytest.mark.slow
def test_frozen_results_hold() -> None:
    """Where a change flips a case: look whether it is better, then run.py --small --freeze."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "quality" / "run.py"), "--small"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
