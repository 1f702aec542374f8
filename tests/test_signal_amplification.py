"""Amplification: shares with intervals, ranks with and without members, and no verdict."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from concerted import schema
from concerted.engines import open_engine
from concerted.signals._early import early
from concerted.signals._ranks import UNSEEN, ranked
from concerted.signals._saturating import saturating
from concerted.signals.amplification import Amplification
from concerted.table import Table

DAY = datetime(2024, 3, 4, tzinfo=UTC)
MEMBERS = [f"x:m{n}" for n in range(10)]


def shares(
    thing: str, accounts: list[str], minutes: list[float], trace: str = "link"
) -> list[dict[str, Any]]:
    return [
        {
            **{
                "trace": trace,
                "object": thing,
                "account": one,
                "post": f"{thing} {one}",
                "resolution_s": 1.0,
            },
            "time": DAY + timedelta(minutes=minute),
        }
        for one, minute in zip(accounts, minutes, strict=True)
    ]


def others(count: int, start: int = 0) -> list[str]:
    return [f"x:o{n}" for n in range(start, start + count)]


def pushed() -> list[dict[str, Any]]:
    """One link that eight members share first, among twenty others with five early accounts each."""
    rows = shares("https://a.example/pushed", [*MEMBERS[:8], *others(20)], [*range(8), *range(30, 630, 30)])
    for place in range(20):
        rows += shares(
            f"https://b.example/{place}", others(25, 10 * place), [*range(5), *range(90, 1890, 90)]
        )
    return rows


def tables(rows: list[dict[str, Any]], posts: list[dict[str, Any]] | None = None) -> dict[str, Table]:
    keys = sorted({(row["trace"], row["object"]) for row in rows})
    objects = [
        {
            "trace": trace,
            "object": key,
            "label": key,
            "origin_account": "x:author" if trace == "reshare" else None,
        }
        for trace, key in keys
    ]
    given = {"events": rows, "objects": objects, "posts": posts or []}
    return {n: Table(n, pa.Table.from_pylist(r, schema=schema.arrow(n))) for n, r in given.items()}


def said(rows: list[dict[str, Any]], posts: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    members = [{"subject_kind": "cluster", "subject": "G1", "account": one} for one in MEMBERS]
    notes = Amplification().notes(pa.Table.from_pylist(members), tables(rows, posts), open_engine())
    return list(schema.check("notes", notes).to_pylist())


def test_the_share_of_the_first_accounts_with_its_interval() -> None:
    whole, one = said(pushed())
    assert {whole["leans"], one["leans"]} == {"none"}, "sharing the same things is never held against anybody"
    assert whole["p"] is one["p"] is None
    # ten early accounts: eight members, and the first two of the others
    assert one["value"] == 0.8 and round(one["low"], 2) == 0.49 and round(one["high"], 2) == 0.94
    assert "the link https://a.example/pushed, 8 are members (80 %" in one["says"]
    assert (
        "18 of 23 accounts" not in one["says"] and "after the third member: 20 of 25 accounts" in one["says"]
    )


def test_the_rank_with_and_without_members() -> None:
    says = said(pushed())[1]["says"]
    assert "number 1 of 21 that began that day, and without members number 21" in says
    low, high = (int(one) for one in re.findall(r"without members .*interval (\d+) to (\d+)", says)[0])
    assert 1 < low <= 21 == high, "an interval holds what it is an interval of"


def test_ranks_are_drawn_as_if_each_account_and_each_thing_had_a_weight() -> None:
    rng = np.random.default_rng(8)
    things, accounts = 60, 90
    object, account = np.divmod(
        np.unique(rng.integers(0, 30, 260) * accounts + rng.integers(0, 90, 260)), accounts
    )
    asked = [(4, np.arange(10)), (7, np.array([3, 50, 200])), (59, np.zeros(0, np.int64)), (4, np.arange(80))]
    for (thing, members), rank in zip(asked, ranked(object, account, things, asked, rng), strict=True):
        out = ~np.isin(account, members)
        count = np.bincount(object[out], minlength=things)
        whole = np.bincount(object, minlength=things)
        assert (rank.whole, rank.without) == tuple(1 + (n > n[thing]).sum() for n in (whole, count))
        plain = np.empty(4000)
        for n in range(len(plain)):
            weight = np.bincount(object[out], rng.standard_exponential(accounts)[account[out]], things)
            weight += rng.standard_gamma(UNSEEN, things)
            plain[n] = 1 + int((weight > weight[thing]).sum())
        # 199 draws tell where the 2.5 % lie to within a percent or two, and an interval holds its rank
        assert (plain < rank.low).mean() < 0.065 and (plain > rank.high).mean() < 0.065
        assert (plain <= rank.low).mean() > 0.004 or rank.low == rank.without
        assert (plain >= rank.high).mean() > 0.004 or rank.high == rank.without


def test_chances_are_those_of_all_accounts_that_share_in_the_trace() -> None:
    rng = np.random.default_rng(5)
    rows = [
        row
        for place in range(30)
        for row in shares(f"https://a.example/{place}", others(25, place), [*rng.uniform(0, 300, 25)])
    ]
    rows += shares("x:1", others(12, 40), list(range(12)), "reshare")
    known = early(tables(rows), open_engine(), 10, 3600)
    for place in (3, 20, len(known.objects) - 1):
        done = np.bincount(
            known.account[known.trace[known.object] == known.trace[place]], minlength=len(known.names)
        )
        own = np.isin(np.arange(len(known.names)), known.account[known.of(place)])
        whole = saturating(np.where(done > 0, done - own, -0.5), 10)
        some = rng.choice(len(known.names), 20, replace=False)
        assert whole.sum() == pytest.approx(10)
        assert known.chances(place, 10, some) == pytest.approx(whole[some])


def test_without_outsiders_nothing_is_computed() -> None:
    rows = []
    for place in range(5):
        crowd = [*MEMBERS, *others(12)] if place else [*MEMBERS, *(f"x:m{n}" for n in range(10, 22))]
        rows += shares(f"https://a.example/{place}", crowd, list(range(len(crowd))))
    insiders = [f"x:m{n}" for n in range(22)]
    members = [{"subject_kind": "cluster", "subject": "G1", "account": one} for one in insiders]
    first = [row for row in rows if row["object"].endswith("/0")]
    given = {"events": first, "objects": [], "posts": []}
    tables = {n: Table(n, pa.Table.from_pylist(r, schema=schema.arrow(n))) for n, r in given.items()}
    (note,) = Amplification().notes(pa.Table.from_pylist(members), tables, open_engine()).to_pylist()
    assert note["value"] is None and "cannot be told" in note["says"]


def test_a_sample_gets_bounds_for_the_whole() -> None:
    rows = shares("x:77", [*MEMBERS[:6], *others(24)], list(range(30)), "reshare")
    rows += shares("x:78", others(30), list(range(30)), "reshare")
    told = [{"post": "77", "account": "x:author", "kind": "original", "platform": "x", "reshares_total": 300}]
    says = said(rows, told)[1]["says"]
    assert "a post of ⟦x:author⟧" in says
    assert (
        "The platform counts 300 reshares, these files hold 30: members made between 2 % and 92 % of all"
        in says
    )


def test_clocks_of_days_tell_nothing_of_the_first_hour() -> None:
    assert said([{**row, "resolution_s": 86400.0} for row in pushed()]) == []


def test_chances_add_up_and_never_pass_one() -> None:
    rng = np.random.default_rng(1)
    activity = rng.lognormal(2, 2, 500)
    for taking in (5, 100, 480):
        q = saturating(activity, taking)
        assert q.sum() == pytest.approx(taking) and (q <= 1).all() and (q >= 0).all()
        assert (np.diff(q[np.argsort(activity)]) >= 0).all()
    assert saturating(np.array([3.0, -0.5, 1.0]), 2).tolist() == [1.0, 0.0, 1.0]
