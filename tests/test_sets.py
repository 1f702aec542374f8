"""Sets: chosen by what they share, tested on when; leads beside them that claim nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from timed import DAY, START, Row, answers, crowd, events, grouped, log, named

from concerted import schema, words
from concerted.nulls import communities, openings, outsiders, setcauses, sets
from concerted.nulls.crowd import Crowd, Laid
from concerted.nulls.daily import ranked, t_test
from concerted.nulls.ladder import ANCHORED, geometry
from concerted.nulls.log import BLOCK, NO_ORIGIN
from concerted.nulls.pooled import Rung, acts, mixed
from concerted.nulls.reaching import sums
from concerted.table import Table

SIZE = 15
MEMBERS = {f"x:m{m:02d}" for m in range(SIZE)}


def topic(seed: int, kind: str) -> list[Row]:
    """A crowd of 200, and 15 who share their own topic: by hand together, as each likes, or after a head."""
    rng = np.random.default_rng([seed, 5])
    touched = named(*crowd(seed, accounts=200, objects=200, each=20, days=22))
    for number in range(60):
        name = f"own{number:02d}"
        born = number // 3 * DAY + int(rng.integers(20_000, 50_000))
        start = born + int(rng.integers(2_000, 20_000))
        for member in sorted(MEMBERS):
            if rng.random() < 0.4:
                late = {
                    "hand": start - born + rng.uniform(0, 1500),
                    "organic": 4 * 3600 * rng.weibull(0.6),
                    "audience": start - born + 1 + rng.exponential(500),
                }[kind]
                touched.append((member, name, float(int(born + late))))
        touched.append((f"x:a{rng.integers(200):04d}", name, float(born)))
        for other in rng.choice(200, 4, replace=False):
            touched.append((f"x:a{other:04d}", name, float(int(born + 4 * 3600 * rng.weibull(0.6)))))
        if kind == "audience":
            touched.append(("x:head", name, float(start)))
    return touched


def shown(tables: dict[str, Table]) -> list[tuple[dict[str, Any], set[str]]]:
    """Each set once, with its members."""
    members: dict[str, set[str]] = defaultdict(set)
    first: dict[str, dict[str, Any]] = {}
    for row in tables["sets"].rows():
        members[row["set"]].add(row["account"])
        first.setdefault(row["set"], row)
    return [(first[name], members[name]) for name in first]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_set_that_acts_by_hand_is_found(seed: int) -> None:
    result = grouped(events(topic(seed, "hand")), resamples=0)
    ((row, members),) = shown(result)
    assert (row["answer"], row["kind"], row["trace"], row["because"]) == ("found", "community", "link", None)
    assert members == MEMBERS
    assert len(MEMBERS) <= row["named"] <= len(MEMBERS) + 4
    assert not row["older"]
    assert row["q"] < 0.01
    assert row["p"] <= row["q"]
    assert 2 < row["low"] < row["ratio"] < row["high"] < 10
    assert 6 <= row["days"] <= 22
    share = {one["account"]: one["share"] for one in result["sets"].rows()}
    # each co-action has two ends, nearly all of them members
    assert 1.9 < sum(share.values()) <= 2
    assert min(share.values()) > 0.05


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_sharing_without_the_timing_is_a_lead_only(seed: int) -> None:
    result = grouped(events(topic(seed, "organic")), resamples=0)
    assert not shown(result)
    assert not answers(result, "found")
    best = [row["account"] for row in result["leads"].rows() if row["lead"] == "L1"]
    assert set(best) & MEMBERS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_audience_is_unresolved_with_its_cause(seed: int) -> None:
    result = grouped(events(topic(seed, "audience")), resamples=0)
    assert not answers(result, "found")
    told = shown(result)
    assert told
    for row, members in told:
        assert row["answer"] == "unresolved"
        assert row["because"]
        assert row["q"] > 0.05
        assert len(members & MEMBERS) > 10


def test_a_crowd_with_no_topic_has_no_set() -> None:
    for seed in (4, 5):
        result = grouped(events(named(*crowd(seed, accounts=200, objects=200, each=20))), resamples=0)
        assert not shown(result)
        told = {row["what"]: row for row in result["made"].rows()}
        assert told["sets found"]["value"] == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_sites_on_which_several_stories_break_make_no_set(seed: int) -> None:
    """Nobody acts together, but what a day's first link says of when others come is little."""
    rng = np.random.default_rng(seed)
    accounts, days, sites, sharers = 600, 24, 30, 24
    who, what, when = [], [], []
    for site in range(days * sites):
        who.append(rng.choice(accounts, sharers, replace=False))
        what.append(np.full(sharers, site))
        story = rng.choice(rng.uniform(4, 22, 3), sharers, p=[0.7, 0.2, 0.1]) * 3600
        second = np.minimum(story + rng.exponential(1800, sharers), 86_399)
        second[0] = 0
        when.append((site // sites * 86_400 + second).astype(np.int64))
    one = log(*(np.concatenate(column).tolist() for column in (who, what, when)))
    results, _ = sets.test("domain", one, accounts, np.full(accounts, -1), seed=1, fdr=0.05)
    assert len(results) > 200
    assert not sets.judge(results, fdr=0.05)
    assert min(result.p for result in results) > 0.05 / 50


def test_a_home_holds_all_of_its_set_and_is_no_crowd() -> None:
    labels = [
        np.array([0, 0, 0, 0, 0, 0, 6, 6, 6, 6, -1]),
        np.array([0, 0, 0, 3, 3, 3, 6, 6, 8, 6, -1]),
        np.array([0, 0, 0, 3, 3, 3, 6, 6, 6, 6, -1]),
    ]
    home = {
        tuple(one.members.tolist()): np.flatnonzero((one.homes == one.home).any(axis=0)).tolist()
        for one in communities._found(labels[0], labels[1:], limit=4)
    }
    assert set(home) == {(0, 1, 2), (3, 4, 5), (6, 7, 9), (6, 7, 8, 9)}
    # six are the crowd; what is split in two at one resolution is at home where it is whole
    assert home[0, 1, 2] == [0, 1, 2] and home[3, 4, 5] == [3, 4, 5]
    assert home[6, 7, 9] == home[6, 7, 8, 9] == [6, 7, 8, 9]


def test_a_set_is_near_only_where_it_would_be_found_were_it_alone() -> None:
    (near,) = nearest("hand", fdr=1e-5)
    assert near["value"] < 1e-5
    assert near["limit"]
    assert "nearest to being found has 1" in near["says"]
    assert f"(p = {words.small(near['value'])})" in near["says"]
    (far,) = nearest("organic", fdr=0.05)
    assert far["value"] > 0.05
    assert far["says"] == "No set came near to being found: the smallest p of 95 tests is 0.0628."
    assert not nearest("hand", fdr=0.05)


def nearest(kind: str, fdr: float) -> list[dict[str, Any]]:
    made = grouped(events(topic(1, kind)), resamples=0, fdr=fdr)["made"].rows()
    return [row for row in made if row["what"] == "nearest set"]


def test_leads_claim_nothing_and_hold_no_q() -> None:
    assert not {"p", "q"} & set(schema.TABLES["leads"])
    assert not {"p", "q"} & set(schema.TABLES["ranks"])
    for kind in ("hand", "organic"):
        result = grouped(events(topic(1, kind)), resamples=0)
        leads = result["leads"].rows()
        assert leads
        assert "found" not in str(leads).lower()
        assert all(0 < row["score"] <= 1 for row in leads)
        known = answers(result, "found") | {
            row["account"] for row in result["sets"].rows() if row["answer"] == "found"
        }
        by_lead: dict[str, set[str]] = defaultdict(set)
        for row in leads:
            by_lead[row["lead"]].add(row["account"])
        # what is known already is no lead
        assert all(len(members & known) <= len(members) / 2 for members in by_lead.values())


def test_ranks_put_the_found_before_sets_before_leads() -> None:
    result = grouped(events(topic(3, "hand")), resamples=0)
    ranks = result["ranks"].rows()
    assert {row["account"] for row in ranks} >= {row["account"] for row in result["standings"].rows()}
    score: dict[str, list[float]] = defaultdict(list)
    for row in ranks:
        score[row["rank"]].append(row["score"])
    assert set(score) == {"found", "set", "lead"}
    assert min(score["found"]) > max(score["set"]) >= min(score["set"]) > max(score["lead"])
    assert {row["account"] for row in ranks if row["rank"] == "found"} == answers(result, "found")
    p = {row["account"]: row["p"] for row in result["standings"].rows()}
    found = sorted((row for row in ranks if row["rank"] == "found"), key=lambda row: -row["score"])
    assert [p[row["account"]] for row in found] == sorted(p[row["account"]] for row in found)


def test_a_cohort_opened_on_one_day_is_told_by_its_day() -> None:
    touched = topic(3, "hand")
    opened = [
        {
            "account": account,
            "opened": (START - (400 if account in MEMBERS else 500 + number) * DAY) * 1_000_000,
        }
        for number, account in enumerate(sorted({account for account, _, _ in touched}))
    ]
    accounts = schema.rows(
        "accounts",
        account=[row["account"] for row in opened],
        opened=pa.array([row["opened"] for row in opened], pa.int64()).cast(schema.TIME),
    )
    result = grouped({**events(touched), "accounts": Table("accounts", accounts)}, resamples=0)
    made = {row["what"]: row["value"] for row in result["made"].rows()}
    assert made["cohort tests"] == 4
    # the community is told instead where it is surer; never both, for they are the same people
    assert len(shown(result)) == 1
    assert shown(result)[0][1] >= MEMBERS


def test_likeness_is_the_cosine_of_weighted_objects() -> None:
    rng = np.random.default_rng(2)
    keys = [(a, o) for a in range(9) for o in range(12) if rng.random() < 0.45]
    keys += [(9, 0), (9, 1)]  # two objects are too few to say anything
    one = log([a for a, _ in keys], [o for _, o in keys], rng.integers(0, 9999, len(keys)).tolist())
    (net,) = communities.networks(one, 10, [3])
    sharers = np.bincount([o for _, o in keys], minlength=12)
    weight = np.where((sharers >= 2) & (sharers <= 200), np.log(11 / np.maximum(sharers, 1)), 0.0)
    vectors = np.zeros((10, 12))
    for a, o in keys:
        vectors[a, o] = weight[o]
    found = {(a, b): c for a, b, c in zip(net.a.tolist(), net.b.tolist(), net.cosine.tolist(), strict=True)}
    eligible = [a for a in range(9) if sum(x == a and 2 <= sharers[o] <= 200 for x, o in keys) >= 3]
    assert np.flatnonzero(net.eligible).tolist() == eligible
    for a, b in combinations(eligible, 2):
        x, y = vectors[a], vectors[b]
        wanted = x @ y / np.sqrt((x @ x) * (y @ y))
        assert found.get((a, b), 0.0) == pytest.approx(wanted)
    assert all(9 not in pair for pair in found)


def test_a_crowded_network_keeps_who_shares_most_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    keys = [(a, o) for a in range(30) for o in range(20) if rng.random() < (0.8 if a < 10 else 0.25)]
    one = log([a for a, _ in keys], [o for _, o in keys], rng.integers(0, 9999, len(keys)).tolist())
    held = [{o for a, o in keys if a == account} for account in range(30)]
    able = [account for account in range(30) if len(held[account]) >= 3]
    common = {pair: len(held[pair[0]] & held[pair[1]]) for pair in combinations(able, 2)}
    for most in (3, 20, 60, 200, 435):
        counts = sorted(common.values(), reverse=True)
        least = min(n for n in range(1, 22) if sum(count >= n for count in counts) <= most)
        wanted = [pair for pair, count in sorted(common.items()) if count >= least]
        for block in (1, 300, 10**9):
            monkeypatch.setattr(communities, "BLOCK", block)
            nets = communities.networks(one, 30, (3, 2), most=most)
            assert list(zip(nets[0].a.tolist(), nets[0].b.tolist(), strict=True)) == wanted
            (alone,) = communities.networks(one, 30, [2], most=most)
            for column in ("a", "b", "common", "cosine", "eligible", "held", "weight"):
                assert getattr(nets[1], column).tolist() == getattr(alone, column).tolist()


def test_rows_of_a_set_by_hand() -> None:
    """Twice what geometry gives; where outsiders are half of the sharers, at least their rate."""
    rng = np.random.default_rng(3)
    keys = [(a, o) for o in range(4) for a in range(5)] + [(5 + n, o) for n in range(8) for o in (1, 3)]
    origin = np.array([0, NO_ORIGIN, 0, NO_ORIGIN])
    one = log(
        [a for a, _ in keys], [o for _, o in keys], rng.integers(1, 300, len(keys)).tolist(), origin=origin
    )
    homes = np.array([[0] * 5 + [1] * 8])
    window, horizon = 60, 600
    prior = geometry(ANCHORED, 1.0, window, horizon)
    some = communities.Community(np.arange(5), 0, homes)
    laid = Crowd(Laid(one, 13), homes)
    done = acts(laid, some)
    rows = Rung(laid, mixed(laid, [done]), window, horizon).rows(done, older=False, least=0)
    assert rows is not None
    bin_ = np.searchsorted(ANCHORED, one.latency, side="right") - 1
    first = {o: int(np.flatnonzero(one.object == o)[0]) for o in range(4)}

    def outside(o: int, cell: tuple[int, int]) -> tuple[int, int]:
        gaps = [
            one.time[y] - one.time[x]
            for x, y in combinations(np.flatnonzero(one.object == o), 2)
            if one.account[x] > 4 and one.account[y] > 4 and (bin_[x], bin_[y]) == cell
        ]
        return sum(g <= window * 1e6 for g in gaps), sum(g <= horizon * 1e6 for g in gaps)

    acted = {}
    for i, j in combinations(range(len(one.time)), 2):
        o = int(one.object[i])
        if one.object[j] != o or one.account[i] > 4 or one.account[j] > 4:
            continue
        if one.time[j] - one.time[i] > horizon * 1e6 or (o in (1, 3) and i == first[o]):
            continue
        acted[i, j] = (o, (int(bin_[i]), int(bin_[j])))
    wanted = {}
    for pair, (o, cell) in acted.items():
        q = least = min(1.0, 2 * prior.ratio[cell])
        if o in (1, 3):
            told = [
                outside(other, cell) for other in sorted({x for x, c in acted.values() if c == cell} & {1, 3})
            ]
            weight = [min(near, 10) for _, near in told]
            seen = sum(w * hits / max(near, 1) for w, (hits, near) in zip(weight, told, strict=True))
            usual = max(least, (seen + 10 * least) / (sum(weight) + 10))
            hits, near = outside(o, cell)
            q = max(q, (hits + 10 * usual) / (near + 10))
        wanted[pair] = q
    assert any(q > 2 * prior.ratio[acted[pair][1]] for pair, q in wanted.items())
    found = dict(zip(zip(rows.early.tolist(), rows.late.tolist(), strict=True), rows.q.tolist(), strict=True))
    assert found == pytest.approx(wanted)
    gap = one.time[rows.late] - one.time[rows.early]
    assert rows.success.tolist() == (gap <= window * 1e6).tolist()


@pytest.mark.parametrize(
    ("length", "most"),
    [(0, 1), (1, 5), (15, 9), (16, 9), (17, 9), (33, 2**31 - 1), (1000, 2**29), (17 * BLOCK // 16, 10**6)],
)
def test_running_sums_are_those_of_all_values(length: int, most: int) -> None:
    values = np.random.default_rng(length).integers(0, most, length, endpoint=True).astype(np.int32)
    every = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    assert (sums(values)(np.arange(length + 1)) == every).all()


@pytest.mark.parametrize("last", [20, 200])
def test_outsiders_are_counted_as_one_by_one(last: int) -> None:
    rng = np.random.default_rng(11)
    keys = [(a, o) for o in range(5) for a in range(12) if rng.random() < 0.8]
    one = log([a for a, _ in keys], [o for _, o in keys], rng.integers(0, last, len(keys)).tolist())
    fine = [0, 0, 0, 0, 4, 4, 4, 4, -1, -1, -1, -1]
    homes = np.array([[20, 20, 20, 20, 20, 21, 21, 21, 21, -1, -1, -1], fine])
    laid = Crowd(Laid(one, 12), homes)
    pairs = ((0, 0), (0, 1), (0, 4), (4, 1), (4, 3), (20, 0), (20, 2), (21, 0))
    asked = np.sort([laid.key(h, o).item() for h, o in pairs])
    window, horizon, bins = 10, 60, len(ANCHORED)
    found = outsiders.Outsiders(one, laid.bin, bins, homes, asked, window, horizon)
    for key in asked.tolist():
        h, o = divmod(key, 5)
        outside = [i for i in np.flatnonzero(one.object == o) if h not in homes[:, one.account[i]]]
        of = np.array([o])
        assert laid.outside(h, of)[0] * (one.object == o).sum() == pytest.approx(len(outside))
        for k in range(bins):
            for l in range(k, bins):
                gaps = [
                    one.time[j] - one.time[i]
                    for i, j in combinations(outside, 2)
                    if (laid.bin[i], laid.bin[j]) == (k, l)
                ]
                which, cell, *counted = found.count(h, np.array([o, o]), np.full(2, k * bins + l))
                assert (which.tolist(), cell.tolist()) == ([0, 0], [k * bins + l])
                assert [one.tolist() for one in counted] == [
                    [sum(gap <= reach * 1e6 for gap in gaps)] for reach in (window, horizon)
                ]


def test_places_are_those_of_the_sorted_values_however_far_apart() -> None:
    rng = np.random.default_rng(4)
    for most in (5, 10**12):
        key = rng.integers(-most, most, 40)
        value, place = ranked(key)
        wanted, at = np.unique(key, return_inverse=True)
        assert (value.tolist(), place.tolist()) == (wanted.tolist(), at.tolist())


def days(n: int, success: bool) -> tuple[float, int]:
    """One row a day, a success of chance one half on each."""
    whole = np.zeros(n, np.int64)
    p, told = t_test(whole, np.arange(n), np.full(n, success), np.full(n, 0.5), 1)
    return float(p[0]), int(told[0])


def test_six_days_alike_are_not_certainty() -> None:
    """1 in 64, however alike the days are."""
    p, told = days(6, True)
    assert told == 6
    assert 1 / 64 <= p < 0.05
    assert days(5, True) == (1.0, 5)
    assert days(8, False) == (1.0, 8)


def test_two_who_act_as_one_make_no_set_of_their_circle(seed: int = 5) -> None:
    """Ten share a topic at their own times; two of them act in the same minute each time."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for number in range(60):
        born = START + (number // 3) * DAY + int(rng.integers(0, 50_000))
        rows += [(f"a{n}", f"o{number}", born + int(rng.uniform(600, 20_000))) for n in range(2, 10)]
        at = born + int(rng.uniform(600, 20_000))
        rows += [("a0", f"o{number}", at), ("a1", f"o{number}", at + int(rng.integers(0, 5)))]
        rows += [(f"x{n}", f"o{number}", born) for n in rng.choice(400, 3, replace=False).tolist()]
    table = grouped(events(rows), resamples=0)["sets"].rows()
    assert not [row for row in table if row["answer"] == "found" and row["account"] not in ("a0", "a1")]


def circle(at: Callable[[np.random.Generator, int], list[int]], seed: int = 3) -> list[Row]:
    """Twelve accounts with a topic of their own for ten weeks; on the days that `at` names (seconds of their
    beginning), they share the day before's things within two hours, each within minutes of the others."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for number, begin in enumerate(at(rng, 70)):
        for thing in range(6):
            moment = begin + int(rng.uniform(0, 7200))
            here = rng.choice(12, 6, replace=False).tolist()
            rows += [(f"c{n}", f"t{number}-{thing}", moment + int(rng.uniform(0, 240))) for n in here]
            rows += [
                (f"x{n}", f"t{number}-{thing}", begin - int(rng.uniform(7200, 80_000)))
                for n in rng.choice(300, 4, replace=False).tolist()
            ]
    return rows


def weekly(rng: np.random.Generator, days: int) -> list[int]:
    return [START + (day * 24 + 18) * 3600 for day in range(2, days, 7)]


def scattered(rng: np.random.Generator, days: int) -> list[int]:
    picked = np.sort(rng.choice(np.arange(2, days), 10, replace=False)).tolist()
    return [START + day * DAY + int(rng.uniform(0, 80_000)) for day in picked]


def test_a_circle_that_meets_at_a_fixed_hour_of_the_week_is_no_set() -> None:
    people = named(*crowd(9, accounts=300, objects=300, each=25))
    met = grouped(events([*people, *circle(weekly)]), resamples=0)["sets"].rows()
    assert not [row for row in met if row["answer"] == "found"]
    assert setcauses.WEEKLY in {row["because"] for row in met}
    loose = grouped(events([*people, *circle(scattered)]), resamples=0)["sets"].rows()
    found = {row["account"] for row in loose if row["answer"] == "found"}
    assert len(found & {f"c{n}" for n in range(12)}) >= 10


def result(
    members: list[int],
    p: float,
    before: float | None = None,
    ratio: float = 3.0,
    older: bool = False,
    part: list[int] | None = None,
) -> sets.Result:
    because = "" if before is None else "an account that goes first may explain it"
    return sets.Result(
        kind="community", trace="link", basis="what they share", named=np.array(members), window=60, days=9,
        older=older, part=np.ones(len(members), bool) if part is None else np.array(part, bool),
        p=p, p_before=p if before is None else before, ratio=ratio, low=2.0, high=4.0,
        share=np.zeros(len(members)), member_p=np.ones(len(members)), because=because,
    )  # fmt: skip


def test_sets_are_told_once_each_with_all_tests_paid_for() -> None:
    tests = [
        result([1, 2, 3, 4], 1e-6),
        result([1, 2, 3, 4], 1e-9),  # another rung of the same
        result([1, 2, 3, 4, 5], 1e-4),  # nearly the same
        result([7, 8, 9], 1e-3),
        result([11, 12, 13], 0.8, before=1e-5),
        result([14, 15, 16], 0.3),
    ]
    told = sets.judge(tests, 0.05)
    assert [(one.result.members.tolist(), one.answer) for one in told] == [
        ([1, 2, 3, 4], "found"), ([7, 8, 9], "found"), ([11, 12, 13], "unresolved")
    ]  # fmt: skip
    assert told[0].q == pytest.approx(6e-9)
    assert told[1].q == pytest.approx(1e-3 * 6 / 4)
    assert sets.judge([], 0.05) == []


def test_tests_on_older_things_get_half_of_the_error_rate() -> None:
    many = [result([1, 2, 3], 1e-3), *(result([9, 10, 11], 1.0) for _ in range(7))]
    few = [result([4, 5, 6], 4e-3, older=True), result([9, 10, 11], 1.0, older=True)]
    told = sets.judge(many + few, 0.05)
    # weights 10 / 16 and 10 / 4: 1.6e-3 of 10 is the smaller of the two by a hair, 4e-3 / 2.5 the same
    assert [(one.result.older, one.q) for one in told] == [
        (False, pytest.approx(1e-3 * 1.6 * 10 / 2)), (True, pytest.approx(4e-3 * 0.4 * 10 / 2))
    ]  # fmt: skip
    assert sets.judge(few, 0.05)[0].q == pytest.approx(4e-3 * 2)


def test_those_who_take_no_part_are_not_told() -> None:
    (told,) = sets.judge([result([1, 2, 3, 4, 5], 1e-6, part=[1, 1, 0, 1, 0])], 0.05)
    assert told.result.members.tolist() == [1, 2, 4]
    assert sets.judge([result([1, 2, 3, 4, 5], 1e-6, part=[1, 1, 0, 0, 0])], 0.05) == []


def late(seed: int, age_days: int, evenings: int = 9) -> list[Row]:
    """Thirty who share things of their own as each comes by. Of them, twelve share, on some evenings, six
    things made days before, some of them each, all within minutes."""
    rng = np.random.default_rng([seed, 8])
    rows = [(a, o, START + t) for a, o, t in named(*crowd(seed, accounts=200, objects=200, each=20, days=30))]
    for number in range(evenings):
        begin = START + (8 + 2 * number) * DAY + int(rng.uniform(20_000, 60_000))
        for thing in range(6):
            name, born = f"old{number}-{thing}", begin - age_days * DAY - int(rng.uniform(0, 9_000))
            rows += [(f"x:a{n:04d}", name, float(born)) for n in rng.choice(200, 2, replace=False)]
            few = rng.choice(np.arange(12, 30), 4, replace=False).tolist()
            rows += [(f"x:m{n:02d}", name, float(begin + int(rng.uniform(-80_000, 80_000)))) for n in few]
            here = rng.choice(12, 4, replace=False).tolist()
            rows += [(f"x:m{n:02d}", name, float(begin + int(rng.uniform(0, 1500)))) for n in here]
    return rows


def opened(rows: list[Row], together: set[str]) -> Table:
    """Everybody's opening date: these within three days, the others over half a year around them."""
    rng = np.random.default_rng(4)
    names = sorted({account for account, _, _ in rows})
    day = [
        -200 + int(rng.integers(3)) if name in together else -int(rng.integers(110, 290)) for name in names
    ]
    when = pa.array([(START + one * DAY) * 1_000_000 for one in day], pa.int64())
    return Table("accounts", schema.rows("accounts", account=names, opened=when.cast(schema.TIME)))


def of_older(rows: list[Row], together: set[str]) -> list[tuple[dict[str, Any], set[str]]]:
    made = grouped({**events(rows), "accounts": opened(rows, together)}, resamples=0)
    assert not answers(made, "found") & SHIFT
    return [(row, members) for row, members in shown(made) if row["older"]]


SHIFT = {f"x:m{number:02d}" for number in range(12)}


def test_older_things_shared_at_once_by_accounts_opened_together_make_a_set(seed: int = 1) -> None:
    rows = late(seed, 5)
    ((row, members),) = [told for told in of_older(rows, SHIFT) if told[0]["answer"] == "found"]
    assert members >= SHIFT
    assert len(members - SHIFT) <= 2
    assert row["named"] > len(members)
    assert row["kind"] == "community"
    assert row["ratio"] > 3


def test_a_list_of_older_things_is_no_set_unless_its_readers_were_opened_together(seed: int = 1) -> None:
    told = of_older(late(seed, 5), set())
    assert told
    for row, _ in told:
        assert (row["answer"], row["because"]) == ("unresolved", setcauses.LIST)


def test_things_of_the_day_before_are_no_older_things(seed: int = 1) -> None:
    assert not of_older(late(seed, 0), SHIFT)


def test_openings_are_compared_within_their_quarter() -> None:
    day = np.concatenate((np.arange(0, 90, 2), np.full(8, 41), np.arange(900, 990, 2)))
    eight = np.zeros(len(day), bool)
    eight[45:53] = True
    assert openings.p(day, eight, 1) == 1 / (1 + openings.DRAWS)
    apart = np.zeros(len(day), bool)
    apart[[0, 5, 10, 15, 20, 25, 30, 35]] = True
    assert openings.p(day, apart, 1) > 0.5
    # younger than the others by years, and alone in its quarter: nobody to compare with
    alone = day >= 900
    assert openings.p(day, alone, 1) == 1.0
    assert openings.p(np.zeros(0, np.int64), np.zeros(0, bool), 1) == 1.0


def test_openings_hold_their_level_where_marks_are_drawn() -> None:
    rng = np.random.default_rng(7)
    day = np.sort(rng.integers(0, 900, 300))
    p = [openings.p(day, np.isin(np.arange(300), rng.choice(300, 20, replace=False)), n) for n in range(60)]
    assert np.mean(np.array(p) <= 0.2) < 0.4
    assert np.mean(p) == pytest.approx(0.5, abs=0.12)


def test_near_counts_what_two_touch_within_the_horizon() -> None:
    rng = np.random.default_rng(6)
    keys = [(a, o) for a in range(8) for o in range(15) if rng.random() < 0.6]
    one = log([a for a, _ in keys], [o for _, o in keys], rng.integers(0, 4000, len(keys)).tolist())
    net = communities.near(one, 600, 9)
    wanted: dict[tuple[int, int], int] = defaultdict(int)
    for i, j in combinations(range(len(one.time)), 2):
        if one.object[i] == one.object[j] and one.time[j] - one.time[i] <= 600 * 1e6:
            a, b = sorted((int(one.account[i]), int(one.account[j])))
            wanted[a, b] += 1
    found = dict(zip(zip(net.a.tolist(), net.b.tolist(), strict=True), net.common.tolist(), strict=True))
    assert found == {pair: count for pair, count in wanted.items() if count >= 2}
    held = np.bincount(one.account, minlength=9)
    assert net.cosine == pytest.approx(net.common / np.sqrt(held[net.a] * held[net.b]))


def test_blocks_of_many_rows_do_not_drown_the_others() -> None:
    """Ten days of four successes in eight at even chances, one of fifty in a hundred: no more than chance."""
    day = np.repeat(np.arange(11), [8] * 10 + [100])
    success = np.concatenate([np.tile([True, False], 4)] * 10 + [np.tile([True, False], 50)])
    p, _ = t_test(np.zeros(len(day), np.int64), day, success, np.full(len(day), 0.5), 1)
    assert p[0] == 1.0
    success[:80] = True
    some, _ = t_test(np.zeros(len(day), np.int64), day, success, np.full(len(day), 0.5), 1)
    success[80:] = False
    other, _ = t_test(np.zeros(len(day), np.int64), day, success, np.full(len(day), 0.5), 1)
    assert some[0] < 1e-4
    assert some[0] < other[0] < 0.5
