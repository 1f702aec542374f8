"""A group named by other evidence, tested on timing: by hand, calibrated on random lists, powerful."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from test_nulls_anchored import PEOPLE, exchangeable
from timed import DAY, crowd, log

from concerted.nulls import cohort
from concerted.nulls.ladder import ANCHORED
from concerted.nulls.log import NO_ORIGIN, Ints, Log
from concerted.nulls.sets import _cohorts


def by_hand(one: Log, members: list[int], window: int) -> dict[int, tuple[int, float]]:
    """Successes and expectation of each member, in plain Python."""
    ends = [*ANCHORED.tolist(), ANCHORED[-1] * 2]
    hours: dict[tuple[int, int], list[tuple[float, bool]]] = defaultdict(list)
    seconds = (one.time / 1e6).tolist()
    for event, (account, object_) in enumerate(zip(one.account.tolist(), one.object.tolist(), strict=True)):
        same = [i for i in range(len(seconds)) if one.object[i] == object_]
        others = [seconds[i] for i in same if one.account[i] in members and i != event]
        if account not in members or not others:
            continue
        anchor = one.anchor[object_] / 1e6
        k = sum(edge <= one.latency[event] for edge in ANCHORED) - 1
        low, high = anchor + ends[k], anchor + ends[k + 1]
        outside = [
            seconds[i]
            for i in same
            if one.account[i] not in members and ends[k] <= one.latency[i] < ends[k + 1]
        ]
        every = [*others, seconds[event]]
        near = sum(min(abs(t - m) for m in every) <= window for t in outside)
        covered = sum(max(0.0, min(high, m + window) - max(low, m - window)) for m in others) / (high - low)
        q = min(1.0, (near + 3 * min(1.0, 2 * min(1.0, covered))) / (len(outside) + 3))
        hit = min(abs(seconds[event] - m) for m in others) <= window
        hours[account, int(seconds[event] // 3600)].append((q, hit))
    found: dict[int, tuple[int, float]] = dict.fromkeys(members, (0, 0.0))
    for (account, _), acts in hours.items():
        hits, expected = found[account]
        none = float(np.prod([1 - q for q, _ in acts]))
        found[account] = (hits + any(hit for _, hit in acts), expected + 1 - none)
    return found


@pytest.mark.parametrize("origins", [False, True])
def test_successes_and_expectation_by_hand(origins: bool) -> None:
    rng = np.random.default_rng(4)
    keys = [(a, o) for a in range(12) for o in range(9) if rng.random() < 0.6]
    origin = np.array([-40_000_000 * (o % 3) if o % 2 else NO_ORIGIN for o in range(9)])
    when = [o * 5000.0 + float(rng.integers(0, 900)) for _, o in keys]
    origin = np.where(origin == NO_ORIGIN, origin, origin + np.arange(9) * 5_000_000_000)
    one = log([a for a, _ in keys], [o for _, o in keys], when, origin=origin if origins else None)
    members = [1, 4, 5, 9]
    mine = cohort.acts(one, np.array(members), 45)
    each = cohort.members_p(one, np.array(members), mine, mine.q)
    p, seen, expected = each.p, each.seen, each.expected
    hand = by_hand(one, members, 45)
    assert seen.tolist() == [hand[member][0] for member in members]
    assert expected == pytest.approx([hand[member][1] for member in members], rel=1e-9)
    assert ((p > 0) & (p <= 1)).all()


@pytest.mark.parametrize("origins", [False, True])
@pytest.mark.parametrize("window", [10, 60, 600])
def test_random_lists_are_nothing(window: int, origins: bool) -> None:
    whole, each = [], []
    for seed in (1, 2):
        one = exchangeable(seed, origins=origins)
        rng = np.random.default_rng(seed)
        for _ in range(60):
            members = np.sort(rng.choice(PEOPLE, int(rng.integers(5, 30)), replace=False))
            found = cohort.test(one, members, window)
            whole.append(found.p)
            each.append(found.each.p)
    # two standard deviations over the nominal share, of 120 lists and of some 2,000 members
    assert np.mean(np.array(whole) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(whole))
    alone = np.concatenate(each)
    assert np.mean(alone <= 0.01) <= 0.01 + 2 * np.sqrt(0.01 * 0.99 / len(alone))


def by_hand_operation(seed: int, size: int, days: int, share: float) -> tuple[Log, Ints]:
    """Members each of whom takes part in a few of the joint acts, within eight minutes, by hand."""
    rng = np.random.default_rng([seed, 77])
    account, object_, seconds = crowd(seed, accounts=PEOPLE, objects=300, each=30)
    members = np.arange(PEOPLE, PEOPLE + size)
    count = np.bincount(object_)
    born = np.array([seconds[object_ == o].min() for o in range(len(count))])
    parts = [(account, object_, seconds)]
    for day in range(days):
        able = np.flatnonzero((born // DAY == day) & (count >= 15))
        for one in rng.choice(able, min(3, len(able)), replace=False):
            who = members[rng.random(size) < share]
            start = rng.choice(seconds[object_ == one])
            parts.append((who, np.full(len(who), one), np.floor(start + rng.uniform(0, 480, len(who)))))
    return log(*(np.concatenate(column) for column in zip(*parts, strict=True))), members


def test_a_planted_cohort_is_seen_though_its_members_take_turns() -> None:
    one, members = by_hand_operation(3, size=16, days=15, share=0.3)
    found = cohort.test(one, members, 600)
    assert found.p < 1e-3
    assert found.each.seen.sum() > 1.5 * found.each.expected.sum()
    assert (found.each.p < 0.05).mean() > 0.5
    rng = np.random.default_rng(1)
    for _ in range(5):
        others = np.sort(rng.choice(PEOPLE, len(members), replace=False))
        assert cohort.test(one, others, 600).p > 0.05


def test_members_who_share_nothing_have_p_one() -> None:
    one = log([0, 1, 2, 3], [0, 0, 1, 1], [0.0, 5.0, 0.0, 5.0])
    found = cohort.test(one, np.array([0, 2]), 60)
    assert (found.p, found.before, found.each.p.tolist()) == (1.0, 1.0, [1.0, 1.0])
    assert found.each.seen.sum() == found.each.expected.sum() == 0


def test_a_cohort_that_follows_its_head_is_not_found() -> None:
    """Twelve opened on one day follow one account; each act comes within ten minutes of the head's."""
    rng = np.random.default_rng(8)
    account, object_, seconds = crowd(8, accounts=PEOPLE, objects=300, each=30)
    members = np.arange(PEOPLE, PEOPLE + 12)
    head = PEOPLE + 12
    parts = [(account, object_, seconds)]
    for one in rng.choice(300, 60, replace=False):
        start = rng.choice(seconds[object_ == one])
        who = members[rng.random(12) < 0.6]
        times = np.concatenate(([start], np.floor(start + rng.uniform(1, 600, len(who)))))
        parts.append((np.append(head, who), np.full(len(who) + 1, one), times))
    one = log(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    found = cohort.test(one, members, 600)
    assert found.before < 1e-4
    assert found.p > 0.05
    assert "goes first" in found.because


def test_two_of_a_cohort_make_no_set() -> None:
    account, object_, seconds = crowd(9, accounts=PEOPLE, objects=300, each=30)
    again = account == 0
    one = log(
        np.concatenate((account, np.full(again.sum(), PEOPLE))),
        np.concatenate((object_, object_[again])),
        np.concatenate((seconds, seconds[again] + 2)),
    )
    found = cohort.test(one, np.array([0, 1, 2, 3, 4, PEOPLE]), 60)
    assert found.each.p[[0, 5]].max() < 1e-6
    assert found.p > 0.01


def test_cohorts_are_five_accounts_opened_on_one_day_and_no_tide() -> None:
    accounts = 60
    keys = [(a, o) for a in range(50) for o in (a, (a + 1) % 50)]
    one = log([a for a, _ in keys], [o for _, o in keys], [float(a) for a, _ in keys], objects=50)
    opened = np.arange(accounts) + 1000
    opened[0:5] = 7  # five on one day
    opened[10:14] = 8  # four are too few
    opened[20:36] = 9  # sixteen of fifty are a tide
    opened[40] = opened[55] = -1  # not known
    opened[50:60] = 11  # in no event of this trace
    found = _cohorts(one, accounts, opened)
    assert [(basis, members.tolist()) for basis, members in found] == [
        ("opened on 1970-01-08", [0, 1, 2, 3, 4])
    ]
