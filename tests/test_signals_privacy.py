"""No signal names, locates or profiles a person, whatever its tables hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from concerted import registry, schema
from concerted.engines import open_engine
from concerted.table import Table

T0 = datetime(2020, 1, 1, tzinfo=UTC)
SECRETS = ("Quetzalcoatl", "Zwiebelfisch", "Oberammergau", "Kunigunde", "Dnepropetrovsk")
MEMBERS = [f"x:{SECRETS[0]}{place}" for place in range(12)]


def rows() -> dict[str, list[dict[str, Any]]]:
    """A blatant group in a crowd, with secrets wherever a person may be named or placed."""
    rng = np.random.default_rng(1)
    accounts, posts = [], []
    for place, account in enumerate([*MEMBERS, *(f"x:c{n}" for n in range(150))]):
        ours = place < len(MEMBERS)
        accounts += [
            {
                "account": account,
                "account_id": account[2:],
                "platform": "x",
                "handle": f"{SECRETS[1]}{place if ours else 10**6 + place}{turn}",
                "name": SECRETS[3] if ours else f"{SECRETS[3]} {place}",
                "bio": f"bot, fan of football, from {SECRETS[2]}"
                if ours
                else f"reads {place} books a year in town",
                "avatar": f"https://img.example/{SECRETS[2] if ours else place}.jpg",
                "opened": T0 + timedelta(days=0.1 * place if ours else float(rng.uniform(-300, 300))),
                "followers": 2000 * (1 + turn) if ours else 100,
                "following": 2000 if ours else 90,
                "posts": 100,
                "seen": T0 + timedelta(days=400 + turn),
            }
            for turn in range(2)
        ]
        posts += [
            {
                "account": account,
                "platform": "x",
                "post": f"{place}-{number}",
                "file": "a.csv",
                "row": 1000 * place + number,
                "kind": "original" if ours or number % 2 else "reply",
                "parent_account": None if ours or number % 2 else f"x:c{number}",
                "resolution_s": 1.0,
                "time": T0
                + timedelta(days=float(300 * (number > 30) + number), seconds=0 if ours else place),
                "text": f"{SECRETS[4]} calls" if ours else f"{SECRETS[4]} calls @{SECRETS[1]}",
                "lang": "de" if ours and number > 30 else "en",
                "client": "TweetDeck" if ours else "Phone",
                "urls": ["https://news.example/story"],
                "tags": ["vote"],
                "mentions": [] if ours else [SECRETS[1]],
            }
            for number in range(60)
        ]
    return {"accounts": accounts, "posts": posts}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    made = rows()
    return {
        name: Table(name, pa.Table.from_pylist(made.get(name, []), schema=schema.arrow(name)))
        for name in schema.TABLES
    }


@pytest.mark.parametrize("name", registry.BUILTIN["signals"])
def test_notes_hold_no_name_no_place_and_no_text(name: str, tables: dict[str, Table]) -> None:
    listed = [("cluster", "G1", one) for one in MEMBERS] + [("account", MEMBERS[0], MEMBERS[0])]
    asked = pa.table(
        {
            key: pa.array([row[place] for row in listed], pa.string())
            for place, key in enumerate(("subject_kind", "subject", "account"))
        }
    )
    notes = registry.find("signals", name)().notes(asked, tables, open_engine()).to_pylist()
    said = " ".join(f"{note['says']} {note['reference']}" for note in notes)
    for secret in SECRETS:
        assert secret.casefold() not in said.casefold(), said
    if name in ("births", "template", "disguise", "deficit"):
        assert any(note["leans"] == "for" for note in notes), "the group was made to be told"
        assert not any(note["subject_kind"] == "account" for note in notes)
