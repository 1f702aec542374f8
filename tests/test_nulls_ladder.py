"""Latency bins and counts of close pairs, against plain enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timed import log

from concerted.nulls.ladder import ANCHORED, EXCLUSIVE, Cells, crowd_without, geometry, with_originals
from concerted.nulls.log import NO_ORIGIN, NOBODY, Log, blocks, expand, search

SMALL = np.array([0.0, 4.0, 8.0, 15.0, 30.0])
RUNGS = [(10, 600), (60, 3600), (600, 21600)]


def enumerated(edges: list[float], clock: float, k: int, l: int, reach: float) -> float:
    """Share of pairs of ticks, one in bin k, the other in bin l, at most `reach` apart."""
    ends = [*edges[1:], edges[-1] * 2]
    ticks = [
        [n * clock for n in range(10_000) if low <= n * clock < high]
        for low, high in ((edges[k], ends[k]), (edges[l], ends[l]))
    ]
    pairs = [(x, y) for x in ticks[0] for y in ticks[1]]
    return sum(abs(x - y) <= reach for x, y in pairs) / len(pairs) if pairs else 0.0


@pytest.mark.parametrize("clock", [1.0, 2.0, 10.0, 60.0])
def test_geometry_counts_ticks_of_the_clock(clock: float) -> None:
    edges = [0.0, 30.0, 60.0, 120.0]
    found = geometry(np.array(edges), clock, 20, 90)
    for k in range(4):
        for l in range(4):
            assert found.within[k, l] == pytest.approx(enumerated(edges, clock, k, l, 20))
            assert found.near[k, l] == pytest.approx(enumerated(edges, clock, k, l, 90))


def test_on_a_clock_of_minutes_a_minute_means_this_one_or_the_next() -> None:
    found = geometry(np.array([0.0, 600.0]), 60.0, 60, 600)
    # ten ticks: 10 pairs on the same, 18 on neighbours, of 100
    assert found.within[0, 0] == pytest.approx(28 / 100)
    assert found.near[0, 0] == 1.0
    assert found.ratio[0, 0] == pytest.approx(0.28)


def test_geometry_asks_nothing_where_bins_are_too_far_apart() -> None:
    found = geometry(ANCHORED, 1.0, 10, 600)
    first, last = 0, len(ANCHORED) - 1
    assert found.near[first, last] == 0
    assert found.ratio[first, last] == 1
    assert np.allclose(found.within, found.within.T)
    assert (found.ratio <= 1).all()
    # one far bin: two times an hour wide meet within ten seconds as often as a smooth rate says
    k = int(np.searchsorted(ANCHORED, 3840))
    assert found.within[k, k] == pytest.approx(2 * 10.5 / 3840, rel=0.01)


def test_bins_double_up_to_32_hours() -> None:
    assert ANCHORED[:4].tolist() == [0, 30, 60, 120]
    assert EXCLUSIVE[:6].tolist() == [0, 4, 8, 15, 30, 60]
    for edges in (ANCHORED, EXCLUSIVE):
        assert 57_600 < edges[-1] <= 122_880


@st.composite
def logs(draw: st.DrawFn, origins: bool = True) -> Log:
    """Some objects with ties in time, clocks of milliseconds or minutes, origins known or not."""
    unit = draw(st.sampled_from([0.001, 1.0, 60.0]))
    objects = draw(st.integers(1, 4))
    keys = st.tuples(st.integers(0, 9), st.integers(0, objects - 1))
    touched = draw(st.lists(keys, max_size=24, unique=True))
    top = draw(st.sampled_from([3, 40, 400]))
    times = [draw(st.integers(0, top)) * unit for _ in touched]
    origin = np.full(objects, NO_ORIGIN)
    if origins:
        for number in range(objects):
            if draw(st.booleans()):
                origin[number] = draw(st.integers(-20, top)) * round(unit * 1e6)
    return log(
        [a for a, _ in touched], [o for _, o in touched], times, step=unit, origin=origin, objects=objects
    )


NOT_COUNTED = -1


def close_pairs(one: Log, bin_: np.ndarray, object_: int, k: int, l: int, reach: float) -> int:
    """Pairs of events of an object, the earlier in bin k, the later in bin l, at most so far apart."""
    mine = [i for i in range(len(one.time)) if one.object[i] == object_]
    return sum(
        bin_[i] == k and bin_[j] == l and one.time[j] - one.time[i] <= reach * 1e6
        for i, j in combinations(mine, 2)
    )


@settings(max_examples=60, deadline=None)
@given(logs(), st.data())
def test_counts_are_those_of_enumeration(one: Log, data: st.DataObject) -> None:
    counted = st.lists(st.booleans(), min_size=len(one.time), max_size=len(one.time))
    drawn = data.draw(st.none() | counted)
    part = None if drawn is None else np.array(drawn, bool)
    cells = Cells(one, SMALL, 5, 50, part)
    # latency is in microseconds of the anchor, so the bin is known exactly
    anchor = [
        one.origin[o]
        if one.origin[o] != NO_ORIGIN
        else min(t for t, p in zip(one.time, one.object, strict=True) if p == o)
        for o in one.object
    ]
    latency = np.maximum(one.time - np.array(anchor, np.int64), 0) / 1e6
    bin_ = np.array([sum(edge <= late for edge in SMALL) - 1 for late in latency], np.int64)
    if part is not None:
        bin_[~part] = NOT_COUNTED
    asked = [
        (o, k, l)
        for o in range(len(one.origin))
        for k in range(len(SMALL))
        for l in range(k, len(SMALL))
    ]  # fmt: skip
    within, near = cells.count(*(np.array(column) for column in zip(*asked, strict=True)))
    assert within.tolist() == [close_pairs(one, bin_, o, k, l, 5) for o, k, l in asked]
    assert near.tolist() == [close_pairs(one, bin_, o, k, l, 50) for o, k, l in asked]

    prior = geometry(SMALL, 1.0, 5, 50)
    table = cells.pooled(prior, 5.0)
    for k in range(len(SMALL)):
        for l in range(k, len(SMALL)):
            hits, pairs = 5.0 * prior.ratio[k, l], 5.0
            for o in range(len(one.origin)):
                d = close_pairs(one, bin_, o, k, l, 50)
                if d:
                    hits += close_pairs(one, bin_, o, k, l, 5) / np.sqrt(d)
                    pairs += np.sqrt(d)
            assert table[k, l] == pytest.approx(hits / pairs, rel=1e-12)
            assert table[l, k] == table[k, l]


@settings(max_examples=60, deadline=None)
@given(logs(), st.lists(st.integers(-1, 2), min_size=10, max_size=10), st.data())
def test_a_crowd_without_a_group_is_the_others(one: Log, groups: list[int], data: st.DataObject) -> None:
    group = np.array(groups)
    crowd = with_originals(one)
    wanted = data.draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, len(one.origin) - 1)),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    part = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(crowd.time), max_size=len(crowd.time))), bool
    )
    left = crowd_without(
        crowd, part, group, np.array([g for g, _ in wanted]), np.array([o for _, o in wanted])
    )
    found = list(zip(left.object.tolist(), left.account.tolist(), left.time.tolist(), strict=True))
    by_hand = [
        (view, account, time)
        for view, (unwanted, object_) in enumerate(wanted)
        for account, touched, time, counted in zip(
            crowd.account.tolist(), crowd.object.tolist(), crowd.time.tolist(), part.tolist(), strict=True
        )
        if counted and touched == object_ and (account == NOBODY or groups[account] != unwanted)
    ]
    assert found == by_hand
    # latencies still count from the first event of the whole object, though it may be the group's own
    assert left.anchor.tolist() == [crowd.anchor[o] for _, o in wanted]


@settings(max_examples=60, deadline=None)
@given(logs())
def test_originals_are_nobodys_event(one: Log) -> None:
    crowd = with_originals(one)
    known = int((one.origin != NO_ORIGIN).sum())
    assert (crowd.account == NOBODY).sum() == known
    assert crowd.anchor.tolist() == one.anchor.tolist()
    order = np.lexsort((crowd.account, crowd.time, crowd.object))
    assert order.tolist() == list(range(len(order)))
    people = crowd.keep(crowd.account != NOBODY)
    assert people.time.tolist() == one.time.tolist()


@settings(max_examples=60, deadline=None)
@given(logs(origins=False), st.integers(0, 100))
def test_reach_back_and_meetings_by_hand(one: Log, seconds: int) -> None:
    n = len(one.time)
    near = [
        [one.object[j] == one.object[i] and abs(one.time[j] - one.time[i]) <= seconds * 1e6 for j in range(n)]
        for i in range(n)
    ]
    for i in range(n):
        assert one.reach(seconds)[i] == 1 + max(j for j in range(n) if near[i][j])
        assert one.back(seconds)[i] == min(j for j in range(n) if near[i][j])
    pairs = list(combinations(range(10), 2))
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    inside = (a <= one.account.max(initial=-1)) & (b <= one.account.max(initial=-1))
    a, b = a[inside], b[inside]
    for rows in (1, 3, 1000):
        met = [
            row
            for chunk in one.meetings(a, b, seconds, rows)
            for row in zip(*(part.tolist() for part in chunk), strict=True)
        ]
        assert met == [
            (pair, i, j)
            for pair, (x, y) in enumerate(zip(a, b, strict=True))
            for i in range(n)
            for j in range(i + 1, n)
            if near[i][j] and {one.account[i], one.account[j]} == {x, y}
        ]


@given(st.lists(st.integers(0, 20), max_size=20), st.lists(st.tuples(*[st.integers(0, 20)] * 3), max_size=8))
def test_search_is_bisect_on_slices(times: list[int], asked: list[tuple[int, int, int]]) -> None:
    from bisect import bisect_left, bisect_right

    times.sort()
    low = np.array([min(x, y, len(times)) for x, y, _ in asked], np.int64)
    high = np.array([min(max(x, y), len(times)) for x, y, _ in asked], np.int64)
    value = np.array([v for _, _, v in asked], np.int64)
    data = np.array(times, np.int64)
    for left, bisect in ((False, bisect_right), (True, bisect_left)):
        found = search(data, low, high, value, left=left) if len(times) else low
        assert found.tolist() == [
            bisect(times, v, lo, hi) for v, lo, hi in zip(value, low.tolist(), high.tolist(), strict=True)
        ]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=9))
def test_expand_lists_every_range(ranges: list[tuple[int, int]]) -> None:
    low = np.array([low for low, _ in ranges], np.int64)
    high = np.array([high for _, high in ranges], np.int64)
    owner, index = expand(low, high)
    assert list(zip(owner.tolist(), index.tolist(), strict=True)) == [
        (i, at) for i, (lo, hi) in enumerate(ranges) for at in range(lo, hi)
    ]


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(1, 40))
def test_blocks_cover_all_and_keep_the_limit(costs: list[int], limit: int) -> None:
    ranges = list(blocks(np.array(costs, np.int64), limit))
    assert [i for low, high in ranges for i in range(low, high)] == list(range(len(costs)))
    assert all(high == low + 1 or sum(costs[low:high]) <= limit for low, high in ranges)
