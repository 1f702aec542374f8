"""What is said of a group followed through time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from concerted import schema
from concerted.engines import open_engine
from concerted.signals.lineage import Lineage
from concerted.table import Table

T0 = datetime(2024, 1, 4, tzinfo=UTC)
FIVE = [f"x:{place}" for place in range(5)]
NINE = [f"x:{place}" for place in range(9)]


def row(week: int, event: str, accounts: list[str], **more: Any) -> dict[str, Any]:
    start = T0 + timedelta(weeks=week)
    kept = {"lineage": "G1.1", "cluster": "G1", "start": start, "finish": start + timedelta(days=28)}
    return {**kept, "event": event, "accounts": accounts, "joined": [], "quit": [], **more}


def said(rows: list[dict[str, Any]], kind: str = "cluster") -> list[dict[str, Any]]:
    subjects = [{"subject_kind": kind, "subject": "G1", "account": account} for account in NINE]
    tables = {"lineage": Table("lineage", pa.Table.from_pylist(rows, schema.arrow("lineage")))}
    notes = Lineage().notes(pa.Table.from_pylist(subjects), tables, open_engine())
    listed: list[dict[str, Any]] = schema.check("notes", notes).to_pylist()
    assert all(note["leans"] == "none" and note["p"] is None for note in listed)
    return listed


def test_span_and_who_came_and_went() -> None:
    (note,) = said([row(0, "birth", FIVE), row(1, "grow", NINE), row(2, "shrink", NINE[3:])])
    assert note["value"] == 3
    assert note["says"] == (
        "Seen acting together in 3 windows of 28 days, from 2024-01-04 to 2024-02-14: 5 accounts in the "
        "first, 9 at most, 6 in the last; 4 joined after the first and 3 of all were not among them in the "
        "last."
    )


def test_one_window_says_one_number() -> None:
    (note,) = said([row(0, "birth", FIVE)])
    assert note["says"].endswith("in 1 window of 28 days, from 2024-01-04 to 2024-01-31: 5 accounts.")


def test_parts_that_act_apart_are_counted() -> None:
    other = row(0, "birth", NINE[5:], lineage="G1.2")
    (note,) = said([row(0, "birth", FIVE), other, row(1, "merge", NINE, other="G1.2", support=0.1)])
    assert "the same 9 accounts in all of them, in up to 2 parts." in note["says"]


def test_a_group_that_stays_the_same_is_told_so() -> None:
    (note,) = said([row(0, "birth", FIVE), row(1, "continue", FIVE)])
    assert note["says"].endswith("2024-02-07: the same 5 accounts in all of them.")
    (note,) = said([row(0, "birth", FIVE), row(1, "shrink", FIVE[:3]), row(2, "grow", FIVE)])
    assert note["says"].endswith("5 accounts in the first, 5 at most, 5 in the last.")


def test_only_firm_merges_are_told() -> None:
    turns = [("merge", 0.96), ("split", 0.82), ("merge", 0.5)]
    rows = [row(n + 1, event, NINE, support=share, other="G1.2") for n, (event, share) in enumerate(turns)]
    (note,) = said([row(0, "birth", FIVE), *rows])
    assert "two parts that had acted apart first act as one, of 9 accounts (so in 96 % of" in note["says"]
    assert "9 accounts first act apart from the rest of the group (so in 82 % of" in note["says"]
    assert "1 further merge or split would rest on few objects" in note["says"]
    assert note["says"].count("first act as one") == 1


def test_pauses_and_the_end_are_told_with_what_they_do_not_mean() -> None:
    rows = [row(0, "birth", FIVE), row(3, "dormant", []), row(6, "return", FIVE), row(9, "dormant", [])]
    (note,) = said([*rows, row(15, "end", [])])
    assert "Not seen in between from the windows of 2024-01-25 on." in note["says"]
    assert "Not seen after that, though the files go on." in note["says"]
    assert note["says"].endswith("too little to do in a window for it to show.")


def test_nothing_is_said_of_sets_accounts_and_groups_not_followed() -> None:
    assert said([row(0, "birth", FIVE)], kind="set") == []
    assert said([row(0, "birth", FIVE)], kind="account") == []
    assert said([]) == []
