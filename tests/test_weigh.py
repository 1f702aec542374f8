"""weigh: families and budgets, false discovery rates, answers, and the same bytes whatever the order."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import rows
import yaml
from timed import DAY, Row, answers, crowd, events, joined, named, paired, ran, weighed

from concerted import settings
from concerted.errors import SettingError
from concerted.nulls import density
from concerted.nulls.cells import cells
from concerted.nulls.multiplicity import benjamini_hochberg
from concerted.stages import pair, trace, weigh
from concerted.table import Table

TIES = yaml.safe_load((Path(__file__).parent / "cases" / "ties.yml").read_text("utf-8"))


def innocent(seed: int, accounts: int = 150) -> list[Row]:
    return named(*crowd(seed, accounts=accounts, objects=150, each=25))


def planted(seed: int, size: int = 6, objects: int = 10) -> list[Row]:
    """Six accounts that come within 50 s, in no order, on objects of the crowd, each on a day of its own."""
    rng = random.Random(seed)
    touched = innocent(seed)
    sharers = Counter(object_ for _, object_, _ in touched)
    by_day: dict[int, list[Row]] = defaultdict(list)
    for row in touched:
        if 10 <= sharers[row[1]] <= 80:
            by_day[int(row[2] // DAY)].append(row)
    for day in sorted(by_day)[:objects]:
        _, object_, at = rng.choice(by_day[day])
        touched += [(f"x:g{n}", object_, float(at // 1 + rng.randrange(50))) for n in range(size)]
    return touched


GROUP = {f"x:g{n}" for n in range(6)}


@pytest.fixture(scope="module")
def plant() -> dict[str, Table]:
    return weighed(events(planted(1)))


def test_planted_accounts_are_found_with_their_ties_and_nobody_else(plant: dict[str, Table]) -> None:
    assert answers(plant, "found") == GROUP
    ties = [row for row in plant["ties"].rows() if row["answer"] == "found"]
    assert {(row["a"], row["b"]) for row in ties} <= set(combinations(sorted(GROUP), 2))
    assert len({(row["a"], row["b"]) for row in ties}) >= 12
    assert all(row["q"] <= 0.05 and row["p"] <= 0.01 and row["because"] is None for row in ties)


@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_nobody_is_found_in_an_innocent_crowd(seed: int) -> None:
    result = weighed(events(innocent(seed)))
    assert len(result["standings"]) > 100
    assert not answers(result, "found")
    assert not answers(result, "explained")


def partners(listed: list[dict[str, Any]], horizon: float) -> dict[str, set[str]]:
    """Accounts that share at least two objects within the horizon, in plain Python."""
    objects: dict[str, list[tuple[Any, str]]] = defaultdict(list)
    for row in listed:
        objects[row["object"]].append((row["time"], row["account"]))
    met: Counter[tuple[str, str]] = Counter()
    for mine in objects.values():
        for (early, one), (late, other) in combinations(sorted(mine), 2):
            if (late - early).total_seconds() <= horizon:
                met[min(one, other), max(one, other)] += 1
    found: dict[str, set[str]] = defaultdict(set)
    for (one, other), count in met.items():
        if count >= 2:
            found[one].add(other)
            found[other].add(one)
    return found


def test_family_and_budget_are_known_from_what_not_from_when(plant: dict[str, Table]) -> None:
    listed = plant["events"].rows()
    horizon = {10: 600, 60: 3600, 600: 21600, 0: 30}
    wide = partners(listed, 21600)
    families = {window: partners(listed, reach) for window, reach in horizon.items()}
    rows_ = plant["standings"].rows()
    assert {row["account"] for row in rows_} == set(wide)
    for row in rows_:
        # three rungs of two tiers, and the same second
        assert row["k"] == 7
        if row["window_s"] is not None:
            assert row["family"] == len(families[row["window_s"]][row["account"]])


def test_every_tested_pair_is_in_the_family_that_is_paid_for() -> None:
    """A pair that met once within a rung's horizon is not paid for there, so it must not be tested there."""
    touched: list[Row] = []
    for n in range(30):
        # x:hub meets each of thirty within the hour twice, within ten minutes once
        at = n * DAY / 2
        touched += [("x:hub", f"a{n}", at), (f"x:p{n}", f"a{n}", at + 3)]
        touched += [("x:hub", f"b{n}", at + 9000), (f"x:p{n}", f"b{n}", at + 9000 + 2000)]
        touched += [(f"x:c{m}", f"{o}{n}", at + 4000 * (m + 1)) for o in "ab" for m in range(4)]
    before = paired(events(touched, trace="text"))
    listed = before["events"].rows()
    names, coded = pair.logs(before)
    a, b = (np.asarray(pc.index_in(before["pairs"].to_arrow()[c].combine_chunks(), names)) for c in "ab")
    a, b = np.unique(np.stack([a, b]), axis=1).astype(np.int64)
    rungs = pair.ladder("text", coded["text"].log)
    tested = 0
    for cell in cells(coded["text"].log, a, b, rungs, len(names), 1, None):
        family = partners(listed, dict(rungs).get(cell.window, 30))
        for one, other, both in zip(a, b, cell.tested.both, strict=True):
            if both:
                tested += 1
                assert names[other].as_py() in family[names[one].as_py()], (cell.tier, cell.window)
    assert tested > 30


def test_q_of_accounts_is_benjamini_hochberg_over_all_that_are_tested(plant: dict[str, Table]) -> None:
    table = plant["standings"].to_arrow()
    p, q = table["p"].to_numpy(), table["q"].to_numpy()
    assert q == pytest.approx(benjamini_hochberg(p), rel=1e-10)
    assert table["account"].to_pylist() == sorted(table["account"].to_pylist())
    for row in plant["standings"].rows():
        assert (row["answer"] == "found") == (row["q"] <= 0.05)
        assert row["p"] >= row["p_before"]


def test_p_of_an_account_is_simes_times_its_budget(plant: dict[str, Table]) -> None:
    """The ties written hold every p of at most .01: enough to work the smallest out again."""
    ties = plant["ties"].rows()
    for account in sorted(GROUP):
        cells: dict[tuple[str, int], list[float]] = defaultdict(list)
        for row in ties:
            if account in (row["a"], row["b"]):
                cells[row["tier"], row["window_s"]].append(row["p"])
        mine = next(row for row in plant["standings"].rows() if row["account"] == account)
        best = sorted(cells[mine["tier"], mine["window_s"]])
        whole = min(p * mine["family"] / rank for rank, p in enumerate(best, start=1))
        assert mine["p"] == pytest.approx(whole * mine["k"], rel=1e-9)


def test_a_trace_more_is_a_trace_to_pay_for() -> None:
    touched = planted(1)
    one = weighed(events(touched))
    two = weighed(joined(events(touched), events(innocent(9), trace="reshare")))
    k = {row["account"]: row["k"] for row in two["standings"].rows()}
    p = {row["account"]: row["p"] for row in one["standings"].rows()}
    assert {k[account] for account in GROUP} == {7}, "they are in one trace only"
    assert {k[row["account"]] for row in one["standings"].rows()} == {7, 14}
    for row in two["standings"].rows():
        if row["account"] in GROUP:
            assert row["p"] == pytest.approx(p[row["account"]], rel=1e-9), "a tie asks no other trace"
    both = weighed(joined(events(touched), events(touched, trace="reshare")))
    for row in both["standings"].rows():
        assert row["p"] == pytest.approx(min(1, 2 * p[row["account"]]), rel=1e-9)


def test_a_stricter_rate_finds_no_more(plant: dict[str, Table]) -> None:
    q = sorted(row["q"] for row in plant["standings"].rows() if row["answer"] == "found")
    loose, strict = (ran(weigh, plant, fdr=fdr) for fdr in (0.9, q[0] / 2))
    assert answers(strict, "found") < answers(plant, "found") <= answers(loose, "found")
    p = [table["standings"].to_arrow()["p"].to_pylist() for table in (plant, loose, strict)]
    assert p[0] == p[1] == p[2]


@pytest.mark.parametrize("fdr", [0, 1, -0.1, "much"])
def test_a_rate_is_between_nought_and_one(fdr: object) -> None:
    with pytest.raises(SettingError, match="fdr"):
        settings.build(weigh.Config, {"fdr": fdr})


def test_touches_hold_what_the_ties_count(plant: dict[str, Table]) -> None:
    key = ("trace", "tier", "a", "b", "window_s")
    episodes: dict[tuple[Any, ...], dict[int, list[tuple[float, bool]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in plant["touches"].rows():
        episodes[tuple(row[c] for c in key)][row["block"]].append((row["chance"], row["success"]))
    checked = 0
    for row in plant["ties"].rows():
        blocks = episodes.get(tuple(row[c] for c in key))
        if row["answer"] != "found" or not blocks:
            continue
        checked += 1
        assert len(blocks) == row["both"]
        assert sum(any(success for _, success in acts) for acts in blocks.values()) == row["together"]
        chance = [1 - np.prod([1 - q for q, _ in acts]) for acts in blocks.values()]
        assert sum(chance) == pytest.approx(row["expected"], rel=1e-6)
    assert checked > 10


def test_halves_are_of_the_days_and_of_the_seed(plant: dict[str, Table]) -> None:
    other = ran(weigh, plant, seed=2)
    columns = ["a", "b", "tier", "window_s"]
    for name in ("p", "q"):
        merged = [
            table["ties"].to_arrow().filter(_found(table)).select([*columns, name])
            for table in (plant, other)
        ]
        assert merged[0].equals(merged[1]), "the seed moves halves only"
    assert plant["ties"].to_arrow()["p_odd"].to_pylist() != other["ties"].to_arrow()["p_odd"].to_pylist()
    short = weighed(events([(a, o, t % (7 * DAY)) for a, o, t in planted(1)]))
    assert set(short["ties"].to_arrow()["p_odd"].to_pylist()) <= {1.0}


def _found(table: dict[str, Table]) -> pa.Array:
    return pa.array([row["answer"] == "found" for row in table["ties"].rows()])


def test_many_partners_are_bounded_where_counting_is_too_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    touched = innocent(3, accounts=60)
    exact = weighed(events(touched))
    monkeypatch.setattr(density, "FREE", 100)
    monkeypatch.setattr(density, "LEAST", 10_000)
    bound = weighed(events(touched))
    for one, other in zip(exact["standings"].rows(), bound["standings"].rows(), strict=True):
        assert one["account"] == other["account"]
        if one["window_s"] == other["window_s"] is not None:
            assert other["family"] >= one["family"]
        assert other["p"] >= one["p"] * (1 - 1e-9)
    assert any(row["what"].startswith("bound link") and row["limit"] for row in bound["made"].rows())


@pytest.mark.parametrize("touched", [[], [("x:a", "o", 1.0)], [("x:a", "o", 1.0), ("x:b", "o", 2.0)]])
def test_too_little_to_weigh(touched: list[Row]) -> None:
    result = weighed(events(touched))
    assert not len(result["ties"])
    assert not len(result["standings"])
    said = {row["what"]: row["says"] for row in result["made"].rows()}
    why = "No account shares two objects with another" if touched else "No trace could use a post"
    assert said["smallest group"].startswith(why)


def test_what_would_have_been_found_is_said_and_true(plant: dict[str, Table]) -> None:
    said = next(row["says"] for row in plant["made"].rows() if row["what"] == "smallest group")
    assert "within a minute" in said
    first = said.partition("within a minute")[2].partition(";")[0]
    needed = {int(size): int(objects) for objects, size in re.findall(r"(\d+) for (\d+) accounts", first)}
    assert list(needed) == [3, 5, 10, 30]
    assert all(2 <= objects <= 200 for objects in needed.values())
    # ten joint acts sufficed for the six
    assert needed[5] <= 10


@pytest.mark.parametrize("case", [pytest.param(case, id=case["says"]) for case in TIES])
def test_case(case: dict[str, Any]) -> None:
    result = weighed(ran(trace, {"posts": rows.posts(*case["posts"])}, traces=(case["trace"],)))
    columns = ("a", "b", "tier", "window_s", "both", "together", "answer")
    told = [[row[c] for c in columns] for row in result["ties"].rows()]
    assert told == [[f"x:{a}", f"x:{b}", *rest] for a, b, *rest in case["ties"]]
    for answer in ("found", "explained", "unresolved"):
        assert answers(result, answer) == {f"x:{account}" for account in case.get(answer, [])}
