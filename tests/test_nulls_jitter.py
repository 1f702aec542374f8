"""The very same second: co-acts against plain counting, whole audiences innocent, groups found."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from conftest import data_dir
from hypothesis import given, settings
from hypothesis import strategies as st
from timed import DAY, START, Row, answers, events, joined, ran

from concerted import schema
from concerted.engines import open_engine
from concerted.nulls import jitter
from concerted.nulls.log import SECOND, Log
from concerted.nulls.own import null_of
from concerted.nulls.tails import poisson_binomial
from concerted.stages import group, pair, weigh
from concerted.table import Table
from concerted.traces.synchrony import Synchrony

HOUR = 3600
Act = tuple[str, int]  # account, seconds since START


def log(acts: list[tuple[int, int]]) -> Log:
    """A log of distinct (account, second)."""
    names = sorted({f"x:{account:02d}" for account, _ in acts})
    found = events([(f"x:{a:02d}", f"{s:09d}", float(s)) for a, s in acts], trace="synchrony")
    table = found["events"].to_arrow()
    return jitter.encode(table, pa.array(names)).log


def synchrony(acts: list[Act]) -> dict[str, Table]:
    """Tables events and objects of the trace, by way of posts."""
    posts = schema.rows(
        "posts",
        post=[str(n) for n in range(len(acts))],
        account=[account for account, _ in acts],
        time=pa.array([(START + at) * SECOND for _, at in acts], pa.int64()).cast(schema.TIME),
        resolution_s=[1.0] * len(acts),
        file=["posts.csv"] * len(acts),
        kind=["original"] * len(acts),
    )
    made = Synchrony().events(Table("posts", posts), open_engine())
    return {"events": Table("events", made.events), "objects": Table("objects", made.objects)}


def weighed(tables: dict[str, Table]) -> dict[str, Table]:
    before = {**tables, **ran(pair, tables)}
    return {**before, **ran(weigh, before)}


def league(seed: int, fans: int = 250, matches: int = 24) -> list[Act]:
    """Honest fans who watch the same weekly matches and post when somebody scores, each 20 s later or so."""
    rng = random.Random(seed)
    acts = []
    for week in range(matches):
        start = week * 7 * DAY + 20 * HOUR
        watching = [n for n in range(fans) if rng.random() < 0.6]
        for goal in [start + rng.randrange(2 * HOUR) for _ in range(3)]:
            acts += [
                (f"x:f{n:03d}", goal + int(rng.lognormvariate(3.0, 0.55)))
                for n in watching
                if rng.random() < 0.7
            ]
        acts += [(f"x:f{n:03d}", start + rng.randrange(2 * HOUR)) for n in watching for _ in range(3)]
    return acts


ACTS = st.sets(
    st.tuples(
        st.integers(0, 4), st.one_of(st.integers(0, 90), st.integers(3500, 3700), st.integers(7100, 7200))
    ),
    min_size=2,
    max_size=40,
)


@settings(deadline=None)
@given(ACTS)
def test_co_acts_partners_and_the_crowd_are_those_of_plain_counting(acts: set[tuple[int, int]]) -> None:
    listed = sorted(acts)
    names = sorted({account for account, _ in listed})
    one = log(listed)
    a, b = np.triu_indices(len(names), 1)
    met: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    hours: dict[tuple[int, int], set[int]] = defaultdict(set)
    near: Counter[int] = Counter()
    same: Counter[int] = Counter()
    for (x, s), (y, t) in combinations(listed, 2):
        if x != y and abs(s - t) <= 30:
            key = (names.index(min(x, y)), names.index(max(x, y)))
            met[key].append((min(s, t), max(s, t)))
            hours[key].add((START + min(s, t)) // HOUR)
            for who in (x, y):
                near[who] += 1
                same[who] += s == t
    for low, high, rows in jitter._ByAccount(one).near(a, b):
        for number in range(low, high):
            mine = rows.keep(rows.pair == number - low)
            seen = zip(one.time[mine.early], one.time[mine.late], strict=True)
            got = sorted((int(s) // SECOND - START, int(t) // SECOND - START) for s, t in seen)
            assert got == sorted(met[int(a[number]), int(b[number])])
    family = jitter.partners(one, len(names))
    twice = [key for key, when in hours.items() if len(when) > 1]
    assert family.exact and family.pairs == len(twice)
    for place in range(len(names)):
        assert family.each[place] == sum(place in key for key in twice)
    shares = sorted((same[who] / near[who], near[who] ** 0.5) for who in near)
    half, below, expected = sum(weight for _, weight in shares) / 2, 0.0, 0.0
    for share, weight in shares:
        below += weight
        expected = share
        if below >= half - 1e-9:
            break
    assert jitter.crowd(one) == pytest.approx(expected) or len(shares) == 0


def test_partners_are_bounded_where_counting_is_too_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    one = log(sorted({(rng.randrange(30), rng.randrange(3 * HOUR)) for _ in range(1500)}))
    exact = jitter.partners(one, 30)
    monkeypatch.setattr(jitter, "FREE", 10)
    bound = jitter.partners(one, 30)
    assert not bound.exact and (bound.each >= exact.each).all() and bound.pairs >= exact.pairs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_audience_of_weekly_matches_is_innocent(seed: int) -> None:
    acts = league(seed)
    result = weighed(synchrony(acts))
    assert len(result["standings"]) > 240
    assert not answers(result, "found") and not answers(result, "explained")
    # it is a hard crowd: seconds drawn anew within five minutes make these pairs all but impossible
    blocks: dict[str, Counter[int]] = defaultdict(Counter)
    for account, second in set(acts):
        blocks[account][second // 300] += 1
    smallest = 1.0
    for row in sorted(result["pairs"].rows(), key=lambda row: -row["together"])[:20]:
        one, other = blocks[row["a"]], blocks[row["b"]]
        mean = sum(one[block] * other[block] / 300 for block in one.keys() & other.keys())
        chances = np.full(200, mean / 200)
        tail = poisson_binomial(chances, np.zeros(200, np.int64), np.array([row["together"]]))
        smallest = min(smallest, float(tail[0]))
    assert smallest < 1e-5


def test_a_group_among_that_audience_is_found_and_nobody_else() -> None:
    acts = league(1)
    rng = random.Random(9)
    for week in range(12):
        at = week * 7 * DAY + 15 * HOUR + rng.randrange(1, 59)
        acts += [(f"x:g{n}", at) for n in range(4)]
        acts += [(f"x:g{n}", at + 60 * (7 * n + 9) + rng.randrange(20)) for n in range(4)]
    result = weighed(synchrony(acts))
    assert answers(result, "found") == {f"x:g{n}" for n in range(4)}
    found = [row for row in result["ties"].rows() if row["answer"] == "found"]
    assert len(found) == 6
    for row in found:
        assert (row["trace"], row["tier"], row["window_s"]) == ("synchrony", "jitter", 0)
        assert row["together"] == row["both"] == 12
        assert row["expected"] == pytest.approx(12 * 2 / 61, rel=1e-6)
    grouped = ran(group, result)
    assert len({row["cluster"] for row in grouped["groups"].rows()}) == 1
    assert not len(grouped["sets"]), "seconds are no things that people have in common"


def test_many_acts_in_one_hour_are_one_meeting() -> None:
    acts = [(account, 20 * HOUR + 97 * n) for n in range(30) for account in ("x:a", "x:b")]
    acts += [(account, 44 * HOUR + 7 + n) for n, account in enumerate(("x:a", "x:b"))]
    result = weighed(synchrony(acts))
    assert {row["both"] for row in result["ties"].rows()} <= {2}
    assert not answers(result, "found")


def test_two_programs_on_a_timer_are_explained() -> None:
    rng = random.Random(3)
    acts = []
    for hour in range(0, 24 * 20, 6):
        acts += [(account, hour * HOUR + 303) for account in ("x:a", "x:b")]
        acts += [(f"x:c{n}", hour * HOUR + rng.randrange(600)) for n in range(40)]
    result = weighed(synchrony(acts))
    told = {
        row["account"]: row["because"] for row in result["standings"].rows() if row["answer"] == "explained"
    }
    assert told == {"x:a": "both act by the clock", "x:b": "both act by the clock"}
    assert not answers(result, "found")


def test_a_trace_with_a_null_of_its_own_is_one_cell_to_pay_for() -> None:
    rng = random.Random(4)
    shared: list[Row] = [
        (f"x:{n:02d}", f"o{day}", float(day * DAY + rng.randrange(1800)))
        for day in range(6)
        for n in range(20)
    ]
    acts = [(account, int(at)) for account, _, at in shared]
    alone, both = weighed(events(shared)), weighed(joined(events(shared), synchrony(acts)))
    k = {row["account"]: row["k"] for row in both["standings"].rows()}
    partners = {row["account"]: 0 for row in both["standings"].rows()}
    names, logs = pair.logs(both)
    assert list(logs) == ["link"], "the ladder asks nothing of seconds"
    (null, coded), *_ = pair.own(both, names).values()
    each = jitter.partners(coded.log, len(names)).each
    for place, name in enumerate(names.to_pylist()):
        partners[name] = int(each[place] > 0)
    assert 0 < sum(partners.values()) <= 20
    for row in alone["standings"].rows():
        assert k[row["account"]] == row["k"] + partners[row["account"]]
    assert null is null_of("synchrony") and null_of("link") is None


@pytest.mark.parametrize("acts", [[], [("x:a", 5)], [("x:a", 5), ("x:a", 9000), ("x:b", 5), ("x:b", 9000)]])
def test_too_little_to_weigh(acts: list[Act]) -> None:
    result = weighed(synchrony(acts))
    assert not answers(result, "found")


def test_p_of_an_honest_crowd_is_what_it_says() -> None:
    """A live event, minute by minute: of 12,118 posts, pairs within 30 s share a second as chance has it."""
    import pyarrow.parquet as pq

    table = pq.read_table(
        data_dir("boxing_match_2017") / "posts.parquet", columns=["account_id", "created_at"]
    )
    second = np.asarray(table["created_at"].cast(pa.timestamp("us")).cast(pa.int64())) // SECOND
    account = np.asarray(table["account_id"].combine_chunks().dictionary_encode().indices, np.int64)
    apart = second % 60 != 0
    account, second = np.unique(np.stack([account[apart], second[apart]]), axis=1)
    order = np.lexsort((account, second))
    account, second = account[order], second[order]
    reach = np.searchsorted(second, second + jitter.HORIZON, side="right")
    near = same = 0
    for n, end in enumerate(reach):
        other = account[n + 1 : end] != account[n]
        near += int(other.sum())
        same += int((other & (second[n + 1 : end] == second[n])).sum())
    assert near > 1_000_000
    assert 0.9 < same / near * 61 < 1.1
