"""Deficit: groups that talk to nobody are told from circles of friends and from ordinary accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.engines import open_engine
from concerted.signals.deficit import Deficit
from concerted.table import Table

T0 = datetime(2021, 3, 1, tzinfo=UTC)
MEMBERS = [f"x:g{place:02d}" for place in range(10)]
CROWD = [f"x:c{place:03d}" for place in range(120)]


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    return Table(name, pa.Table.from_pylist(rows, schema=schema.arrow(name)))


def written(account: str, share: float, to: list[str], seed: int, posts: int = 24) -> list[dict[str, Any]]:
    """Own posts of an account, of which about `share` answer one of `to`."""
    rng = np.random.default_rng([seed, posts])
    rows = []
    for number in range(posts):
        answers = rng.random() < share
        rows.append(
            {
                "account": account,
                "post": f"{account}-{number}",
                "platform": "x",
                "file": "a.csv",
                "row": seed * 1000 + number,
                "kind": "reply" if answers else "original",
                "parent_account": to[rng.integers(len(to))] if answers else None,
                "time": T0 + timedelta(hours=float(rng.uniform(0, 700))),
                "text": "words",
            }
        )
    return rows


def crowd() -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    return [
        row
        for number, account in enumerate(CROWD)
        for row in written(account, float(rng.uniform(0.1, 0.6)), CROWD, number + 100)
        if row["parent_account"] != account
    ]


def said(posts: list[dict[str, Any]], members: list[str] = MEMBERS, **options: Any) -> list[dict[str, Any]]:
    asked = pa.Table.from_pylist(
        [{"subject_kind": "cluster", "subject": "G1", "account": account} for account in members]
    )
    tables = {"posts": table("posts", posts), "accounts": table("accounts", options.pop("accounts", []))}
    return list(schema.check("notes", Deficit(**options).notes(asked, tables, open_engine())).to_pylist())


def group(share: float, to: list[str]) -> list[dict[str, Any]]:
    return [row for number, one in enumerate(MEMBERS) for row in written(one, share, to, number)]


def test_a_group_that_talks_to_nobody_speaks_for() -> None:
    (note,) = said(crowd() + group(0.02, CROWD))
    assert note["leans"] == "for" and note["p"] == 0.001 and note["q"] == 0.001
    assert note["low"] <= note["value"] <= note["high"] < 0.1
    assert note["says"].startswith("The 10 accounts addressed somebody outside the group in ")
    assert "comparable accounts in 3" in note["says"]


def test_an_ordinary_group_has_no_deficit() -> None:
    (note,) = said(crowd() + group(0.35, CROWD))
    assert note["leans"] == "none" and note["p"] > 0.05
    assert note["says"].endswith("chance explains that, with everything asked.")


def test_friends_who_talk_among_themselves_have_no_deficit() -> None:
    (note,) = said(crowd() + group(0.5, MEMBERS))
    assert note["value"] == 0.0, "nobody outside is addressed"
    assert note["leans"] == "none" and note["p"] > 0.5


def test_names_in_the_text_count_where_the_export_lists_none() -> None:
    posts = crowd() + group(0.02, CROWD)
    for row in posts:
        if row["parent_account"]:
            row.update(
                text=f"hello @{row['parent_account'][2:].upper()} !", kind="original", parent_account=None
            )
    profiles = [{"account": one, "platform": "x", "handle": one[2:]} for one in CROWD + MEMBERS]
    (named,) = said(posts, accounts=profiles)
    (plain,) = said(crowd() + group(0.02, CROWD))
    assert named["value"] == plain["value"] and named["says"] == plain["says"]


def test_files_without_addresses_say_nothing() -> None:
    assert (
        said([{**row, "kind": "original", "parent_account": None} for row in crowd() + group(0, CROWD)]) == []
    )


def test_random_groups_are_rarely_called() -> None:
    posts, rng = crowd(), np.random.default_rng(3)
    p = [said(posts, sorted(rng.choice(CROWD, 8, replace=False).tolist()))[0]["p"] for _ in range(20)]
    assert sum(one <= 0.05 for one in p) <= 4


def test_answers_are_counted_from_replies_in_the_files() -> None:
    posts = crowd() + group(0.35, CROWD)
    asked = [row for row in posts if row["account"] in CROWD and row["kind"] == "original"]
    answers = [
        {
            **written(CROWD[place % 100], 0, CROWD, 5000 + place, 1)[0],
            "post": f"a{place}",
            "kind": "reply",
            "parent": row["post"],
            "parent_account": row["account"],
        }
        for place, row in enumerate(asked[::2])
    ]
    one = {**answers[0], "post": "b", "parent": next(r["post"] for r in posts if r["account"] == MEMBERS[0])}
    assert len(said(posts + answers)) == 1, "no member was answered: the files may not hold the answers"
    notes = said([*posts, *answers, one])
    answered = next(note for note in notes if note["says"].startswith("Somebody else answered"))
    assert answered["value"] < 0.05 and answered["p"] <= 0.01


def test_notes_name_nobody_and_do_not_depend_on_the_order_of_rows() -> None:
    posts = crowd() + group(0.02, CROWD)
    there, back = said(posts), said(posts[::-1], MEMBERS[::-1])
    assert there == back
    assert not any(account in str(there) for account in CROWD + MEMBERS)
