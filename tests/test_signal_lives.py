"""Survival and replacement: against textbook values, on cases with known truth; counts only, no pairs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from concerted import schema
from concerted.engines import open_engine
from concerted.signals._lives import DAY, lives
from concerted.signals.replacement import Replacement
from concerted.signals.survival import Survival, course, log_rank
from concerted.table import Table

BEGUN = datetime(2023, 1, 1, tzinfo=UTC)
DAYS = 180


def life(
    name: str, first: float, last: float, tags: list[str], seed: int, gone: bool = False
) -> dict[str, Any]:
    return {"name": name, "first": first, "last": last, "tags": tags, "seed": seed, "gone": gone}


def tables(accounts: list[dict[str, Any]]) -> dict[str, Table]:
    posts, profiles = [], []
    for one in accounts:
        rng = np.random.default_rng(one["seed"])
        for day in np.append(one["first"], np.arange(one["first"] + rng.random(), one["last"], 3.0)):
            posts.append(
                {
                    **{
                        "account": one["name"],
                        "post": f"{one['name']} {day}",
                        "kind": "original",
                        "platform": "x",
                    },
                    "time": BEGUN + timedelta(days=float(day)),
                    "tags": [str(rng.choice(one["tags"])), f"common{rng.integers(9)}"],
                }
            )
        if one["gone"]:
            seen = BEGUN + timedelta(days=one["last"])
            profiles.append(
                {"account": one["name"], "status": "Suspended", "status_time": seen, "platform": "x"}
            )
    rows = {"posts": posts, "accounts": profiles}
    return {n: Table(n, pa.Table.from_pylist(r, schema=schema.arrow(n))) for n, r in rows.items()}


def file(
    seed: int, answered: bool, alike: bool = True, crowd: int = 150
) -> tuple[dict[str, Table], list[str]]:
    """A group of which twelve stop, each followed by a newcomer at once or by none; and others."""
    rng = np.random.default_rng(seed)
    roles = [[f"role{n} {m}" for m in range(3)] for n in range(6)]
    made: list[dict[str, Any]] = []

    def member(first: float, last: float, role: int) -> None:
        made.append(life(f"x:m{len(made)}", first, last, roles[role], seed + len(made), last < DAYS))

    for place in range(30):
        stop = float(rng.uniform(30, 150)) if place < 12 else float(DAYS)
        role = int(rng.integers(6))
        member(float(rng.uniform(0, 5)), stop, role)
        if place < 12:
            begin = stop + rng.uniform(0, 3) if answered else rng.uniform(20, 170)
            member(float(begin), DAYS, role if alike else int(rng.integers(6)))
    crowd = [
        life(
            f"x:o{n}",
            float(rng.uniform(0, 170)) if n > crowd // 3 else 0.0,
            DAYS,
            [f"own{n % 20}"],
            seed + 500 + n,
        )
        for n in range(crowd)
    ]
    return tables([*made, *crowd]), [one["name"] for one in made]


def asked(members: list[str]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"subject_kind": "cluster", "subject": "G1", "account": account} for account in members]
    )


def replaced(seed: int, answered: bool, alike: bool = True) -> dict[str, dict[str, Any]]:
    given, members = file(seed, answered, alike)
    notes = Replacement().notes(asked(members), given, open_engine())
    return {
        "begin" if "began within" in note["says"] else "take up": note
        for note in schema.check("notes", notes).to_pylist()
    }


def test_newcomers_after_stops_that_take_up_the_same_tags_speak_for_the_group() -> None:
    said = replaced(1, answered=True)
    # stops that fill half of the time leave little that could be shifted away: likeness carries the weight
    assert said["take up"]["leans"] == "for" and said["take up"]["p"] <= said["take up"]["q"] <= 0.05
    assert said["take up"]["low"] > 0.5
    assert "12 of 12 newcomers of the group began within 14 days" in said["begin"]["says"]


def test_a_crowd_of_one_event_replaces_nobody() -> None:
    rng = np.random.default_rng(5)
    days = rng.uniform(90, 94, (40, 2)).min(axis=1)
    there = [life(f"x:m{n}", day, day + rng.uniform(0, 3), ["event"], n) for n, day in enumerate(days)]
    others = [life(f"x:o{n}", float(rng.uniform(0, 170)), DAYS, [f"own{n % 9}"], 99 + n) for n in range(90)]
    members = [one["name"] for one in there]
    assert Replacement().notes(asked(members), tables([*there, *others]), open_engine()).num_rows == 0


def drifting(seed: int) -> tuple[dict[str, Table], list[str]]:
    """Members that come and go at any time, for weeks each, and all speak of the topic of the day."""
    rng = np.random.default_rng(seed)
    begun = rng.uniform(0, 140, 60)
    made = [life(f"x:m{n}", day, day + rng.uniform(10, 40), ["any"], n) for n, day in enumerate(begun)]
    given = tables([*made, life("x:o", 0, DAYS + 60, ["own"], 99)])
    rows = [
        {**row, "tags": [f"topic{(row['time'] - BEGUN).days // 20}", f"own{rng.integers(60)}"]}
        for row in given["posts"].rows()
    ]
    posts = Table("posts", pa.Table.from_pylist(rows, schema=schema.arrow("posts")))
    return {**given, "posts": posts}, [f"x:m{n}" for n in range(len(made))]


def test_a_topic_that_drifts_is_no_role_that_is_taken_up() -> None:
    p = []
    for seed in range(8):
        given, members = drifting(seed)
        rows = Replacement().asked(asked(members), given, open_engine())
        p += [row["p"] for row in rows if "same tags" in row["says"]]
    assert len(p) == 8 and min(p) > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_newcomers_at_any_time_with_any_tags_speak_for_nothing(seed: int) -> None:
    said = replaced(10 + seed, answered=False, alike=False)
    assert {note["leans"] for note in said.values()} == {"none"}
    assert all(
        note["says"].endswith("chance explains that, with everything asked.") for note in said.values()
    )


def test_it_counts_and_names_no_pair() -> None:
    for note in replaced(1, answered=True).values():
        assert "⟦" not in note["says"] and not re.search(r"x:[mo]\d", note["says"])
        assert "same person" not in note["says"].lower() and note["subject_kind"] == "cluster"


def test_statuses_and_silence() -> None:
    rows = [
        life("x:gone", 0, 50, ["a"], 1, gone=True),
        life("x:quiet", 0, 60, ["a"], 2),
        life("x:here", 0, DAYS, ["a"], 3),
    ]
    given = tables(rows)
    again = {
        "account": "x:gone",
        "status": "active",
        "platform": "x",
        "status_time": BEGUN + timedelta(days=90),
    }
    profiles = [*given["accounts"].rows(), again]
    given["accounts"] = Table("accounts", pa.Table.from_pylist(profiles, schema=schema.arrow("accounts")))
    known = lives(given, open_engine())
    at = {name: place for place, name in enumerate(known.names.to_pylist())}
    start = BEGUN.timestamp()
    assert (known.gone[at["x:gone"]] - start) / DAY == 50 and known.back[at["x:gone"]]
    assert np.isinf(known.gone[at["x:quiet"]]) and np.isfinite(known.silent[at["x:quiet"]])
    assert np.isinf(known.silent[at["x:here"]]) and not known.back[at["x:here"]]


def test_half_life_is_that_of_kaplan_and_meier() -> None:
    # Freireich's remission times of 6-MP (Kaplan-Meier in every textbook): median 23 weeks
    times = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], float)
    ended = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
    assert "gone after 23 days" in course(times, ended, "were seen suspended")
    # whoever is only just there when the files end says nothing about the first days
    fresh = course(np.append(times, [1.0, 1.0]), np.append(ended, [False, False]), "were seen suspended")
    assert "(95 % interval 13 to beyond these files; 6 members known so long)" in fresh
    # the textbooks' table says 0.753 after the week 10
    early = ended & (times <= 10)
    assert "75 % of all are still there 10 days after" in course(times, early, "were seen suspended")
    assert "75 % of all are not yet silent 10 days after" in course(times, early, "fell silent")


def test_scores_are_the_log_rank_statistic() -> None:
    treated = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], float)
    ended = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
    control = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], float)
    days, events = np.append(treated, control), np.append(ended, np.ones(21, bool))
    score = log_rank(days, events, np.ones(42, bool))
    # 9 remissions ended, 19.25 expected
    assert score[:21].sum() == pytest.approx(9 - 19.25, abs=0.01)
    assert score.sum() == pytest.approx(0, abs=1e-9)


def test_survival_describes_and_never_leans() -> None:
    given, members = file(3, answered=False, crowd=330)
    (note,) = Survival().notes(asked(members), given, open_engine()).to_pylist()
    assert note["leans"] == "none" and note["q"] is None
    assert note["says"].startswith("12 of 42 members were seen suspended or removed") and note["p"] <= 0.05
    assert "of comparable accounts 0 %" in note["says"] and "Kaplan and Meier" in note["says"]


def test_files_without_ends_say_nothing() -> None:
    given = tables([life(f"x:m{n}", 0, DAYS, ["a"], n) for n in range(12)])
    members = asked([f"x:m{n}" for n in range(12)])
    for signal in (Survival(), Replacement()):
        assert signal.notes(members, given, open_engine()).num_rows == 0
