"""Groups followed through time: births, growth, merges, splits, silence, ends."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from concerted import schema
from concerted.nulls import courses, windows
from concerted.nulls.found import groups
from concerted.settings import build
from concerted.stages.group import Group

BEGIN = 2604 * 7  # the first day, one on which a window begins
WEEKS = 30
NAMES = [f"x:{place:02d}" for place in range(20)]


class Acts:
    """Co-acts of pairs, given week by week."""

    def __init__(self, chance: float = 0.02) -> None:
        self.rows: list[dict[str, Any]] = []
        self.chance = chance

    def together(self, members: Iterable[int], weeks: Iterable[int], hits: int = 3) -> Acts:
        """All pairs of these act together on so many days of each week, on things of that day."""
        who = sorted(members)
        for week in weeks:
            for turn in range(hits):
                day = BEGIN + 7 * week + 2 * turn
                for a, b in combinations(who, 2):
                    self.rows.append(
                        {"a": NAMES[a], "b": NAMES[b], "block": day, "object": f"o{day}-{who[0]}"}
                    )
        return self

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """touches, ties and standings as `weigh` would write them, every pair found."""
        cell = {"trace": "link", "tier": "anchored", "window_s": 60}
        touches = [{**cell, "chance": self.chance, "success": True, **row} for row in self.rows]
        pairs = sorted({(row["a"], row["b"]) for row in self.rows})
        small = {"p": 1e-9, "q": 1e-6, "answer": "found", "p_odd": 1e-5, "p_even": 1e-5}
        ties = [{**cell, "a": a, "b": b, **small} for a, b in pairs]
        standings = [{"account": name, "k": 3, "answer": "found"} for name in NAMES]
        made = {"touches": touches, "ties": ties, "standings": standings}
        return tuple(pa.Table.from_pylist(rows, schema.arrow(name)) for name, rows in made.items())

    def lineage(self, days: np.ndarray | None = None, times: int = 20) -> list[dict[str, Any]]:
        """The rows of the table `lineage`."""
        names, tables = pa.array(NAMES), self.tables()
        every = np.arange(BEGIN, BEGIN + 7 * WEEKS) if days is None else days
        grouped = groups(names, tables[1], tables[2], 1)
        first = windows.starts(every, 28, 7)
        made = courses.courses(names, grouped, tables, first, 28, 0.05, 1, times)
        rows: list[dict[str, Any]] = schema.check("lineage", made).to_pylist()
        return rows


def events(rows: list[dict[str, Any]], lineage: str = "G1.1") -> list[str]:
    return [row["event"] for row in rows if row["lineage"] == lineage]


def test_a_group_that_goes_on_has_one_birth_and_no_end() -> None:
    rows = Acts().together(range(5), range(WEEKS)).lineage()
    assert events(rows) == ["birth"] + ["continue"] * (WEEKS - 4)
    assert {tuple(row["accounts"]) for row in rows} == {tuple(NAMES[:5])}
    assert {row["pairs"] for row in rows} == {10}
    assert rows[0]["joined"] == [] and rows[0]["support"] is None


def test_growth_and_loss_name_who_came_and_went() -> None:
    rows = Acts().together(range(5), range(WEEKS)).together(range(9), range(10, 18)).lineage()
    grown = next(row for row in rows if row["event"] == "grow")
    assert grown["joined"] == NAMES[5:9]
    lost = next(row for row in rows if row["event"] == "shrink")
    assert lost["quit"] == NAMES[5:9] and lost["start"] > grown["start"]
    assert len({row["lineage"] for row in rows}) == 1


def test_two_groups_that_become_one_merge_in_nearly_all_resamples() -> None:
    acts = Acts().together(range(5), range(12)).together(range(5, 10), range(12))
    rows = acts.together(range(10), range(12, WEEKS), hits=4).lineage()
    (merge,) = [row for row in rows if row["event"] == "merge"]
    assert merge["support"] >= 0.8
    assert (merge["lineage"], merge["other"]) == ("G1.1", "G1.2")
    assert len(merge["joined"]) == 5
    assert [row["event"] for row in rows if row["lineage"] == "G1.2"][-1] == "continue"


def test_one_group_that_parts_is_a_split() -> None:
    acts = Acts().together(range(10), range(12), hits=4)
    rows = acts.together(range(5), range(12, WEEKS)).together(range(5, 10), range(12, WEEKS)).lineage()
    (split,) = [row for row in rows if row["event"] == "split"]
    assert split["support"] >= 0.8 and split["other"] == "G1.1"
    assert len(split["accounts"]) == 5


def test_one_thing_that_two_groups_share_is_no_firm_merge() -> None:
    """A bridge that rests on few objects comes and goes with them."""
    acts = Acts(chance=0.004).together(range(5), range(WEEKS)).together(range(5, 10), range(WEEKS))
    rows = acts.together(range(10), [12], hits=2).lineage()
    assert all(row["support"] < 0.8 for row in rows if row["event"] in ("merge", "split"))


def test_quiet_weeks_are_a_pause_and_long_ones_an_end() -> None:
    rows = Acts().together(range(5), [*range(6), *range(12, 15)]).lineage()
    seen = events(rows)
    assert seen.count("dormant") == 2 and seen.count("return") == 1 and seen[-1] == "end"
    assert {row["lineage"] for row in rows} == {"G1.1"}


def test_holes_in_the_collection_are_no_pause() -> None:
    held = np.array([day for day in range(BEGIN, BEGIN + 7 * WEEKS) if not 6 <= (day - BEGIN) // 7 < 16])
    rows = Acts().together(range(5), [*range(6), *range(16, WEEKS)]).lineage(held)
    assert "dormant" not in events(rows)


def test_a_window_in_which_chance_explains_the_acts_holds_no_group() -> None:
    """Meeting as often as chance lets one expect is not acting together, though the pair is found."""
    acts = Acts(chance=0.5).together(range(3), range(12), hits=3)
    acts.rows = [{**row, "success": row["block"] % 2 == 0} for row in acts.rows]
    assert acts.lineage() == []
    late = Acts(chance=0.5).together(range(3), range(6, WEEKS), hits=3)
    late.rows = [{**row, "success": row["block"] % 2 == 0 or row["block"] > BEGIN + 140} for row in late.rows]
    assert late.lineage()[0]["start"].timestamp() // 86400 > BEGIN + 100


def test_files_added_later_move_no_window() -> None:
    short = Acts().together(range(5), range(12)).lineage(np.arange(BEGIN, BEGIN + 7 * 12))
    long = Acts().together(range(5), range(12)).lineage(np.arange(BEGIN, BEGIN + 7 * WEEKS))
    assert short == long[: len(short)]


def test_files_shorter_than_two_windows_have_no_lineage() -> None:
    for days in (27, 28, 34):
        assert Acts().together(range(5), range(4)).lineage(np.arange(BEGIN, BEGIN + days)) == []
    assert len(Acts().together(range(5), range(5)).lineage(np.arange(BEGIN, BEGIN + 35))) == 2


def test_windows_lie_inside_the_days_and_begin_at_multiples_of_the_step() -> None:
    first = windows.starts(np.arange(100, 200), 28, 7)
    assert (first % 7 == 0).all() and first[0] >= 100 and first[-1] + 28 <= 200
    assert len(windows.starts(np.arange(100, 127), 28, 7)) == 0
    assert len(windows.starts(np.zeros(0, np.int64), 28, 7)) == 0


def test_windows_leave_no_day_out() -> None:
    with pytest.raises(Exception, match="step_days = 9 leaves days between"):
        build(Group, {"window_days": 7, "step_days": 9})
