"""Pile-ons: told by who came and when, never by how many; targets are pseudonyms in every output."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from concerted import privacy, registry, schema
from concerted.engines import open_engine
from concerted.explaining.document import assemble
from concerted.findings import Findings
from concerted.signals._converging import windows
from concerted.signals.pileon import PileOn
from concerted.table import Table

BEGUN = datetime(2024, 3, 4, tzinfo=UTC)
MEMBERS = [f"x:m{n}" for n in range(12)]
TARGET, HANDLE = "x:700123456789", "harbour_ada_17"


def post(number: int, account: str, seconds: float, target: str = TARGET, **more: Any) -> dict[str, Any]:
    return {
        **{"post": f"9{number:017d}", "account": account, "time": BEGUN + timedelta(seconds=seconds)},
        **{"kind": "reply", "parent_account": target, "platform": "x", "file": "export.csv", "row": number},
        **{
            "text": f"@{HANDLE if target == TARGET else target[2:]} go away {number % 2}",
            "link": f"https://x.com/{account[2:]}/status/9{number:017d}",
        },
        **more,
    }


def crowd(seed: int, strike: int = 0, together: bool = True) -> list[dict[str, Any]]:
    """200 accounts that answer 30 others for three weeks, and twelve members that do likewise.

    `strike` members address the target within an hour, or with everybody else over three weeks.
    """
    rng = random.Random(seed)
    acts = [
        (account, rng.uniform(0, 21 * 86400), f"x:t{rng.randrange(30)}")
        for account in (*(f"x:o{n}" for n in range(200)), *MEMBERS)
        for _ in range(12)
    ]
    acts += [(f"x:o{n}", rng.uniform(0, 21 * 86400), TARGET) for n in range(25)]
    start = 10 * 86400 if together else 0
    acts += [
        (one, start + rng.uniform(0, 3600 if together else 21 * 86400), TARGET) for one in MEMBERS[:strike]
    ]
    return [post(number, *act) for number, act in enumerate(sorted(acts, key=lambda one: one[1]), 1)]


def tables(rows: list[dict[str, Any]], **more: list[dict[str, Any]]) -> dict[str, Table]:
    given = {"posts": rows, **more}
    return {
        name: Table(name, pa.Table.from_pylist(given.get(name, []), schema=schema.arrow(name)))
        for name in ("posts", "accounts", "evidence", "events", "groups", "sets")
    }


def asked(accounts: list[str] = MEMBERS) -> pa.Table:
    return pa.Table.from_pylist(
        [{"subject_kind": "cluster", "subject": "G1", "account": account} for account in accounts]
    )


def said(rows: list[dict[str, Any]], **more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    notes = PileOn().notes(asked(), tables(rows, **more), open_engine())
    return list(schema.check("notes", notes).to_pylist())


def test_members_that_come_at_once_speak_for_the_group() -> None:
    note, target = said(crowd(1, strike=10))
    assert (note["subject_kind"], note["leans"], note["signal"]) == ("cluster", "for", "pileon")
    assert note["p"] <= note["q"] <= 0.05 and note["low"] < note["value"] <= note["high"]
    assert f"⟦{TARGET}⟧" in note["says"] and "10 of them are members" in note["says"]
    assert (target["subject_kind"], target["subject"], target["leans"]) == ("target", TARGET, "none")
    assert target["p"] is None, "that many come at once is a crowd and proves nothing"


@pytest.mark.parametrize(("strike", "together"), [(0, True), (3, True), (12, False)])
def test_few_and_scattered_members_are_no_pile_on(strike: int, together: bool) -> None:
    assert said(crowd(2, strike, together)) == []


def test_a_clock_of_minutes_tells_no_seconds() -> None:
    rows = crowd(1, strike=10)
    for row in rows:
        struck = row["account"] in MEMBERS[:10] and row["parent_account"] == TARGET
        when = BEGUN + timedelta(days=10) if struck else row["time"].replace(second=0, microsecond=0)
        row |= {"time": when, "resolution_s": 60.0}
    (says,) = (note["says"] for note in said(rows) if note["subject_kind"] == "cluster")
    assert "10 of them are members, all within 60 s" in says


def test_a_surge_of_everybody_is_a_crowd() -> None:
    """The target said something: outsiders and members come in the same hour."""
    rows = crowd(3, strike=10)
    others = [post(5000 + n, f"x:o{n + 40}", 10 * 86400 + 30 * n) for n in range(100)]
    assert said([*rows, *others]) == []


def test_posts_that_made_the_group_are_no_second_sign() -> None:
    rows = crowd(4, strike=10)
    mine = [row for row in rows if row["account"] in MEMBERS and row["parent_account"] == TARGET]
    behind = [
        {
            "cluster": "G1",
            "a": "x:m0",
            "b": "x:m1",
            "account": row["account"],
            "post": row["post"],
            "success": True,
        }
        for row in mine
    ]
    note, target = said(rows, evidence=behind)
    assert note["leans"] == "none" and note["p"] is None
    assert "by which the group was found" in note["says"]
    assert target["subject"] == TARGET


def test_where_nobody_else_came_it_only_describes() -> None:
    alone = [
        row for row in crowd(5, strike=12) if row["parent_account"] != TARGET or row["account"] in MEMBERS
    ]
    note = said(alone)[0]
    assert note["leans"] == "none" and note["p"] is None and "nothing to compare with" in note["says"]


def test_random_groups_hardly_ever_pass() -> None:
    rng = random.Random(6)
    given = tables(crowd(6))
    everybody = sorted({row["account"] for row in given["posts"].rows()})
    for _ in range(20):
        notes = PileOn().notes(asked(rng.sample(everybody, 30)), given, open_engine())
        assert "for" not in notes["leans"].to_pylist()


def test_windows_are_the_fullest_and_do_not_overlap() -> None:
    import numpy as np

    time = np.array([0, 1, 2, 3, 50, 51, 52, 90], np.int64) * 1_000_000
    found = windows(time, (10,), 3, 2)
    assert [one.acts.tolist() for one in found] == [[0, 1, 2, 3], [4, 5, 6]]
    brute = max(int(((time >= t) & (time <= t + 10_000_000)).sum()) for t in time)
    assert len(found[0].acts) == brute


def document(more: tuple[str, ...] = ()) -> Findings:
    """A group that struck at the target; `more` are accounts of a set that holds it."""
    rows = crowd(1, strike=10)
    profiles = [{"account": TARGET, "account_id": TARGET[2:], "handle": HANDLE, "platform": "x"}]
    profiles += [{"account": one, "account_id": one[2:], "handle": f"loud_{one[2:]}_9"} for one in MEMBERS]
    groups = [{"cluster": "G1", "account": one, "ties": 3, "traces": ["link"]} for one in MEMBERS]
    copies = [
        {"trace": "text", "account": row["account"], "object": f"text {row['row'] % 2}", "post": row["post"]}
        for row in rows
        if row["parent_account"] == TARGET
    ]
    told = {"kind": "community", "answer": "found", "trace": "link", "window_s": 60, "days": 9, "p": 1e-9}
    told |= {"basis": "shared objects", "q": 1e-7, "ratio": 4.0, "low": 3.0, "high": 5.0}
    sets = [{"set": "S1", "account": one, "named": len(more), **told} for one in more]
    given = tables(rows, accounts=profiles, groups=groups, events=copies, sets=sets)
    members = [{"subject_kind": "set", "subject": "S1", "account": one} for one in more]
    subjects = pa.concat_tables([asked(), pa.Table.from_pylist(members, schema=asked().schema)])
    notes = PileOn().notes(subjects, given, open_engine())
    return assemble({**given, "notes": Table("notes", notes)}, {}, "0", 1)


def test_the_document_lists_the_posts_of_members_only() -> None:
    (target,) = document().targets
    assert (target.account, target.accounts, target.posts) == (TARGET, 10, 10)
    assert {sent.act.account for sent in target.acts} <= set(MEMBERS)
    assert {sent.copy for sent in target.acts} == {1, 2}, "what several sent is numbered"
    assert all(sent.first and sent.kind == "reply" and sent.group == "G1" for sent in target.acts)


def test_members_of_sets_stay_out_where_a_group_did_it() -> None:
    others = sorted({row["account"] for row in crowd(1, strike=10) if row["parent_account"] == TARGET})
    friends = [one for one in others if one not in MEMBERS]
    assert friends, "somebody else wrote to the target, too"
    found = document((*MEMBERS, *friends))
    notes = [note for note in found.sets[0].notes if note.signal == "pileon"]
    assert any("T01" in note.says or TARGET in note.says for note in notes), "the set is told to have done so"
    assert {sent.act.account for sent in found.targets[0].acts} <= set(MEMBERS)


@pytest.mark.parametrize("handles", [False, True])
@pytest.mark.parametrize("name", sorted(registry.BUILTIN["exports"]))
def test_no_output_names_a_target(name: str, handles: bool, tmp_path: Path) -> None:
    found = document()
    assert found.pseudonyms[TARGET] == "T01", "whose pack is whose stands in the findings of the case"
    ending = registry.find("exports", name).suffixes[0]
    written = found.export(tmp_path / f"out{ending}", handles)
    data = b"".join(path.read_bytes() for path in written).lower()
    for secret in (TARGET, TARGET[2:], HANDLE):
        assert secret.encode() not in data, secret
    if name == "targets":
        assert [path.name for path in written] == ["out.targets.html", "out.T01.csv"]
        assert b"t01" in data and (b"https://x.com/m0/status/" in data) is handles


def test_a_target_that_is_found_itself_is_not_named_either() -> None:
    found = document()
    group = msgspec.structs.replace(
        found.groups[0],
        id="G2",
        accounts=[msgspec.structs.replace(found.groups[0].accounts[0], account=TARGET)],
    )
    both = msgspec.structs.replace(found, groups=[*found.groups, group], pseudonyms={}).named(
        {TARGET: HANDLE}
    )
    shown = privacy.redact(both, handles=True).to_json().decode()
    assert HANDLE not in shown and TARGET[2:] not in shown


def test_nothing_of_it_says_who_or_where_a_person_is() -> None:
    for row in said(crowd(1, strike=10)):
        says = row["says"].lower()
        for word in ("bot", "troll", "harass", "guilty", "country", "city", "time zone", "same person"):
            assert word not in says, word
