"""Acting together on several platforms: what is said, what never is, and clocks that are apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from concerted import api, schema
from concerted.engines import open_engine
from concerted.errors import SettingError
from concerted.signals.crossplatform import Crossplatform
from concerted.simulate import Plan, crowd, plant, spread
from concerted.table import Table

T0 = datetime(2024, 5, 6, 9, tzinfo=UTC)
NAMES = ("events", "evidence", "ties", "groups", "sets")


def tables(**rows: list[dict[str, Any]]) -> dict[str, Table]:
    return {name: Table(name, pa.Table.from_pylist(rows.get(name, []), schema.arrow(name))) for name in NAMES}


def said(given: dict[str, Table], members: list[str], kind: str = "cluster") -> list[dict[str, Any]]:
    subject = "S1" if kind == "set" else "G1"
    rows = [{"subject_kind": kind, "subject": subject, "account": account} for account in members]
    notes: list[dict[str, Any]] = schema.check(
        "notes", Crossplatform().notes(pa.Table.from_pylist(rows), given, open_engine())
    ).to_pylist()
    assert all(note["leans"] == "none" for note in notes)
    return notes


def acts(cluster: str, *shares: tuple[str, int, list[str]]) -> list[dict[str, Any]]:
    """(object, seconds between one account and the next, accounts) as rows of evidence."""
    return [
        {
            "cluster": cluster,
            "trace": "link",
            "object": key,
            "account": account,
            "time": T0 + timedelta(hours=number, seconds=gap * place),
            "success": True,
        }
        for number, (key, gap, accounts) in enumerate(shares)
        for place, account in enumerate(accounts)
    ]


def tie(a: str, b: str, q: float) -> dict[str, Any]:
    return {"trace": "link", "a": a, "b": b, "window_s": 60, "q": q, "answer": "found"}


MEMBERS = ["facebook:1", "facebook:2", "x:1"]
GROUPS = [{"cluster": "G1", "account": account} for account in MEMBERS]


def test_a_group_on_two_platforms_is_counted_never_joined() -> None:
    given = tables(
        evidence=acts(
            "G1",
            *[(f"n{n}", 12, ["facebook:1", "x:1"]) for n in range(3)],
            ("m", 5, ["facebook:1", "facebook:2"]),
        ),
        ties=[tie("facebook:1", "x:1", 1e-4), tie("facebook:1", "facebook:2", 0.04)],
        groups=GROUPS,
    )
    (note,) = said(given, MEMBERS)
    assert note["says"] == (
        "2 on facebook and 1 on X: these accounts act together on 2 platforms: 1 pair across is tied. 3 of 4 "
        "things shared together were shared across platforms, 12 s apart in the median, facebook first in 3 "
        "of 3 meetings of pairs."
    )
    assert note["value"] == 0.75 and note["low"] < 0.75 < note["high"] and note["q"] == 1e-4
    assert "person" not in note["says"] and "same" not in note["says"]


def test_meetings_of_pairs_that_are_not_tied_are_not_told() -> None:
    """Two halves, each tied on its own platform, that share things hours apart."""
    given = tables(
        evidence=acts("G1", ("n", 7200, ["facebook:1", "x:1"])),
        ties=[tie("facebook:1", "facebook:2", 0.04)],
        groups=GROUPS,
    )
    assert said(given, MEMBERS) == []
    apart = tables(
        evidence=acts("G1", ("n", 7200, ["facebook:1", "x:1"])),
        ties=[tie("facebook:1", "x:1", 0.01)],
        groups=GROUPS,
    )
    assert said(apart, MEMBERS) == []


def test_one_platform_says_nothing() -> None:
    given = tables(
        evidence=acts("G1", ("n", 5, ["x:1", "x:2"])),
        ties=[tie("x:1", "x:2", 0.01)],
        groups=[{"cluster": "G1", "account": one} for one in ("x:1", "x:2")],
    )
    assert said(given, ["x:1", "x:2"]) == []


def test_sets_meet_within_their_own_window_and_single_accounts_are_not_asked() -> None:
    rows = acts("S1", ("n", 12, ["facebook:1", "x:1"]), ("m", 900, ["facebook:1", "x:1"]))
    given = tables(evidence=rows, sets=[{"set": "S1", "trace": "link", "window_s": 60, "account": "x:1"}])
    (note,) = said(given, MEMBERS, "set")
    assert "1 of 2 things that the pairs listed shared together was shared across" in note["says"]
    assert note["q"] is None and "tied" not in note["says"] and "act together" not in note["says"]
    assert said(given, MEMBERS, "account") == []


def lagged(lags: np.ndarray) -> dict[str, Table]:
    """One thing every two hours, shared on x and so many seconds later on facebook."""
    rows = []
    for number, lag in enumerate(lags.tolist()):
        at = T0 + timedelta(hours=2 * number)
        shared = {"trace": "link", "object": f"o{number}", "resolution_s": 1.0}
        rows.append({**shared, "account": "x:1", "time": at})
        rows.append({**shared, "account": "facebook:1", "time": at + timedelta(seconds=lag)})
    return tables(events=rows)


def test_a_clock_that_is_an_hour_ahead_is_told_with_what_to_do() -> None:
    rng = np.random.default_rng(1)
    lags = np.concatenate([3600 + rng.uniform(-20, 20, 25), rng.exponential(20_000, 75)])
    (note,) = said(lagged(lags), MEMBERS)
    assert note["subject_kind"] == "file" and note["value"] == 3600.0 and note["p"] < 1e-6
    assert "1 h later on facebook than on X" in note["says"] and "--clocks facebook=3600" in note["says"]


@pytest.mark.parametrize(
    "lags",
    [
        np.random.default_rng(2).exponential(20_000, 400),
        np.random.default_rng(3).normal(3600, 900, 400),
        np.random.default_rng(4).uniform(-10, 10, 400),
        900.0 * np.random.default_rng(5).integers(-20, 20, 400),
    ],
    ids=["later by chance", "an hour later, loosely", "at once", "schedulers at the quarter"],
)
def test_habits_are_no_clock(lags: np.ndarray) -> None:
    assert said(lagged(lags), MEMBERS) == []


def test_things_posted_in_a_row_are_one_distance() -> None:
    """Thirty links within minutes, an hour later all of them on the other platform: once is no habit."""
    shared = [
        {"trace": "link", "object": f"o{n}", "account": account, "time": T0 + timedelta(seconds=20 * n + lag)}
        for n in range(30)
        for account, lag in (("x:1", 0), ("facebook:1", 3600))
    ]
    assert said(tables(events=shared), MEMBERS) == []


@cache
def simulated(ahead: float) -> Any:
    made = plant(
        crowd(1, accounts=150, links=0.6), Plan(name="both", size=8, acts=30, traces=("link",), objects="own")
    )
    return spread(made, ahead={"facebook": ahead})


def grouped(ahead: float, clocks: dict[str, float]) -> list[set[str]]:
    made = simulated(ahead)
    posts = Table("posts", made.posts, {"accounts": Table("accounts", made.accounts)})
    found = api.group(api.weigh(api.pair(api.trace(posts, ["link"], clocks=clocks))), resamples=0)
    groups: dict[str, set[str]] = {}
    for row in found.rows():
        groups.setdefault(row["cluster"], set()).add(row["account"].partition(":")[0])
    return list(groups.values())


def test_a_planted_group_is_found_across_and_a_wrong_clock_parts_it_until_it_is_taken_off() -> None:
    assert grouped(0.0, {}) == [{"x", "facebook"}]
    parted = grouped(7200.0, {})
    assert parted and all(len(platforms) == 1 for platforms in parted)
    assert grouped(7200.0, {"facebook": 7200.0}) == [{"x", "facebook"}]


def test_seconds_taken_off_are_told_and_reach_the_times_shown() -> None:
    made = simulated(7200.0)
    posts = Table("posts", made.posts)
    moved = api.trace(posts, ["link"], clocks={"facebook": 7200.0})
    (told,) = [row for row in moved.beside["made"].rows() if row["what"] == "clock facebook"]
    assert told["limit"] and "7200 s were taken off the times of" in told["says"]
    times = [
        pc.min(one.to_arrow().filter(pc.starts_with(one.to_arrow()["account"], "facebook"))["time"]).as_py()
        for one in (api.trace(posts, ["link"]), moved)
    ]
    assert times[0] - times[1] == timedelta(hours=2)


def test_a_platform_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingError, match="did you mean 'facebook'"):
        api.trace(Table("posts", simulated(0.0).posts), ["link"], clocks={"facebok": 60})


def test_spreading_keeps_what_can_happen_on_a_platform() -> None:
    made = simulated(0.0)
    home = dict(zip(made.posts["account"].to_pylist(), made.posts["platform"].to_pylist(), strict=True))
    assert all(account.partition(":")[0] == where for account, where in home.items())
    for row in made.posts.to_pylist():
        if row["parent_account"]:
            assert row["parent_account"].partition(":")[0] == row["platform"]
    assert {one.partition(":")[0] for one in made.groups()["both"]} == {"x", "facebook"}
    with pytest.raises(SettingError, match="two or more platforms"):
        spread(made, ("x",))
