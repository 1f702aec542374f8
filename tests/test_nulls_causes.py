"""Innocent causes that lie in the calendar and on the clock: meetings at fixed hours, timetables."""

from __future__ import annotations

import random

import numpy as np
import pytest
from timed import DAY, Row, answers, events, log, weighed

from concerted.nulls.appointment import LEAST, Weeks, appointments, folded
from concerted.nulls.log import SECOND, Log
from concerted.nulls.rows import APPOINTMENT, BY_CLOCK, CAUSES, gather
from concerted.nulls.timetable import Timetables

HOUR = 3600
WEEK = 7 * DAY


def held(*hours: float, owner: list[int] | None = None) -> list[int]:
    """Numbers of the appointments of times in hours, counted from 0."""
    at = appointments(np.array(owner or [0] * len(hours)), np.array([int(h * HOUR * SECOND) for h in hours]))
    return (at - at.min()).tolist()


def test_the_same_hour_of_another_week_is_the_same_appointment() -> None:
    assert held(20, 20 + 168, 21 + 2 * 168) == [0, 0, 0]
    assert held(20, 20 + 24) == [0, 1], "another day of the week"
    assert held(20, 26, 27) == [0, 0, 1], "six hours at most"
    assert len(set(held(167, 1, 168 + 166))) == 1, "across the end of the week"


def test_appointments_of_two_owners_are_never_the_same() -> None:
    assert held(20, 20, 188, owner=[0, 1, 0]) == [0, 1, 0]


def test_appointments_do_not_depend_on_the_order_given() -> None:
    rng = np.random.default_rng(3)
    owner, time = rng.integers(0, 4, 200), rng.integers(0, 30 * DAY, 200) * SECOND
    turn = rng.permutation(200)
    assert appointments(owner, time)[turn].tolist() == appointments(owner[turn], time[turn]).tolist()
    number, week = appointments(owner, time), WEEK * SECOND
    apart = np.abs(time[:, None] - time[None, :]) % week
    same = number[:, None] == number[None, :]
    assert np.minimum(apart, week - apart)[same].max() <= 6 * HOUR * SECOND
    assert (owner[:, None] == owner[None, :])[same].all()


def crowd_log(rng: np.random.Generator) -> Log:
    """Acts at any hour of four weeks."""
    return log(list(range(3000)), [0] * 3000, np.sort(rng.integers(0, 28 * DAY, 3000)).astype(float).tolist())


@pytest.mark.parametrize("days", [2, 5, 8, 20])
def test_chance_appointments_hold_their_level(days: int) -> None:
    """Days at any hour and any day of the week recur by chance in at most one case of twenty."""
    rng = np.random.default_rng(1)
    weeks = Weeks(crowd_log(rng), 1)
    drawn = 2000
    time = rng.integers(0, 7 * 86_400, (drawn, days)) * SECOND
    owner = np.repeat(np.arange(drawn), days)
    number = appointments(owner, time.ravel()).reshape(drawn, days)
    count = np.array([len(set(row)) for row in number.tolist()])
    assert (weeks.p(days, count) <= 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / drawn)
    assert weeks.p(8, np.array([2]))[0] < 0.01
    assert weeks.p(8, np.array([8]))[0] == 1


def test_days_at_one_appointment_are_one_trial() -> None:
    """Ten weeks at one hour: one trial in place of ten, and under five trials p is 1."""
    weekly = log(
        [0, 1] * 10, np.repeat(range(10), 2).tolist(), [n * WEEK + late for n in range(10) for late in (0, 9)]
    )
    daily = log(
        [0, 1] * 10, np.repeat(range(10), 2).tolist(), [n * DAY + late for n in range(10) for late in (0, 9)]
    )
    pair = np.array([0]), np.array([1])
    q, hit = np.full(10, 0.1), np.ones(10, bool)
    one = folded(weekly, gather(weekly, *pair, 60), q, hit, 1)
    assert (one.both[0], one.together[0], one.p[0]) == (1, 1, 1.0)
    assert one.expected[0] == pytest.approx(1 - 0.9**10)
    seven = folded(daily, gather(daily, *pair, 60), q, hit, 1)
    assert seven.together[0] == 7 >= LEAST
    assert seven.p[0] == pytest.approx((1 - 0.9**2) ** 3 * 0.1**4, rel=1e-9)


def background(rng: random.Random) -> list[Row]:
    """People who touch objects hours apart, at all hours of eight weeks."""
    return [
        (f"x:p{a:02d}", f"crowd{o}", o * DAY / 2 + rng.expovariate(1 / 14_400) // 1 + 7)
        for o in range(110)
        for a in rng.sample(range(60), 8)
    ]


def own(rng: random.Random, days: list[float], members: int = 6) -> list[Row]:
    """Members who touch things of their own within 50 seconds, on these days, in no order."""
    return [
        (f"x:g{m}", f"own{n}", day * DAY + rng.uniform(0, 50) // 1)
        for n, day in enumerate(days)
        for m in range(members)
    ]


GROUP = {f"x:g{m}" for m in range(6)}


def test_a_weekly_meeting_is_explained_and_as_many_days_at_odd_hours_are_found() -> None:
    rng = random.Random(2)
    people = background(rng)
    odd = [7 * n + rng.uniform(0, 6) for n in range(8)]
    found = weighed(events([*people, *own(rng, odd)]))
    assert answers(found, "found") == GROUP
    meeting = [7 * n + 2.8 for n in range(8)]
    told = weighed(events([*people, *own(rng, meeting)]))
    assert not answers(told, "found")
    assert answers(told, "explained") == GROUP
    why = {row["because"] for row in told["standings"].rows() if row["answer"] == "explained"}
    assert CAUSES[APPOINTMENT] in why


def scheduled(rng: np.random.Generator, step: int, objects: int = 40) -> Log:
    """Account 0 posts at the next multiple of `step` seconds, 1 at any second; 2 bursts at one full hour."""
    keys = [(0, o, np.ceil((o + rng.random()) * 20_000 / step) * step) for o in range(objects)]
    keys += [(1, o, np.floor((o + rng.random()) * 20_000)) for o in range(objects)]
    keys += [(2, o, 10 * HOUR + o % 10) for o in range(objects)]
    return log(*(list(column) for column in zip(*keys, strict=True)))


@pytest.mark.parametrize("step", [60, 300, 600, 900, 1800, 3600])
def test_a_timetable_is_told_by_the_round_times_of_an_account(step: int) -> None:
    one = scheduled(np.random.default_rng(step), step)
    found, drawn = Timetables(one, np.arange(3), 1)._told(np.arange(len(one.time)))
    mine = one.account == 0
    assert (found[mine] >= step).all(), "a coarser one may take some of the times, never a finer"
    assert (found[mine] == step).mean() > 0.5
    assert not found[~mine].any(), "neither smooth times nor a single burst"
    assert drawn[mine].min() > 0.5
    assert not drawn[~mine].any()


def test_two_timetables_make_the_same_tick_likely() -> None:
    """Within ten seconds lie 21 of the 300 that each tick draws: 14 times as likely, less the margin."""
    rng = np.random.default_rng(4)
    ticks = np.ceil((np.arange(60) + rng.random(60)) * 20_000 / 300) * 300
    keys = [(a, o, at) for o, at in enumerate(ticks.tolist()) for a in (0, 1)]
    one = log(*(list(column) for column in zip(*keys, strict=True)))
    rows = gather(one, np.array([0]), np.array([1]), 600)
    tables = Timetables(one, np.array([0, 1]), 1)
    q = np.full(len(rows.pair), 0.01)
    raised = tables.raised(rows, q, 10, 1.0)
    assert 0.12 < raised.min() <= np.median(raised) < 0.01 * 300 / 21
    assert tables.raised(rows, q, 10, 2.0) == pytest.approx(raised / 2)
    assert tables.raised(rows, q, 600, 2.0) == pytest.approx(q), "the window is wider than the step"
    nobody = Timetables(one, np.array([5]), 1)
    assert nobody.raised(rows, q, 10, 1.0).tolist() == q.tolist()


BORN = {f"feed{n}": n * 1.7 * DAY + 1234 for n in range(30)}


def feeds(rng: random.Random, step: int, late: int) -> list[Row]:
    """Two feeds that post what a source does at the next multiple of `step` s, up to `late` s after it, and
    people who share them within minutes."""
    rows = background(rng)
    for thing, born in BORN.items():
        at = (born + rng.uniform(5, 250)) // step * step + step
        rows += [(f"x:f{m}", thing, at + rng.randint(0, late)) for m in range(2)]
        rows += [(f"x:q{m:03d}", thing, born + rng.uniform(0, 900) // 1) for m in rng.sample(range(900), 12)]
    return rows


def test_feeds_on_one_timetable_are_explained_and_machines_at_odd_times_are_found() -> None:
    by_clock = weighed(events(feeds(random.Random(5), 300, 0), BORN))
    assert not answers(by_clock, "found")
    explained = [row for row in by_clock["standings"].rows() if row["answer"] == "explained"]
    assert {row["account"]: row["because"] for row in explained} == {
        "x:f0": CAUSES[BY_CLOCK],
        "x:f1": CAUSES[BY_CLOCK],
    }
    odd = weighed(events(feeds(random.Random(5), 1, 5), BORN))
    assert answers(odd, "found") == {"x:f0", "x:f1"}
