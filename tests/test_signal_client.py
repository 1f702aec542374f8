"""Client: a program few others use, another mixture of programs, and what never counts for anything."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from concerted import schema
from concerted.engines import open_engine
from concerted.signals.client import Client
from concerted.table import Table

BEGUN = datetime(2020, 2, 1, tzinfo=UTC)
USUAL = ("Web", "Web", "Phone A", "Phone A", "Phone A", "Phone B")


def posts(programs: Mapping[str, str | None], begun: datetime = BEGUN) -> list[dict[str, Any]]:
    """Three posts of each account with its program."""
    return [
        {"account": name, "post": f"{name}{n}", "time": begun + timedelta(hours=n), "client": program}
        for name, program in programs.items()
        for n in range(3)
    ]


def crowd(seed: int, size: int = 90) -> dict[str, str | None]:
    rng = random.Random(seed)
    return {f"x:o{n}": rng.choice(USUAL) for n in range(size)}


def said(rows: list[dict[str, Any]], *groups: list[str], **options: Any) -> list[dict[str, Any]]:
    kinds = [
        {"subject_kind": "cluster", "subject": f"G{n}", "account": account}
        for n, members in enumerate(groups, start=1)
        for account in members
    ]
    for row in rows:
        row["platform"] = "x"
    table = Table("posts", pa.Table.from_pylist(rows, schema=schema.arrow("posts")))
    found = Client(**options).notes(pa.Table.from_pylist(kinds), {"posts": table}, open_engine())
    return list(schema.check("notes", found).to_pylist())


MEMBERS = [f"x:m{n}" for n in range(8)]


def test_a_rare_program_shared_by_members_speaks_for_them() -> None:
    members = {name: "Odd App" if n < 4 else "Phone A" for n, name in enumerate(MEMBERS)}
    notes = said(posts({**crowd(1), **members}), MEMBERS)
    rare = notes[0]
    assert rare["leans"] == "for" and rare["signal"] == "client"
    assert rare["says"].startswith("4 of 8 accounts post mainly with Odd App, 0 % of comparable accounts do")
    assert rare["value"] == 0.5 and rare["low"] < 0.5 < rare["high"]
    assert rare["p"] < rare["q"] <= 0.05
    assert "90 accounts of these files in no group" in rare["reference"]


def test_a_common_program_in_an_uncommon_share_speaks_for_them() -> None:
    members = dict.fromkeys([f"x:m{n}" for n in range(14)], "Phone B")
    notes = said(posts({**crowd(2), **members}), list(members))
    (mixture,) = notes
    assert mixture["leans"] == "for" and mixture["p"] <= 0.01
    assert "14 of 14 accounts post mainly with Phone B" in mixture["says"]
    assert mixture["low"] > 0.7


def test_a_mixture_that_differs_a_little_only_describes() -> None:
    rng = random.Random(3)
    names = [f"x:m{n}" for n in range(60)]
    members = {name: "Phone B" if n < 26 else rng.choice(USUAL) for n, name in enumerate(names)}
    (note,) = said(posts({**crowd(2, 400), **members}), names)
    assert note["p"] <= 0.01 and note["low"] < 0.5
    assert note["leans"] == "none" and "any two crowds differ" in note["says"]


def test_members_like_all_others_have_nothing_said_for_them() -> None:
    rng = random.Random(7)
    members: dict[str, str | None] = {name: rng.choice(USUAL) for name in MEMBERS}
    (note,) = said(posts({**crowd(3), **members}), MEMBERS)
    assert note["leans"] == "none" and note["p"] > 0.05
    assert note["says"].endswith("chance explains that, with everything asked.")


@pytest.mark.parametrize("program", ["TweetDeck", "IFTTT"])
def test_a_desk_or_a_scheduler_never_counts_for_anything(program: str) -> None:
    members = dict.fromkeys(MEMBERS, program)
    notes = said(posts({**crowd(4), **members}), MEMBERS)
    assert notes and {note["leans"] for note in notes} == {"none"}
    assert all("it tells of a desk" in note["says"] for note in notes)


def test_programs_of_another_year_are_no_comparison() -> None:
    """What was the usual program years later says nothing of a group's own time."""
    later = posts(crowd(5), begun=BEGUN + timedelta(days=800))
    assert said(later + posts(dict.fromkeys(MEMBERS, "Odd App")), MEMBERS) == []


@pytest.mark.parametrize("members", [MEMBERS[:4], MEMBERS])
def test_too_little_is_not_tested(members: list[str]) -> None:
    few = dict.fromkeys(MEMBERS) if len(members) > 4 else dict.fromkeys(members, "Odd App")
    assert said(posts({**crowd(6), **few}), members) == []


def test_random_groups_are_rarely_remarkable() -> None:
    rng = random.Random(11)
    everybody = {f"x:o{n}": rng.choice((*USUAL, *(f"Odd {m}" for m in range(6)))) for n in range(240)}
    rows = posts(everybody)
    told = for_them = 0
    for draw in range(40):
        some = rng.sample(sorted(everybody), 10)
        notes = said(rows, some, seed=draw)
        told += len(notes)
        for_them += any(note["leans"] == "for" for note in notes)
    assert told >= 40 and for_them <= 4
