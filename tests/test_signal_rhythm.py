"""Rhythm: shared pauses against their null, no zone in or out, never of one account."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from concerted import schema
from concerted.engines import open_engine
from concerted.signals._draws import samples
from concerted.signals._pauses import beginning, block, evenness, own_days, rest
from concerted.signals.rhythm import Rhythm
from concerted.table import Table

MONDAY = datetime(2023, 1, 2, tzinfo=UTC)
MEMBERS = [f"x:m{n}" for n in range(12)]


def file(
    seed: int, shared: int = 0, everybody: bool = False, crowd: int = 60, shift: int = 0
) -> dict[str, Table]:
    """Twenty weeks of posts; members, or everybody, pause together on some days, all `shift` hours later."""
    rng = np.random.default_rng(seed)
    days = 140
    pauses = rng.choice(days, shared, False)
    rows: list[dict[str, Any]] = []
    for name in (*MEMBERS, *(f"x:o{n}" for n in range(crowd))):
        chance = np.where(np.isin(np.arange(days) % 7, rng.choice(7, 2, False)), 0.2, 0.85)
        if name in MEMBERS or everybody:
            chance[pauses] = 0.0
        for day in np.flatnonzero(rng.random(days) < chance):
            for hour in rng.normal(14, 2, rng.integers(1, 3)):
                time = MONDAY + timedelta(days=int(day), hours=float(hour) + shift)
                rows.append({"account": name, "time": time, "platform": "x", "post": f"{len(rows)}"})
    return {"posts": Table("posts", pa.Table.from_pylist(rows, schema=schema.arrow("posts")))}


def said(
    tables: dict[str, Table], members: list[str] = MEMBERS, kind: str = "cluster"
) -> list[dict[str, Any]]:
    rows = [{"subject_kind": kind, "subject": "G1", "account": account} for account in members]
    notes = Rhythm().notes(pa.Table.from_pylist(rows), tables, open_engine())
    return list(schema.check("notes", notes).to_pylist())


def test_shared_pauses_speak_for_the_group() -> None:
    pauses, described = said(file(1, shared=8))
    assert pauses["leans"] == "for" and pauses["p"] <= pauses["q"] <= 0.05 and pauses["low"] > 1
    assert "nearly all members were quiet together while other accounts posted as usual" in pauses["says"]
    assert described["leans"] == "none" and described["p"] is None
    assert described["says"].endswith("this only describes.")


@pytest.mark.parametrize(("shared", "everybody"), [(0, False), (8, True)])
def test_own_pauses_and_those_of_the_whole_file_do_not(shared: int, everybody: bool) -> None:
    assert {note["leans"] for note in said(file(2, shared, everybody))} == {"none"}


def test_without_others_it_only_describes() -> None:
    pauses = said(file(3, shared=8, crowd=0))[0]
    assert pauses["leans"] == "none" and pauses["p"] is None and "a hole in the files" in pauses["says"]


@pytest.mark.parametrize("shift", [-9, 5, 13])
def test_the_zone_makes_no_difference_and_is_told_nowhere(shift: int) -> None:
    here, there = said(file(4, shared=6)), said(file(4, shared=6, shift=shift))
    assert [note["value"] for note in here] == [note["value"] for note in there]
    assert [note["says"] for note in here] == [note["says"] for note in there]


def test_no_hour_date_or_weekday_is_told() -> None:
    for note in [*said(file(1, shared=8)), *said(file(3, shared=8, crowd=0))]:
        says = f"{note['says']} {note['reference']}"
        assert not re.search(r"\d:\d|20\d\d|UTC|o'clock|⟦", says)
        for word in (
            "monday",
            "friday",
            "saturday",
            "sunday",
            "january",
            "night",
            "morning",
            "zone",
            "country",
        ):
            assert word not in says.lower()


def test_it_is_never_asked_of_one_account() -> None:
    assert said(file(1, shared=8), MEMBERS[:1], "account") == []
    assert said(file(1, shared=8), MEMBERS[:2]) == []


def test_days_begin_in_the_emptiest_hours_of_the_group() -> None:
    hours = np.array([22, 23, 24, 25, 26, 46, 47, 48, 49], np.int64)
    days = own_days(hours, beginning(hours))
    assert (days - days[0]).tolist() == [0] * 5 + [1] * 4, "late evenings over midnight are one day"


def test_shares_and_evenness_by_hand() -> None:
    office = np.array([24 * day + hour for day in range(5) for hour in range(9, 18)], np.int64)
    both = np.stack([office, (office + 100) % 168])
    assert block(both).tolist() == [1.0, 1.0] and rest(both).tolist() == [0.0, 0.0]
    always = np.arange(168 * 4, dtype=np.int64)[None]
    assert block(always) == pytest.approx(45 / 168) and rest(always) == pytest.approx(8 / 24)
    # brute force over all phases
    some = np.random.default_rng(5).integers(0, 168, 80)
    grid = np.bincount(some, minlength=168)
    best = max(
        sum(grid[(start + 24 * day + hour) % 168] for day in range(5) for hour in range(9))
        for start in range(168)
    )
    assert block(some[None]) == pytest.approx(best / 80)
    steady = np.arange(0, 168 * 10, 24, dtype=np.int64)
    assert evenness(steady) == 0.0 and evenness(steady[:20]) is None


@pytest.mark.parametrize("most", [60, 400, 20_000])
def test_samples_are_those_of_one_call_each(most: int) -> None:
    sizes = np.random.default_rng(3).integers(50, most, 40)
    ours, theirs = np.random.default_rng(7), np.random.default_rng(7)
    for many in (20, 50):
        expected = [sorted(theirs.choice(size, many, replace=False).tolist()) for size in sizes.tolist()]
        assert np.sort(samples(sizes, many, ours), axis=1).tolist() == expected
        assert ours.bit_generator.state == theirs.bit_generator.state, "and what is drawn next is the same"
