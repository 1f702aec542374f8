"""group: what hangs together, with what p, and how firmly."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from timed import DAY, Row, answers, crowd, events, grouped, joined, named, ran

from concerted import schema
from concerted.nulls import candidates, found
from concerted.stages import group
from concerted.table import Table

A = [f"x:g{n}" for n in range(5)]
B = [f"x:h{n}" for n in range(4)]
DEFAULTS: dict[str, Any] = {
    "trace": "link", "tier": "anchored", "window_s": 60, "both": 5, "together": 5, "expected": 0.1, "p": 1e-6,
    "p_before": 1e-6, "p_odd": 1e-4, "p_even": 1e-4, "q": 1e-4, "answer": "found",
}  # fmt: skip


def acting(
    members: list[str], seed: int, objects: int, within: int = 50, on: list[Row] | None = None
) -> list[Row]:
    """Members that come together, in no order, on objects of the crowd, on as many days as there are."""
    rng = random.Random(seed)
    by_day: dict[int, list[Row]] = defaultdict(list)
    sharers: dict[str, int] = defaultdict(int)
    for row in on or []:
        sharers[row[1]] += 1
    for row in on or []:
        if 10 <= sharers[row[1]] <= 80:
            by_day[int(row[2] // DAY)].append(row)
    touched = []
    for day in sorted(by_day)[:objects]:
        _, object_, at = rng.choice(by_day[day])
        touched += [(member, object_, float(at // 1 + rng.randrange(within))) for member in members]
    return touched


@pytest.fixture(scope="module")
def two() -> dict[str, Table]:
    people = named(*crowd(6, accounts=150, objects=150, each=25))
    link = [*people, *acting(A, 1, 14, on=people)]
    reshare = [(account, f"r{o}", at) for account, o, at in people]
    reshare += acting(B, 2, 14, on=reshare) + acting(A[:3], 3, 14, on=reshare)
    return grouped(joined(events(link), events(reshare, trace="reshare")), resamples=20)


def members(tables: dict[str, Table]) -> dict[str, list[dict[str, Any]]]:
    result: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables["groups"].rows():
        result[row["cluster"]].append(row)
    return result


def test_groups_are_components_of_found_accounts(two: dict[str, Table]) -> None:
    assert answers(two, "found") == {*A, *B}
    groups = members(two)
    assert {name: [row["account"] for row in rows] for name, rows in groups.items()} == {"G1": A, "G2": B}
    assert groups["G1"][0]["traces"] == ["link", "reshare"]
    assert groups["G2"][0]["traces"] == ["reshare"]
    ties = {(row["a"], row["b"]) for row in two["ties"].rows() if row["answer"] == "found"}
    for rows in groups.values():
        for row in rows:
            assert row["ties"] == sum(row["account"] in pair for pair in ties)


def test_a_group_has_a_q_of_days_that_did_not_choose_it(two: dict[str, Table]) -> None:
    for rows in members(two).values():
        assert {(row["p"], row["q"], row["q_reason"]) for row in rows} == {
            (rows[0]["p"], rows[0]["q"], None)
        }, "one for the group"
        assert 0 < rows[0]["p"] <= rows[0]["q"] < 0.05


def test_membership_is_firm_between_nought_and_one(two: dict[str, Table]) -> None:
    firm = [row["stability"] for row in two["groups"].rows()]
    assert all(0 <= share <= 1 for share in firm)
    assert min(firm) > 0.5, "fourteen joint acts outlast a resample"
    assert {share * 20 for share in firm} <= set(map(float, range(21)))


def test_no_resamples_no_stability(two: dict[str, Table]) -> None:
    again = ran(group, two, resamples=0)
    assert all(np.isnan(row["stability"]) for row in again["groups"].rows())
    assert [row["account"] for row in again["groups"].rows()] == [
        row["account"] for row in two["groups"].rows()
    ]


def test_under_eight_days_there_is_no_q_but_its_reason() -> None:
    people = [(a, o, at % (6 * DAY)) for a, o, at in named(*crowd(6, accounts=150, objects=150, each=25))]
    rng = random.Random(3)
    touched = [
        (member, f"own{n}", 30_000.0 + n * DAY // 2 + rng.randrange(40)) for n in range(12) for member in A
    ]
    result = grouped(events([*people, *touched]), resamples=0)
    rows = result["groups"].rows()
    assert [row["account"] for row in rows] == A
    assert all(row["p"] is None and row["q"] is None for row in rows)
    assert {row["q_reason"] for row in rows} == {
        "the file has fewer than 8 active days, so they cannot be halved"
    }


def graph(*pairs: tuple[str, str], **columns: Any) -> tuple[pa.Array, pa.Table, pa.Table]:
    """Names, ties and standings as weigh would hand them on."""
    names = sorted({account for pair in pairs for account in pair})
    ties = [{**DEFAULTS, "a": min(pair), "b": max(pair), **columns} for pair in pairs]
    standings = [{"account": name, "p": 1e-6, "q": 1e-4, "answer": "found", "k": 7} for name in names]
    return (
        pa.array(names),
        pa.Table.from_pylist(ties, schema=schema.arrow("ties")),
        pa.Table.from_pylist(standings, schema=schema.arrow("standings")),
    )


def sizes(*pairs: tuple[str, str], **columns: Any) -> list[int]:
    return [len(one.members) for one in found.groups(*graph(*pairs, **columns), seed=1)]


def clique(letters: str) -> list[tuple[str, str]]:
    return list(combinations(letters, 2))


def test_largest_first_and_ties_that_are_not_found_do_not_count() -> None:
    assert sizes(*clique("abc"), *clique("defgh")) == [5, 3]
    assert sizes(*clique("abc"), answer="none") == []
    assert sizes(("a", "b")) == [2]


def test_loose_groups_over_six_are_split() -> None:
    chained = [pair for n in range(6) for pair in clique("abcdefghijklmnopqrstuvwx"[4 * n : 4 * n + 4])]
    joints = [(chr(97 + 4 * n), chr(97 + 4 * n + 4)) for n in range(5)]
    assert sizes(*chained, *joints) == [4] * 6
    assert sizes(*[("a", letter) for letter in "bcdef"]) == [6], "six are few enough to be told as one"


def test_a_group_neither_half_suggests_has_no_q() -> None:
    (one,) = found.groups(*graph(*clique("abcd"), p_odd=0.1, p_even=0.1), seed=1)
    assert (one.p, one.q) == (None, None)
    assert one.q_reason == "neither half of the days by itself suggests this group"


def test_q_of_a_group_is_simes_of_the_other_half_over_all_its_pairs() -> None:
    """Four accounts, six pairs, p of 1e-5 times a budget of 7 on both halves."""
    (one,) = found.groups(*graph(*clique("abcd"), p_odd=1e-5, p_even=1e-5), seed=1)
    assert one.q_reason is None
    assert one.p == pytest.approx(7e-5)
    assert one.q == pytest.approx(7e-5)
    # one pair of six tested on the other half: the others count as one
    names, ties, standings = graph(*clique("abcd"), p_odd=1e-5, p_even=1.0)
    even = [1e-5] + [1.0] * 5
    ties = ties.set_column(ties.schema.get_field_index("p_even"), "p_even", pa.array(even))
    (one,) = found.groups(names, ties, standings, seed=1)
    assert one.p == pytest.approx(6 * 7e-5)


def test_the_group_takes_the_p_of_the_most_alike_candidate_not_of_the_best() -> None:
    # one half suggests four accounts, the other three of them: the four are the group
    of = np.array([[0, 0, 0, 0, -1], [1, 1, 1, -1, -1]])
    halves = found.Halves(of, np.array([4, 3]), np.array([0.04, 1e-9]), np.array([0.05, 1e-8]))
    assert found._closest(np.array([0, 1, 2, 3]), halves) == (0.04, 0.05, None)
    # two of six in either are not alike enough
    far = found.Halves(of[:, [2, 3, 4]], np.array([4, 3]), np.array([1e-9, 1e-9]), np.array([1e-8, 1e-8]))
    assert found._closest(np.array([0, 1, 2]), far)[0] is None


def test_candidate_groups_hold_three_to_two_hundred() -> None:
    def parts(*pairs: tuple[int, int], nodes: int = 300) -> list[int]:
        a, b = (np.array(side) for side in zip(*pairs, strict=True))
        label = candidates.groups(nodes, a, b, seed=1)
        return sorted(np.unique(label[label >= 0], return_counts=True)[1].tolist())

    assert parts((0, 1), (2, 3), (3, 4)) == [3]
    assert parts(*[(n, n + 1) for n in range(199)]) == [200]
    # one hub more than two hundred hang on is no candidate group, and two cliques on a thread are two
    assert max(parts(*[(0, n) for n in range(1, 260)]), default=0) <= 200
    big = [*combinations(range(120), 2), *combinations(range(120, 240), 2), (0, 120)]
    assert parts(*big) == [120, 120]


def test_leiden_is_the_same_whatever_the_order() -> None:
    rng = np.random.default_rng(3)
    pairs = np.array(
        [
            pair
            for pair in combinations(range(60), 2)
            if rng.random() < (0.5 if pair[0] // 20 == pair[1] // 20 else 0.03)
        ]
    )
    weight = rng.random(len(pairs))
    whole = candidates.leiden(70, pairs[:, 0], pairs[:, 1], weight, resolution=1.0, seed=4, modularity=True)
    order = rng.permutation(len(pairs))
    mixed = candidates.leiden(
        70, pairs[order, 1], pairs[order, 0], weight[order], resolution=1.0, seed=4, modularity=True
    )
    assert whole.tolist() == mixed.tolist()
    assert (whole[60:] == -1).all()
    assert len(set(whole[:60].tolist())) == 3
    # a label is the smallest member of its community
    assert all(whole[label] == label for label in whole[:60])


def test_nothing_found_gives_empty_tables_and_counts() -> None:
    result = grouped(events(named(*crowd(7, accounts=60, objects=60, each=15))), resamples=3)
    assert not len(result["groups"])
    assert {row["what"]: row["value"] for row in result["made"].rows()}["groups"] == 0
    empty = grouped(events([]))
    assert not any(len(empty[name]) for name in ("groups", "sets", "leads", "ranks"))
