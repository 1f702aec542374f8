"""No signal names, locates or profiles a person: each is made to speak, in tables full of secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import test_signal_addressed as addressed
import test_signal_amplification as amplified
import test_signal_crossplatform as across
import test_signal_lineage as lineages
import test_signal_lives as lives
import test_signal_provenance as provenances
import test_signals as first
import test_signals_against as texts
import test_signals_against_profiles as profiles
from against import Shares

from concerted import registry, schema
from concerted.engines import open_engine
from concerted.stages import explain
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


Told = tuple[list[str], Mapping[str, Table]]


def made(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Table]:
    return {
        name: Table(name, pa.Table.from_pylist(some, schema=schema.arrow(name)))
        for name, some in rows.items()
    }


def blatant() -> Told:
    return MEMBERS, made(rows())


def against(shares: Shares, members: list[str] = texts.MEMBERS) -> Told:
    return members, shares.tables()


def event() -> Told:
    acts = [{**act, "cluster": "G1"} for act in first.acted([0, 5, 70])]
    return first.MEMBERS, first.tables(posts=first.busy([2] * 20 + [40] * 3), evidence=acts)


def followed() -> Told:
    rows = [lineages.row(0, "birth", lineages.FIVE), lineages.row(1, "grow", lineages.NINE)]
    return lineages.NINE, made({"lineage": rows})


def replaced() -> Told:
    tables, members = lives.file(1, answered=True)
    return members, tables


def crossing() -> Told:
    acts = across.acts("G1", *[(f"n{n}", 12, ["facebook:1", "x:1"]) for n in range(3)])
    ties = [across.tie("facebook:1", "x:1", 1e-4)]
    return across.MEMBERS, across.tables(evidence=acts, ties=ties, groups=across.GROUPS)


# of every signal members and tables of which it has something to say
SPEAKS: dict[str, Callable[[], Told]] = {
    **dict.fromkeys(
        ("automation", "publisher", "desk", "client", "births", "template", "disguise", "deficit", "rhythm"),
        blatant,
    ),
    "event": event,
    "boilerplate": lambda: against(texts.alike(texts.LIKED)),
    "headline": lambda: against(texts.headlines(8, 2)),
    "wire": lambda: against(texts.alike([f"{one} - Reuters" for one in texts.OWN], others=9)),
    "quotation": lambda: against(texts.alike(texts.VERSES)),
    "appeal": lambda: against(texts.alike(texts.DRAWS, others=9)),
    "crosspost": lambda: against(profiles.pair(profiles.SAME), profiles.BOTH),
    "fandom": lambda: against(profiles.fans("fan account of the walkers"), profiles.FANS),
    "organisation": lambda: against(profiles.organisation("Official account of the Northern Railway")),
    "amplification": lambda: (amplified.MEMBERS, amplified.tables(amplified.pushed())),
    "pileon": lambda: (addressed.MEMBERS, addressed.tables(addressed.crowd(1, strike=10))),
    "replacement": replaced,
    "survival": replaced,
    "provenance": lambda: (provenances.MEMBERS, provenances.tables(provenances.things(29))),
    "lineage": followed,
    "crossplatform": crossing,
}
PERSONS = r"lives in|from the (city|town|country)|nationality|religio|gender|same person|time zone|home"


def dressed(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables with a handle, name, text and picture that nobody may read for all who have none."""
    there = {name: table.to_arrow() for name, table in tables.items()}
    have = {row["account"] for row in there["accounts"].to_pylist()} if "accounts" in there else set()
    acting = {
        row[name]
        for table in there.values()
        for name in ("account", "parent_account")
        if name in table.column_names
        for row in table.select([name]).to_pylist()
    }
    bare = sorted(acting - have - {None})
    if bare:
        more = [
            {
                "account": account,
                "account_id": account.partition(":")[2],
                "platform": account.partition(":")[0],
                "handle": f"{SECRETS[1]}{place}",
                "name": f"{SECRETS[3]} {place}",
                "bio": f"born {1900 + place % 99} in {SECRETS[2]}",
            }
            for place, account in enumerate(bare)
        ]
        extra = pa.Table.from_pylist(more, schema=schema.arrow("accounts"))
        there["accounts"] = pa.concat_tables([there["accounts"], extra]) if have else extra
    given = {name: there.get(name, schema.empty(name)) for name in schema.TABLES}
    return {name: Table(name, table) for name, table in given.items()}


def private(tables: Mapping[str, Table]) -> set[str]:
    """What is said of accounts and by them, and long ids."""
    found = set(SECRETS)
    for row in tables["accounts"].rows():
        found |= {row[name] for name in ("handle", "name", "bio", "avatar") if len(row[name] or "") > 4}
        found |= {row["account_id"]} if len(row["account_id"] or "") > 5 else set()
    return found | {row["text"][:12] for row in tables["posts"].rows() if len(row["text"] or "") > 11}


def test_one_run_pays_for_all_its_signals() -> None:
    members, given = blatant()
    groups = [{"cluster": "G1", "account": one, "ties": 3, "traces": ["link"]} for one in members]
    tables = dressed({**given, **made({"groups": groups})})

    def q(*signals: str) -> dict[str, float]:
        chunks = dict(explain.run(tables, explain.Config(signals=signals)))
        rows = chunks["notes"].to_pylist()
        return {row["signal"]: row["q"] for row in rows if row["subject"] == "G1" and row["q"] is not None}

    alone, both = q("births"), q("births", "rhythm", "deficit")
    assert both.keys() > alone.keys() and both["births"] > alone["births"]


def test_every_signal_has_a_case_in_which_it_speaks() -> None:
    assert SPEAKS.keys() == registry.BUILTIN["signals"].keys()


@pytest.mark.parametrize("name", SPEAKS)
def test_notes_hold_no_name_no_place_and_no_text(name: str) -> None:
    members, given = SPEAKS[name]()
    tables = dressed(given)
    subjects = [("cluster", "G1", one) for one in members]
    subjects += [("account", members[0], members[0])]
    asked = pa.table(
        {
            key: pa.array([row[place] for row in subjects], pa.string())
            for place, key in enumerate(("subject_kind", "subject", "account"))
        }
    )
    notes = registry.find("signals", name)().notes(asked, tables, open_engine()).to_pylist()
    assert notes, "the case was made to be told"
    # accounts in marks are exchanged for pseudonyms before anybody reads them
    said = re.sub("⟦[^⟧]*⟧", "", " ".join(f"{note['says']} {note['reference']}" for note in notes))
    assert not re.search(PERSONS, said, re.IGNORECASE), said
    for secret in private(tables):
        assert secret.casefold() not in said.casefold(), (secret, said)
    for note in notes:
        bare = note["leans"] == "for" and re.search(r"\(p = [^()]*\)\.$", note["says"])
        assert not bare, f"a reason must not stand without its innocent reading: {note['says']}"
    if name in ("births", "template", "disguise", "deficit"):
        assert any(note["leans"] == "for" for note in notes)
        assert not any(note["subject_kind"] == "account" for note in notes)
