"""Tiers B and C: content of a group's own, and the very same second."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
from timed import DAY, START, Row, events, log, weighed

from concerted.nulls import exclusive, samesecond
from concerted.nulls.candidates import cohesive
from concerted.nulls.ladder import EXCLUSIVE, geometry
from concerted.nulls.rows import CAUSES, FEW_DAYS, FOLLOWS, TRIGGER, gather
from concerted.table import Table


def background(rng: random.Random, people: int = 40, objects: int = 60) -> list[Row]:
    """People who touch objects hours apart."""
    return [
        (f"x:p{a:02d}", f"crowd{o}", o * DAY / 3 + rng.expovariate(1 / 14_400) // 1 + 7)
        for o in range(objects)
        for a in rng.sample(range(people), 8)
    ]


def own_content(rng: random.Random, members: list[str], days: int, within: float) -> list[Row]:
    """Members who touch objects of nobody else, in no order, within so many seconds of each other."""
    return [
        (member, f"own-{day}", day * DAY + 40_000 + rng.uniform(0, within))
        for day in range(days)
        for member in members
    ]


GROUP = [f"x:g{number}" for number in range(5)]


def cells(tables: dict[str, Table], tier: str, members: list[str] = GROUP) -> list[dict[str, object]]:
    return [
        row
        for row in tables["ties"].rows()
        if row["tier"] == tier and row["a"] in members and row["b"] in members
    ]


def test_b_finds_a_group_on_content_of_its_own() -> None:
    rng = random.Random(1)
    camouflage = [
        (m, f"crowd{rng.randrange(60)}", rng.uniform(0, 20) * DAY) for m in GROUP for _ in range(15)
    ]
    result = weighed(events([*background(rng), *camouflage, *own_content(rng, GROUP, 10, 50)]))
    own = cells(result, "exclusive")
    found = {(row["a"], row["b"]) for row in own if row["answer"] == "found"}
    # a member that goes first by luck may explain single pairs away, never the group
    assert len(found) >= 7
    assert found <= set(combinations(GROUP, 2))
    assert {row["together"] for row in own if row["window_s"] == 60} == {10}
    standings = {row["account"]: row["answer"] for row in result["standings"].rows()}
    assert {account for account, answer in standings.items() if answer == "found"} == set(GROUP)


def test_b_leaves_four_days_unresolved() -> None:
    """A crowd that meets four times to watch something looks the same."""
    rng = random.Random(2)
    result = weighed(events([*background(rng), *own_content(rng, GROUP, 4, 50)]))
    own = cells(result, "exclusive")
    assert own
    assert all(row["p"] == row["p_odd"] == row["p_even"] == 1 for row in own)
    told = {row["because"]: row["answer"] for row in own}
    assert told[CAUSES[FEW_DAYS]] == "unresolved"
    assert told.keys() <= {CAUSES[cause] for cause in (FEW_DAYS, FOLLOWS, TRIGGER)}
    standings = {row["account"]: row for row in result["standings"].rows() if row["account"] in GROUP}
    assert all(row["q"] > 0.05 for row in standings.values())
    assert {row["answer"] for row in standings.values()} <= {"unresolved", "explained", "none"}
    assert "unresolved" in {row["answer"] for row in standings.values()}


def own_and_other(late: float | None) -> exclusive.Exclusive:
    """Accounts 0, 1 and 2 on six objects of their own, and `late` seconds after others on twenty more."""
    rng = np.random.default_rng(5)
    keys = [(a, o, o * DAY + float(rng.integers(0, 50))) for o in range(6) for a in (0, 1, 2)]
    if late is not None:
        keys += [(a, 10 + o, o * DAY + late + a) for o in range(20) for a in (0, 1, 2)]
        keys += [(3 + n, 10 + o, o * DAY + n * 9000.0) for o in range(20) for n in range(6)]
    one = log(*(list(column) for column in zip(*keys, strict=True)))
    a, b = np.array([0, 0, 1]), np.array([1, 2, 2])
    rows = gather(one, a, b, 3600)
    both = np.bincount(rows.pair, minlength=3)
    return exclusive.chances(one, rows, a, b, both, 60, 3600, 9, 1)


def test_b_asks_how_prompt_the_two_are_elsewhere() -> None:
    """Whoever is always prompt is close to other prompt accounts by chance."""
    prompt, slow = own_and_other(5.0), own_and_other(12_000.0)
    assert prompt.row.sum() == slow.row.sum() == 18
    assert (prompt.q > 3 * slow.q).all()


def test_b_without_any_other_object_takes_every_latency_for_as_likely() -> None:
    geo = geometry(EXCLUSIVE, 1.0, 60, 3600)
    flat = np.full(len(EXCLUSIVE), 1 / len(EXCLUSIVE))
    wanted = 2 * (flat @ geo.within @ flat) / (flat @ geo.near @ flat)
    assert own_and_other(None).q == pytest.approx(wanted)


def test_objects_belong_to_whoever_holds_four_fifths_of_their_sharers() -> None:
    account = [0, 1, 2, 3, 9, 0, 1, 2, 8, 9, 0, 1, 2, 3]
    object_ = [0] * 5 + [1] * 5 + [2] * 4
    one = log(account, object_, [float(n) for n in range(14)])
    label = np.array([0, 0, 0, 0, -1, -1, -1, -1, -1, -1])
    assert exclusive.owners(one, label).tolist() == [0, -1, 0]


def test_communities_need_three_episodes_and_three_members() -> None:
    keys = [(a, o) for o in range(6) for a in (0, 1, 2)] + [(a, 10 + o) for o in range(6) for a in (3, 4)]
    keys += [(a, 20 + o) for o in range(2) for a in (5, 6, 7)]
    one = log([a for a, _ in keys], [o for _, o in keys], [float(o * DAY + a) for a, o in keys])
    a, b = (np.array(side) for side in zip(*combinations(range(8), 2), strict=True))
    rows = gather(one, a, b, 3600)
    both = np.bincount(rows.pair, minlength=len(a))
    result = exclusive.chances(one, rows, a, b, both, 60, 3600, 8, 1)
    tested = {(int(a[pair]), int(b[pair])) for pair in rows.pair[result.row]}
    assert tested == {(0, 1), (0, 2), (1, 2)}


def test_the_first_event_of_an_object_of_unknown_origin_says_nothing_of_promptness() -> None:
    """Its latency is nought by definition; where the origin is known it is as good as any other."""
    keys = [(a, o, o * DAY + late) for o in range(6) for a, late in ((0, 0.0), (1, 3.0), (2, 5.0))]
    keys += [(0, 10 + o, o * DAY + 500.0) for o in range(20)] + [
        (4 + o, 10 + o, o * DAY + 40_000.0) for o in range(20)
    ]
    a, b = np.array([0, 0, 1]), np.array([1, 2, 2])
    q = {}
    for known in (False, True):
        origin = np.full(30, np.iinfo(np.int64).min)
        if known:
            origin[10:] = [o * DAY * 1_000_000 + 500_000_000 for o in range(20)]
        one = log(*(list(column) for column in zip(*keys, strict=True)), origin=origin)
        rows = gather(one, a, b, 3600)
        q[known] = exclusive.chances(one, rows, a, b, np.full(3, 6), 60, 3600, 30, 1).q[0]
    assert q[True] > q[False], "known to be prompt"


def test_loose_communities_are_split() -> None:
    """Two cliques of six joined by one pair are dense enough to be one; eight in a chain are not."""
    clique = list(combinations(range(6), 2))
    pairs = clique + [(x + 6, y + 6) for x, y in clique] + [(0, 6)]
    label = cohesive(12, *(np.array(side) for side in zip(*pairs, strict=True)), seed=1)
    assert len(set(label.tolist())) == 1
    chain = [(x + 6 * n, y + 6 * n) for n in range(8) for x, y in clique] + [
        (6 * n, 6 * n + 6) for n in range(7)
    ]
    label = cohesive(49, *(np.array(side) for side in zip(*chain, strict=True)), seed=1)
    assert label[48] == -1
    assert [sorted(np.flatnonzero(label == mark).tolist()) for mark in sorted(set(label[:48].tolist()))] == [
        list(range(6 * n, 6 * n + 6)) for n in range(8)
    ]


def machine(seconds: list[float], pair: tuple[str, str] = ("x:m1", "x:m2")) -> list[Row]:
    """Two accounts in the same second, hours apart, on objects that two people touch later."""
    return [
        (account, f"m{number}", number * 7200 + at + late)
        for number, at in enumerate(seconds)
        for account, late in ((pair[0], 0.0), (pair[1], 0.0), ("x:p00", 3000.0), ("x:p01", 5000.0 + number))
    ]


def same_second(result: dict[str, Table]) -> list[dict[str, object]]:
    return [row for row in result["ties"].rows() if row["tier"] == "same-second"]


def test_c_tells_the_same_second() -> None:
    rng = random.Random(4)
    result = weighed(events([*background(rng), *machine([17.0 + n for n in range(12)])]))
    (row,) = same_second(result)
    assert (row["a"], row["b"], row["window_s"], row["answer"]) == ("x:m1", "x:m2", 0, "found")
    assert row["both"] == row["together"] == 12
    assert row["expected"] == pytest.approx(12 * samesecond.chance(1.0), rel=1e-9)
    assert row["p"] == pytest.approx((2 / 31) ** 12, rel=1e-9)


def test_c_never_counts_whole_minutes() -> None:
    rng = random.Random(5)
    assert START % 60 == 0
    result = weighed(events([*background(rng), *machine([60.0 * n for n in range(12)])]))
    assert not same_second(result)
    told = [row["what"] for row in result["made"].rows() if row["limit"]]
    assert "scheduled link" in told


def test_c_counts_an_hour_once() -> None:
    touched = [
        (a, f"burst{n}", 100.0 + 31 * n + (31 * n % 60 == 20)) for n in range(12) for a in ("x:m1", "x:m2")
    ]
    result = weighed(events([*background(random.Random(6)), *touched]))
    assert all(int(str(row["both"])) == 1 for row in same_second(result))
    assert "x:m1" not in {r["account"] for r in result["standings"].rows() if r["answer"] == "found"}


@pytest.mark.parametrize(("clock", "chance"), [(0.001, 2 / 31), (1, 2 / 31), (2, 4 / 32)])
def test_c_on_clocks_of_up_to_two_seconds(clock: float, chance: float) -> None:
    assert clock <= samesecond.COARSEST
    assert samesecond.chance(clock) == pytest.approx(chance)
    rng = random.Random(7)
    touched = [
        (a, o, t // 2 * 2) for a, o, t in [*background(rng), *machine([16.0 + 2 * n for n in range(12)])]
    ]
    (row,) = same_second(weighed(events(touched, step=clock)))
    assert row["expected"] == pytest.approx(12 * chance)


@pytest.mark.parametrize("clock", [3.0, 10.0, 60.0])
def test_c_is_not_offered_on_coarser_clocks(clock: float) -> None:
    touched = [(a, o, t // clock * clock) for a, o, t in machine([17.0 + 60 * n for n in range(12)])]
    result = weighed(events([*background(random.Random(8)), *touched], step=clock))
    assert not same_second(result)
    cells_a_rung = 2
    rungs = sum(window >= clock for window in (10, 60, 600))
    assert {row["k"] for row in result["standings"].rows()} == {cells_a_rung * rungs}


def test_c_ticks_of_two_seconds_begin_with_the_minute() -> None:
    one = log([0, 1, 0, 1], [0, 0, 1, 1], [16.0, 17.0, 101.0, 102.0], step=2.0)
    rows = gather(one, np.array([0]), np.array([1]), 30)
    _, hit = samesecond.rows_and_hits(one, rows)
    assert hit.tolist() == [True, False]


def test_piles_at_whole_minutes_are_counted() -> None:
    rng = np.random.default_rng(9)
    smooth = rng.integers(0, 86_400, 3000).astype(float)
    plain = log(np.arange(3000).tolist(), [0] * 3000, smooth.tolist())
    assert samesecond.piled_up(plain) == 0
    piled = np.concatenate((smooth, rng.integers(0, 1440, 300) * 60.0))
    assert 260 < samesecond.piled_up(log(np.arange(3300).tolist(), [0] * 3300, piled.tolist())) < 340
