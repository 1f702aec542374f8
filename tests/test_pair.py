"""pair, against a brute force in plain Python, and the defects of other tools it must not have."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import rows
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cases import CASES
from timed import DAY, Row, events, joined, paired, ran

from concerted import registry
from concerted.engines.duckdb import DuckDB
from concerted.nulls import coactions, density
from concerted.stages import pair, trace
from concerted.table import Table

PAIRS = [case for case in CASES if str(case.id).startswith("pairs: ")]
Found = dict[tuple[str, str], int]


def by_brute_force(listed: list[dict[str, Any]], window: int) -> Found:
    """(a, b) -> distinct objects within the window, under the rule of crowded moments."""
    objects: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for number, row in enumerate(listed):
        objects[row["object"]].append((round(row["time"].timestamp() * 1e6), row["account"], number))
    reach = window * 1_000_000
    others = {
        number: sum(abs(time - other) <= reach for other, _, _ in mine) - 1
        for mine in objects.values()
        for time, _, number in mine
    }
    usable = {number for number, row in enumerate(listed) if row["resolution_s"] <= window}
    counts = sorted(others[number] for number in usable)
    most = max(counts, default=0)
    if sum(counts) > 2 * density.FREE:
        fits = [
            d for d in set(counts) if sum(c for c in counts if c <= d) <= 2 * density.PER_EVENT * len(counts)
        ]
        most = max(density.LEAST, *fits, 0)
    met: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, mine in objects.items():
        for one, other in combinations(sorted(mine), 2):
            numbers = {one[2], other[2]}
            if other[0] - one[0] <= reach and numbers <= usable and max(others[n] for n in numbers) <= most:
                a, b = sorted((one[1], other[1]))
                met[a, b].add(name)
    return {key: len(names) for key, names in met.items() if len(names) >= 2}


def found(tables: dict[str, Table], window: int) -> Found:
    result = {}
    for row in tables["pairs"].rows():
        if row["window_s"] == window:
            assert (row["a"], row["b"]) not in result, "a pair comes once"
            result[row["a"], row["b"]] = row["together"]
    return result


@st.composite
def some_events(draw: st.DrawFn) -> dict[str, Table]:
    """A few objects, one of them heavy; ties in time; a clock of milliseconds, seconds or minutes."""
    unit = draw(st.sampled_from([0.001, 1.0, 60.0]))
    top = draw(st.sampled_from([2, 30, 900]))
    accounts = [f"x:{name}" for name in draw(st.permutations("abCdÉfß09"))]
    touched = []
    for number in range(draw(st.integers(1, 5))):
        size = len(accounts) if number == 0 else draw(st.integers(0, len(accounts)))
        start = draw(st.integers(-top, top))
        touched += [
            (account, f"o{number}", (start + draw(st.integers(0, top))) * unit) for account in accounts[:size]
        ]
    return events(touched, step=max(unit, draw(st.sampled_from([0.001, 1.0, 60.0]))))


@settings(max_examples=60, deadline=None)
@given(some_events(), st.booleans())
def test_pairs_are_those_of_brute_force(tables: dict[str, Table], crowded: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if crowded:
            patch.setattr(density, "FREE", 6)
            patch.setattr(density, "PER_EVENT", 1)
            patch.setattr(density, "LEAST", 2)
        result = paired(tables)
        listed = tables["events"].rows()
        rungs = [w for w, _ in registry.find("traces", "link").horizons if w >= listed[0]["resolution_s"]]
        assert {row["window_s"] for row in result["pairs"].rows()} <= set(rungs)
        for window in rungs:
            assert found(result, window) == by_brute_force(listed, window)
    for row in result["pairs"].rows():
        assert row["a"] < row["b"], "no self pairs, and (a, b) never beside (b, a)"


def test_crowded_moments_are_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FREE", 30), ("PER_EVENT", 2), ("LEAST", 3)):
        monkeypatch.setattr(density, name, value)
    crowd: list[Row] = [
        (f"x:{n:02d}", o, at + n / 4) for n in range(20) for o, at in (("viral", 0), ("again", 9000))
    ]
    calm: list[Row] = [
        (account, o, at) for account in ("x:a", "x:b") for o, at in (("viral", 5000), ("quiet", 7000))
    ]
    result = paired(events(crowd + calm, step=0.25))
    assert set(found(result, 10)) == {("x:a", "x:b")}
    told = {row["what"]: row for row in result["made"].rows() if row["limit"]}
    assert told["density 10"]["value"] == 3
    assert "90.9% of the events are left out" in told["density 10"]["says"]
    assert set(by_brute_force(result["events"].rows(), 10)) == {("x:a", "x:b")}


def test_no_limit_is_set_where_all_pairs_fit() -> None:
    crowd = [(f"x:{n:03d}", o, n / 50) for n in range(120) for o in ("viral", "again")]
    result = paired(events(crowd))
    assert len(found(result, 10)) == 120 * 119 // 2
    assert not [row for row in result["made"].rows() if row["limit"]]


def test_parts_of_the_accounts_and_longer_numbers_give_the_same_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    touched = [(f"x:{a}", f"o{o}", float(rng.integers(0, 90))) for a in range(12) for o in range(8)]
    whole = paired(events(touched))["pairs"].to_arrow()
    assert whole.num_rows
    for name, value in (("CHUNK", 40), ("SHORT", 0)):
        monkeypatch.setattr(coactions, name, value)
        assert paired(events(touched))["pairs"].to_arrow().equals(whole)


@given(st.lists(st.integers(0, 2**40) | st.integers(0, 9), max_size=200), st.integers(1, 24))
def test_what_comes_again_is_counted_however_small_the_table(keys: list[int], bits: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coactions, "MOST_BITS", bits)
        for given_keys in (np.array(keys, np.uint64), np.array(keys, np.uint64).astype(np.uint32)):
            found, times = coactions.again(given_keys)
            counted = sorted((key, n) for key, n in Counter(given_keys.tolist()).items() if n > 1)
            assert list(zip(found.tolist(), times.tolist(), strict=True)) == counted


@settings(deadline=None)
@given(some_events(), st.randoms())
def test_events_that_take_no_part_might_as_well_not_be_there(
    tables: dict[str, Table], chance: random.Random
) -> None:
    coded = pair.log_of(tables, "link")
    assert len(coded.log.time)
    part = np.array([chance.random() < 0.7 for _ in coded.log.time], bool)
    one = coactions.count(coded.log, 60, len(coded.names), part)
    other = coactions.count(coded.log.keep(part), 60, len(coded.names))
    for name in ("a", "b", "together"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


class Spreading(DuckDB):
    """An engine that hands whole objects to the kernel, three rows at a time."""

    spreads = True

    def sweep(self, *args: Any, **more: Any) -> Iterator[pa.RecordBatch]:
        return super().sweep(*args, **more, rows=3)


@settings(max_examples=30, deadline=None)
@given(some_events(), st.booleans())
def test_engines_that_spread_the_rows_give_the_same_pairs(tables: dict[str, Table], crowded: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if crowded:
            for name, value in (("FREE", 6), ("PER_EVENT", 1), ("LEAST", 2)):
                patch.setattr(density, name, value)
        apart = ran(pair, tables, engine=Spreading())
        here = ran(pair, tables)
    assert all(apart[name].to_arrow().equals(here[name].to_arrow()) for name in pair.WRITES)


def test_5_two_acts_either_side_of_any_bin_edge_are_a_pair() -> None:
    """A second apart across a minute, an hour and midnight."""
    for edge in (60, 3600, DAY):
        touched = [(a, o, day * DAY + edge - 1 + late) for o, day in (("o1", 0), ("o2", 3))
                   for a, late in (("x:a", 0), ("x:b", 1))]  # fmt: skip
        assert set(found(paired(events(touched)), 10)) == {("x:a", "x:b")}


def test_the_window_is_inclusive() -> None:
    def pairs(gap: float) -> Found:
        touched = [(a, o, late) for o in ("o1", "o2") for a, late in (("x:a", 0.0), ("x:b", gap))]
        return found(paired(events(touched, step=0.001)), 10)

    assert set(pairs(10)) == {("x:a", "x:b")}
    assert not pairs(10.001)


def test_6_weights_count_distinct_objects_however_often_an_account_posts() -> None:
    posts = [
        {"account": a, "time": f"09:00:{second:02d}", "urls": [f"https://example.org/{page}"]}
        for page in "xy"
        for a, seconds in (("a", range(0, 40)), ("b", range(0, 40, 2)))
        for second in seconds
    ]
    result = paired(ran(trace, {"posts": rows.posts(*posts)}, traces=("link",)))
    assert [(row["together"], row["window_s"]) for row in result["pairs"].rows()] == [
        (2, w) for w in (10, 60, 600)
    ]


def test_7_no_account_pairs_with_itself() -> None:
    touched = [("x:a", o, late) for o in ("o1", "o2", "o3") for late in (0, 1, 2)]
    assert not len(paired(events([*touched, ("x:b", "o1", 5000.0)]))["pairs"])


def test_12_a_day_and_five_seconds_are_not_five_seconds() -> None:
    touched = [(a, o, late) for o in ("o1", "o2", "o3") for a, late in (("x:a", 0), ("x:b", DAY + 5))]
    assert not len(paired(events(touched))["pairs"])


def test_13_who_goes_first_makes_no_other_pair() -> None:
    touched: list[Row] = []
    for number in range(6):
        first, second = ("x:a", "x:b") if number % 2 else ("x:b", "x:a")
        touched += [(first, f"o{number}", number * 9000), (second, f"o{number}", number * 9000 + 4)]
    assert found(paired(events(touched)), 10).keys() == {("x:a", "x:b")}
    assert found(paired(events(touched)), 10)["x:a", "x:b"] == 6


def test_traces_are_counted_apart() -> None:
    touched = [(a, o, 0.0) for o in ("o1", "o2") for a in ("x:a", "x:b")]
    result = paired(
        joined(events(touched), events(touched, trace="reshare"), events(touched[:2], trace="reply"))
    )
    counted = {(row["trace"], row["window_s"]): row["together"] for row in result["pairs"].rows()}
    assert counted == {(name, w): 2 for name in ("link", "reshare") for w in (10, 60, 600)}


def test_rungs_finer_than_the_clock_are_left_out_and_mixed_clocks_said() -> None:
    touched = [(a, o, 0.0) for o in ("o1", "o2") for a in ("x:a", "x:b")]
    assert {row["window_s"] for row in paired(events(touched, step=60))["pairs"].rows()} == {60, 600}
    coarse = events([(a, f"{o}-m", 0.0) for a, o, _ in touched], step=60)
    result = paired(joined(events(touched), coarse))
    assert found(result, 10)["x:a", "x:b"] == 2
    assert found(result, 60)["x:a", "x:b"] == 4
    told = {row["what"]: row["value"] for row in result["made"].rows() if row["limit"]}
    assert told == {"coarse 10": 0.5}


def test_order_of_rows_changes_no_byte() -> None:
    rng = random.Random(4)
    touched = [(f"x:{a}", f"o{o}", float(rng.randrange(200))) for a in range(15) for o in range(10)]
    tables = events(touched)
    whole = ran(pair, tables)
    for _ in range(3):
        mixed = {
            name: Table(name, one.to_arrow().take(rng.sample(range(len(one)), len(one))))
            for name, one in tables.items()
        }
        again = ran(pair, mixed)
        assert all(again[name].to_arrow().equals(whole[name].to_arrow()) for name in pair.WRITES)


def test_nothing_in_gives_empty_tables() -> None:
    for touched in ([], [("x:a", "o1", 0.0)], [("x:a", "o1", 0.0), ("x:b", "o2", 0.0)]):
        result = paired(events(touched))
        assert not len(result["pairs"])
        assert not [row for row in result["made"].rows() if row["value"]]


@pytest.mark.parametrize("case", PAIRS)
def test_case(case: dict[str, Any]) -> None:
    result = paired(ran(trace, {"posts": rows.posts(*case["posts"])}, traces=(case["trace"],)))
    counted = [[row["a"], row["b"], row["window_s"], row["together"]] for row in result["pairs"].rows()]
    assert counted == [[f"x:{a}", f"x:{b}", window, together] for a, b, window, together in case["pairs"]]


def test_there_are_cases() -> None:
    assert len(PAIRS) >= 4
