"""Tier A: the chance of a row by hand, calibration on an exchangeable crowd, and groups left out of it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from timed import DAY, crowd, log

from concerted.nulls import anchored, candidates, coactions, density
from concerted.nulls.cells import Cell, cells
from concerted.nulls.ladder import ANCHORED, Cells, geometry, with_originals
from concerted.nulls.log import NO_ORIGIN, Floats, Ints, Log
from concerted.nulls.rows import Rows, fold, gather
from concerted.nulls.rows import test as p_of
from concerted.nulls.tails import poisson_binomial
from concerted.traces import LADDER

PEOPLE = 200


def exchangeable(seed: int, *, origins: bool) -> Log:
    """A crowd in which times are dealt anew among the sharers of each object: no pair can mean anything."""
    rng = np.random.default_rng([seed, 9])
    account, object_, seconds = crowd(seed, accounts=PEOPLE, objects=300, each=30)
    origin = np.full(int(object_.max()) + 1, NO_ORIGIN)
    for one in np.unique(object_):
        mine = np.flatnonzero(object_ == one)
        seconds[mine] = seconds[mine][rng.permutation(len(mine))]
        if origins:
            origin[one] = (seconds[mine].min() - 60) * 1_000_000
    return log(account, object_, seconds, origin=origin)


def family(one: Log, horizon: int) -> tuple[Ints, Ints]:
    found = coactions.count(one, horizon, PEOPLE)
    return found.a, found.b


def judged(one: Log, a: Ints, b: Ints, window: int, horizon: int) -> tuple[Rows, anchored.Anchored]:
    rows = gather(one, a, b, horizon)
    accounts = int(max(a.max(), b.max(), one.account.max())) + 1
    crowd_ = with_originals(one)
    return rows, anchored.chances(
        one, crowd_, np.ones(len(crowd_.time), bool), rows, a, b, window, horizon, accounts, 1
    )


@pytest.mark.parametrize("origins", [False, True])
def test_q_is_the_share_of_the_objects_own_pairs(origins: bool) -> None:
    rng = np.random.default_rng(8)
    keys = [(a, o) for a in range(12) for o in range(4) if rng.random() < 0.8]
    origin = np.array([0, NO_ORIGIN, -30_000_000, NO_ORIGIN]) if origins else None
    one = log(
        [a for a, _ in keys], [o for _, o in keys], rng.integers(0, 300, len(keys)).tolist(), origin=origin
    )
    a, b = (np.array(side) for side in zip(*combinations(range(12), 2), strict=True))
    rows, result = judged(one, a, b, 20, 200)
    assert (result.group == -1).all()
    crowd_ = with_originals(one)
    bin_ = np.searchsorted(ANCHORED, crowd_.latency, side="right") - 1
    latency = np.searchsorted(ANCHORED, one.latency, side="right") - 1
    for row in range(len(rows.pair)):
        o, k, l = one.object[rows.early[row]], latency[rows.early[row]], latency[rows.late[row]]
        gaps = [
            crowd_.time[j] - crowd_.time[i]
            for i, j in combinations(np.flatnonzero(crowd_.object == o), 2)
            if bin_[i] == k and bin_[j] == l
        ]
        near = sum(gap <= 200e6 for gap in gaps)
        assert result.q[row] == pytest.approx(sum(gap <= 20e6 for gap in gaps) / near)
        assert result.q[row] >= 1 / near or rows.gap(one)[row] > 20e6, "the pair itself is counted"


def shares(origins: bool, window: int, horizon: int) -> tuple[Floats, Floats]:
    """p, and p randomised between P(X >= x) and P(X > x), which is uniform where the null is exact."""
    rng = np.random.default_rng(3)
    plain, mixed = [], []
    for seed in (1, 2, 3, 4):
        one = exchangeable(seed, origins=origins)
        a, b = family(one, horizon)
        rows, result = judged(one, a, b, window, horizon)
        episodes = fold(one, rows, result.q, rows.gap(one) <= window * 1e6)
        whole = p_of(episodes, len(a))
        beyond = poisson_binomial(episodes.chance, episodes.pair, whole.together + 1)
        plain.append(whole.p)
        mixed.append(beyond + rng.random(len(a)) * (whole.p - beyond))
    return np.concatenate(plain), np.concatenate(mixed)


@pytest.mark.parametrize("origins", [False, True])
@pytest.mark.parametrize(("window", "horizon"), LADDER)
def test_p_is_calibrated_on_an_exchangeable_crowd(window: int, horizon: int, origins: bool) -> None:
    plain, mixed = shares(origins, window, horizon)
    for level in (0.05, 0.01):
        # four standard deviations of independent pairs: pairs that share an object are not quite
        width = 4 * np.sqrt(level * (1 - level) / len(plain))
        assert (plain <= level).mean() <= level + width
        assert abs((mixed <= level).mean() - level) <= width
    assert abs((mixed <= 0.5).mean() - 0.5) <= 0.02


def with_plants(
    seed: int, size: int, objects: int, spread: float, people: int = PEOPLE
) -> tuple[Log, set[int], int]:
    """The crowd, and `size` accounts more that come within `spread` seconds on objects of the crowd."""
    rng = np.random.default_rng([seed, size])
    account, object_, seconds = crowd(seed, accounts=people, objects=300, each=30)
    count = np.bincount(object_)
    picked = rng.choice(np.flatnonzero((count >= 8) & (count <= 90)), objects, replace=False)
    members = np.arange(people, people + size)
    parts = [(account, object_, seconds)]
    for one in picked:
        start = rng.choice(seconds[object_ == one]) + rng.uniform(0, 600)
        late = np.floor(start + rng.uniform(0, spread, size))
        parts.append((members, np.full(size, one), late))
    # members also act like anybody else
    for member in members:
        others = np.flatnonzero(np.isin(account, rng.choice(people, 3, replace=False)))
        own = rng.choice(others, min(len(others), objects), replace=False)
        own = own[~np.isin(object_[own], picked)]
        _, first = np.unique(object_[own], return_index=True)
        own = own[first]
        parts.append((np.full(len(own), member), object_[own], np.floor(seconds[own] + rng.normal(0, 1800))))
    one = log(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return one, set(members.tolist()), people + size


def tier_a(one: Log, accounts: int, window: int = 60) -> tuple[Ints, Ints, Cell]:
    found = coactions.count(one, 600, accounts)
    cell = next(
        cell
        for cell in cells(one, found.a, found.b, list(LADDER), accounts, 1, None)
        if cell.tier == "anchored" and cell.window == window
    )
    return found.a, found.b, cell


def test_planted_pairs_have_small_p_and_nobody_else() -> None:
    one, members, accounts = with_plants(1, 2, 12, 30)
    a, b, cell = tier_a(one, accounts)
    low, high = sorted(members)
    planted = (a == low) & (b == high)
    assert planted.sum() == 1
    assert cell.tested.p[planted][0] < 1e-6
    assert cell.tested.together[planted][0] >= 8
    assert cell.tested.p[~planted].min() > 1e-5


def test_a_group_of_twelve_is_left_out_of_its_own_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    one, members, accounts = with_plants(2, 12, 10, 60)
    a, b, cell = tier_a(one, accounts)
    mine = np.isin(a, list(members)) & np.isin(b, list(members))
    assert mine.sum() == 66
    assert (cell.tested.p[mine] < 1e-5).mean() > 0.9
    assert cell.tested.p[~mine].min() > 1e-5

    monkeypatch.setattr(candidates, "groups", lambda accounts, *_, **__: np.full(accounts, -1))
    _, _, hidden = tier_a(one, accounts)
    assert (hidden.tested.p[mine] < 1e-5).mean() < 0.5, "a group of this size explains itself away"


def test_q_inside_a_group_is_that_of_the_others() -> None:
    one, members, accounts = with_plants(2, 12, 10, 60)
    window, horizon = 60, 3600
    a, b = (side for side in (coactions.count(one, 600, accounts).a, coactions.count(one, 600, accounts).b))
    rows = gather(one, a, b, horizon)
    result = anchored.chances(
        one, one, np.ones(len(one.time), bool), rows, a, b, window, horizon, accounts, 1
    )
    group = {result.group[member] for member in members}
    assert len(group) == 1
    assert -1 not in group
    inside = np.flatnonzero(np.isin(a, list(members)) & np.isin(b, list(members)))
    outsiders = one.keep(~np.isin(one.account, np.flatnonzero(result.group >= 0)))
    pooled = Cells(outsiders, ANCHORED, window, horizon).pooled(geometry(ANCHORED, 1.0, window, horizon), 5.0)
    assert np.allclose(pooled, result.pooled)
    bin_ = np.searchsorted(ANCHORED, one.latency, side="right") - 1
    for row in np.flatnonzero(np.isin(rows.pair, inside))[::97]:
        k, l = bin_[rows.early[row]], bin_[rows.late[row]]
        others = [
            event
            for event in np.flatnonzero(one.object == one.object[rows.early[row]])
            if one.account[event] not in members
        ]
        gaps = [one.time[j] - one.time[i] for i, j in combinations(others, 2) if (bin_[i], bin_[j]) == (k, l)]
        hits, near = sum(gap <= window * 1e6 for gap in gaps), sum(gap <= horizon * 1e6 for gap in gaps)
        assert result.q[row] == pytest.approx((hits + 10 * pooled[k, l]) / (near + 10))


def test_crowded_moments_are_the_same_for_the_test_and_its_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """The original post makes no moment more crowded: no row may lose the crowd it is compared with."""
    for name, value in (("FREE", 10), ("PER_EVENT", 1), ("LEAST", 5)):
        monkeypatch.setattr(density, name, value)
    # bursts of six within the minute of the original: each has exactly five others
    rng = np.random.default_rng(1)
    keys = [
        (int(a), o, int(o * DAY + rng.integers(5, 55)))
        for o in range(40)
        for a in rng.choice(30, 6, replace=False)
    ]
    keys += [(30 + n % 40, 40 + n // 40, 41 * DAY + n % 40) for n in range(80)]
    origin = np.array([o * DAY * 1_000_000 for o in range(40)] + [NO_ORIGIN] * 2)
    one = log(*(list(column) for column in zip(*keys, strict=True)), origin=origin)
    assert density.limit(one, 60) == 5
    a, b = (np.array(side) for side in zip(*combinations(range(30), 2), strict=True))
    cell = next(iter(cells(one, a, b, [(60, 3600)], 70, 1, None)))
    met = cell.tested.both > 0
    assert met.sum() > 100
    assert cell.tested.expected[met].min() > 0.5, "all six always come within the minute"
    assert cell.tested.p.min() > 0.1
