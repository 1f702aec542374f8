"""Innocent causes: who goes first, who is followed, and what that does to an audience."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from timed import DAY, Row, answers, events, log, weighed

from concerted import schema
from concerted.nulls import trigger
from concerted.nulls.ladder import ANCHORED, geometry
from concerted.nulls.log import Log
from concerted.nulls.rows import AUTOMATED, CAUSES, FOLLOWS, TRIGGER, Rows, gather
from concerted.table import Table


def people(rng: random.Random, objects: int = 80, each: int = 40) -> list[Row]:
    """Two hundred people who touch objects within hours of each other."""
    return [
        (f"x:p{a:02d}", f"o{o}", o * DAY / 4 + rng.expovariate(1 / 14_400))
        for o in range(objects)
        for a in rng.sample(range(200), each)
    ]


def whole_seconds(touched: list[Row]) -> list[Row]:
    """Floored, and off the whole minute and each other's second, so that only the first two tiers speak."""
    taken: set[tuple[str, float]] = set()
    result = []
    for account, object_, at in sorted(touched, key=lambda row: (row[2], row[0])):
        second = float(at // 1)
        while (object_, second) in taken:
            second += 1
        taken.add((object_, second))
        result.append((account, object_, second))
    return result


def standing(result: dict[str, Table], account: str) -> dict[str, object]:
    return next(row for row in result["standings"].rows() if row["account"] == account)


def test_a_follower_is_explained_by_whom_it_follows() -> None:
    rng = random.Random(1)
    touched = people(rng)
    followed = [(a, o, at) for a, o, at in touched if a == "x:p00"]
    touched += [("x:fan", o, at + rng.uniform(3, 40)) for _, o, at in followed]
    assert len(followed) >= 12
    result = weighed(events(whole_seconds(touched)))
    assert not answers(result, "found")
    assert answers(result, "explained") == {"x:fan", "x:p00"}
    for account in ("x:fan", "x:p00"):
        assert standing(result, account)["because"] == CAUSES[FOLLOWS]
    ties = [row for row in result["ties"].rows() if {row["a"], row["b"]} == {"x:fan", "x:p00"}]
    told = [row for row in ties if row["tier"] == "anchored" and row["window_s"] == 60]
    assert [(row["p"], row["leader"], row["answer"]) for row in told] == [(1.0, "x:p00", "explained")]
    assert told[0]["p_before"] < 1e-6


def test_two_accounts_that_take_turns_are_found() -> None:
    rng = random.Random(1)
    touched = people(rng)
    for number, (_, object_, at) in enumerate([row for row in touched if row[0] == "x:p00"]):
        first, second = ("x:g1", "x:g2") if number % 2 else ("x:g2", "x:g1")
        touched += [(first, object_, at + 4000), (second, object_, at + 4000 + rng.uniform(3, 40))]
    result = weighed(events(whole_seconds(touched)))
    assert answers(result, "found") == {"x:g1", "x:g2"}
    (tie,) = {
        (row["a"], row["b"], row["answer"]) for row in result["ties"].rows() if row["answer"] == "found"
    }
    assert tie == ("x:g1", "x:g2", "found")


def audience(rng: random.Random, follow: bool) -> list[Row]:
    """Eight accounts that come to twenty objects within two minutes of each other, after a head or not."""
    touched = people(rng)
    for number in range(20):
        at = number * DAY + 50_000.0
        members = [f"x:a{n}" for n in range(8)]
        rng.shuffle(members)
        acts = [(member, f"o{number * 4}", at + rng.uniform(2, 120)) for member in members]
        touched += acts
        if follow:
            touched.append(("x:head", f"o{number * 4}", at))
    return touched


def test_an_audience_is_explained_by_its_leader() -> None:
    result = weighed(events(whole_seconds(audience(random.Random(2), follow=True))))
    assert not answers(result, "found")
    explained = answers(result, "explained")
    assert {f"x:a{n}" for n in range(8)} <= explained
    causes = {standing(result, account)["because"] for account in explained}
    assert causes <= {CAUSES[TRIGGER], CAUSES[FOLLOWS]}
    leaders = [row["leader"] for row in result["ties"].rows() if row["because"] == CAUSES[TRIGGER]]
    assert leaders.count("x:head") > 0.9 * len(leaders)


def test_the_same_accounts_without_a_leader_are_found() -> None:
    result = weighed(events(whole_seconds(audience(random.Random(2), follow=False))))
    assert answers(result, "found") == {f"x:a{n}" for n in range(8)}


def label(account: str, value: str) -> Table:
    return Table("accounts", pa.Table.from_pylist([{"account": account, "platform_label": value}],
                                                  schema=schema.arrow("accounts")))  # fmt: skip


@pytest.mark.parametrize("value", ["automated", "Bot"])
def test_an_account_labelled_automated_is_never_found(value: str) -> None:
    tables = events(whole_seconds(audience(random.Random(2), follow=False)))
    plain = weighed(tables)
    result = weighed({**tables, "accounts": label("x:a0", value)})
    assert answers(result, "found") == {f"x:a{n}" for n in range(1, 8)}
    mine = standing(result, "x:a0")
    assert (mine["p"], mine["answer"], mine["because"]) == (1.0, "explained", CAUSES[AUTOMATED])
    assert mine["p_before"] == standing(plain, "x:a0")["p_before"]
    for row in result["ties"].rows():
        if "x:a0" in (row["a"], row["b"]):
            assert row["p"] == row["p_odd"] == row["p_even"] == 1
            assert row["answer"] == "explained"
    # it stays in the family of the others, and in the crowd
    assert standing(result, "x:a1")["family"] == standing(plain, "x:a1")["family"]
    assert standing(result, "x:a1")["k"] == standing(plain, "x:a1")["k"]


def test_a_bio_is_no_label() -> None:
    tables = events(whole_seconds(audience(random.Random(2), follow=False)))
    bio = pa.Table.from_pylist(
        [{"account": "x:a0", "bio": "I am a bot", "platform_label": None}], schema=schema.arrow("accounts")
    )
    assert "x:a0" in answers(weighed({**tables, "accounts": Table("accounts", bio)}), "found")


def pair_of(gaps: list[float]) -> tuple[Log, Rows]:
    """Accounts 0 and 1 on one object a day; 1 comes so many seconds after 0."""
    keys = [
        (a, n, n * DAY + late) for n, gap in enumerate(gaps) for a, late in ((0, 1000.0), (1, 1000 + gap))
    ]
    one = log(*(list(column) for column in zip(*keys, strict=True)))
    return one, gather(one, np.array([0]), np.array([1]), 3600)


@pytest.mark.parametrize(
    ("gaps", "who", "always"),
    [
        ([5, 5, 5], -1, False),  # three in a row are no evidence
        ([5, 5, 5, 5], 0, True),  # a chance of 1 in 8
        ([-5] * 4, 1, True),
        ([5, 5, 5, 5, -5], -1, False),  # 6 in 16
        ([5] * 7 + [-5], 0, True),  # 7 of 8 is .875
        ([5] * 8 + [-5] * 2, 0, False),  # 8 of 10 beats a coin at .109, and is no rule
        ([5] * 6 + [-5] * 4, -1, False),
        ([0] * 6, -1, False),  # the same second has no order
        ([5] * 4 + [0] * 4, 0, False),  # always first of the ordered half
    ],
)
def test_who_goes_first(gaps: list[float], who: int, always: bool) -> None:
    one, rows = pair_of(gaps)
    found = trigger.leads(one, rows, np.ones(len(rows.pair), bool), np.array([0]), np.array([1]))
    assert (found.who[0], found.always[0]) == (who, always)


def test_successes_led_by_one_account_count_for_nothing() -> None:
    """8 of 10 led: those eight get chance 1, and what is left is two of two."""
    rng = random.Random(4)
    touched = people(rng)
    for number in range(20):
        first, second = ("x:g1", "x:g2") if number % 10 < 8 else ("x:g2", "x:g1")
        at = number * DAY + 8_000.0 + number * 5 % 8 * 6_000  # not always at one hour: that would explain it
        touched += [(first, f"o{number * 4}", at), (second, f"o{number * 4}", at + rng.uniform(3, 40))]
    result = weighed(events(whole_seconds(touched)))
    (tie,) = [
        row for row in result["ties"].rows()
        if row["a"] == "x:g1" and row["b"] == "x:g2" and row["tier"] == "anchored" and row["window_s"] == 60
    ]  # fmt: skip
    assert tie["together"] == 20
    assert tie["p_before"] < 1e-10
    assert tie["expected"] > 16
    assert 1e-4 < tie["p"] < 1
    assert (tie["because"], tie["leader"]) == (CAUSES[FOLLOWS], "x:g1")


def test_the_account_behind_most_successes() -> None:
    """Account 2 acts within the hour before four of five successes, 3 before three, 4 too early."""
    keys = []
    for n in range(5):
        keys += [(0, n, n * DAY + 9000.0), (1, n, n * DAY + 9005.0), (4, n, n * DAY + 9000.0 - 3601)]
        keys += [(2, n, n * DAY + 8000.0)] if n < 4 else []
        keys += [(3, n, n * DAY + 8500.0)] if n < 3 else []
    one = log(*(list(column) for column in zip(*keys, strict=True)))
    rows = gather(one, np.array([0]), np.array([1]), 60)
    hit = np.ones(len(rows.pair), bool)
    for cost in (1, 20_000_000):
        assert trigger.third(one, rows, hit, 1, cost).tolist() == [2]
    assert trigger.third(one, rows, np.arange(5) != 0, 1).tolist() == [-1], "three of four is too few"
    assert trigger.third(one, rows, np.arange(5) != 4, 1).tolist() == [2]


def test_q_is_raised_to_what_following_explains() -> None:
    keys = []
    for n in range(2):
        keys += [(0, n, n * DAY + 100.0), (1, n, n * DAY + 150.0)]
    keys += [(2, 0, 20.0)]
    one = log(*(list(column) for column in zip(*keys, strict=True)))
    rows = gather(one, np.array([0]), np.array([1]), 600)
    q = np.array([1e-4, 1e-4])
    ratio = geometry(ANCHORED, 1.0, 10, 600).ratio
    # 80 s and 130 s after account 2: bins 60 and 120
    followed = 1.5 * ratio[2, 3]
    raised = trigger.raised(one, rows, q, np.array([2]), ANCHORED, 10, 600, 0.002)
    assert raised == pytest.approx([followed, 0.002])
    led, who = trigger.led(one, rows.early, rows.late, q, np.array([2]), ANCHORED, 10, 600)
    assert led == pytest.approx([followed, 1e-4])
    assert who.tolist() == [2, -1]
    # a leader that is one of the two
    led, who = trigger.led(one, rows.early, rows.late, q, np.array([0]), ANCHORED, 10, 600)
    assert led == pytest.approx([min(1, 1.5 * ratio[0, 1])] * 2)
    assert who.tolist() == [0, 0]
    same, who = trigger.led(one, rows.early, rows.late, q, np.zeros(0, np.int64), ANCHORED, 10, 600)
    assert (same.tolist(), who.tolist()) == (q.tolist(), [-1, -1])


def test_in_a_group_without_a_head_nobody_leads() -> None:
    rng = np.random.default_rng(5)
    led = 0
    for _ in range(40):
        keys = [(a, n, n * DAY + float(rng.integers(0, 120))) for n in range(20) for a in range(8)]
        one = log(*(list(column) for column in zip(*keys, strict=True)))
        events_ = np.arange(len(one.time))
        led += bool(len(trigger.leaders(one, events_, events_)))
    assert led <= 6, "the sign test is at 5 per cent over all accounts"


def test_who_always_goes_before_most_leads() -> None:
    rng = np.random.default_rng(6)
    keys = [(a, n, n * DAY + 500.0 + float(rng.integers(0, 120))) for n in range(20) for a in range(8)]
    keys += [(9, n, n * DAY + 400.0) for n in range(20)]
    # on three objects alone nobody can be told from luck, and hours earlier is no trigger
    keys += [(10, n, n * DAY + 390.0) for n in range(3)] + [
        (11, n, n * DAY + 500.0 - 4000) for n in range(20)
    ]
    one = log(*(list(column) for column in zip(*keys, strict=True)))
    acts = np.flatnonzero(one.account < 8)
    assert trigger.leaders(one, acts, acts).tolist() == [9]
