"""A small case made by hand: the tables that explain reads, with every answer in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from concerted import schema
from concerted.stages.explain import READS, WRITES, Config, run
from concerted.table import Table

T0 = datetime(2021, 2, 1, 8, 0, tzinfo=UTC)
GROUP = ("x:ann", "x:ben", "x:cem")
DAYS = 6


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    """Rows as a table; columns not given are null."""
    return Table(name, pa.Table.from_pylist(rows, schema=schema.arrow(name)))


def _tie(a: str, b: str, answer: str = "found", **more: Any) -> dict[str, Any]:
    row = {
        "trace": "link",
        "tier": "anchored",
        "a": a,
        "b": b,
        "window_s": 60,
        "both": 6,
        "together": 6,
        "expected": 0.1,
        "p": 1e-8,
        "p_before": 1e-8,
        "q": 1e-6,
        "answer": answer,
    }
    return {**row, **more}


def _standing(
    account: str, p: float, before: float, answer: str, because: str | None = None
) -> dict[str, Any]:
    row = {"account": account, "p": p, "p_before": before, "q": min(1.0, 10 * p), "trace": "link"}
    return {**row, "answer": answer, "because": because}


def _made(stage: str, what: str, says: str, limit: bool) -> dict[str, Any]:
    return {"stage": stage, "what": what, "value": 1.0, "says": says, "limit": limit}


def _acts() -> list[tuple[str, str, datetime, str]]:
    """(account, object, time, text): the group once a day within 20 s, dan and eva once each with ann."""
    acts = []
    for day in range(DAYS):
        for place, account in enumerate(GROUP):
            time = T0 + timedelta(days=day, seconds=9 * place)
            acts.append((account, f"https://n.example/{day}", time, f"see https://n.example/{day} @zoe"))
    acts += [
        ("x:dan", "https://n.example/0", T0 + timedelta(seconds=50), "so do I"),
        ("x:dan", "https://n.example/1", T0 + timedelta(days=1, minutes=30), "late"),
        ("x:eva", "https://n.example/2", T0 + timedelta(days=2, seconds=3), "now"),
        ("x:fay", "https://n.example/3", T0 + timedelta(days=3, seconds=400), "then"),
        ("x:gus", "https://n.example/3", T0 + timedelta(days=3, seconds=401), "then too"),
        ("x:hal", "https://n.example/4", T0 + timedelta(days=4, hours=5), "much later"),
    ]
    return acts


def tables(reverse: bool = False) -> dict[str, Table]:
    """All tables explain reads; with `reverse`, every table in the opposite order of rows."""
    posts, events = [], []
    for number, (account, key, time, text) in enumerate(_acts()):
        post = f"9000000{number:02d}"
        posts.append(
            {
                "post": post,
                "account": account,
                "time": time,
                "text": text,
                "kind": "original",
                "urls": [key],
                "link": f"https://x.com/{account[2:]}/status/{post}",
                "file": "e.csv",
                "row": number + 2,
                "resolution_s": 1.0,
            }
        )
        events.append(
            {
                "trace": "link",
                "account": account,
                "object": key,
                "time": time,
                "resolution_s": 1.0,
                "post": post,
            }
        )
    # an act by the same posts in a second trace
    events += [{**row, "trace": "domain", "object": f"n.example {row['time']:%Y-%m-%d}"} for row in events]
    pairs = [("x:ann", "x:ben"), ("x:ann", "x:cem"), ("x:ben", "x:cem")]
    ties = [_tie(a, b, leader="x:ann" if a == "x:ann" else None) for a, b in pairs]
    ties += [
        _tie("x:ann", "x:ben", window_s=10, p=1e-5),
        _tie("x:ann", "x:ben", trace="domain", p=1e-4),
        _tie("x:ann", "x:dan", "explained", p=1.0, p_before=1e-6, q=1.0, because="one follows the other"),
        _tie("x:ann", "x:eva", "unresolved", p=1.0, p_before=1e-5, q=1.0, because="fewer than 5 days"),
    ]
    standings = [_standing(account, 1e-7, 1e-7, "found") for account in GROUP]
    standings += [
        _standing("x:dan", 1.0, 1e-6, "explained", "one follows the other"),
        _standing("x:eva", 1.0, 1e-5, "unresolved", "fewer than 5 days"),
        _standing("x:gus", 1e-4, 1e-4, "found"),
        _standing("x:hal", 0.9, 0.9, "none"),
    ]
    found: dict[str, list[dict[str, Any]]] = {
        "posts": posts,
        "accounts": [
            {"account": one, "account_id": one[2:], "handle": f"{one[2:]}_says", "seen": T0, "bio": "bot"}
            for one in (*GROUP, "x:dan")
        ],
        "ledger": [
            {"file": "e.csv", "row": 40, "count": 1, "reason": "no time"},
            {"file": "e.csv", "row": None, "count": 3, "reason": "empty"},
            {"file": "e.csv", "row": 41, "count": 1, "reason": "no time"},
        ],
        "inputs": [
            {
                "file": "e.csv",
                "sha256": "ab" * 32,
                "source": "table",
                "clock": "UTC",
                "resolution_s": 60.0,
                "records": 30,
                "posts": len(posts),
                "accounts": 0,
                "left_out": 5,
                "capability": ["link: all of posts", "media: no (no column of media ids or hashes)"],
            }
        ],
        "events": events,
        "objects": [
            {"trace": "link", "object": one, "label": one} for one in sorted({act[1] for act in _acts()})
        ],
        "ties": ties,
        "standings": standings,
        "groups": [
            {
                "cluster": "c1",
                "account": one,
                "ties": 2,
                "traces": ["link"],
                "q_reason": "fewer than 8 active days",
            }
            for one in GROUP
        ],
        "sets": [
            {
                "set": "k1",
                "kind": "community",
                "trace": "link",
                "basis": "shared links",
                "named": 4,
                "older": False,
                "account": account,
                "window_s": 600,
                "days": 6,
                "p": 1e-4,
                "q": 0.02,
                "ratio": 4.0,
                "low": 2.0,
                "high": 7.0,
                "answer": "found",
                "share": 0.5,
            }
            for account in ("x:fay", "x:gus")
        ],
        "lineage": [],
        "leads": [
            {"lead": "l1", "account": one, "traces": ["link"], "score": 0.7} for one in ("x:hal", "x:fay")
        ],
        "ranks": [],
        "made": [
            _made("weigh", "smallest group", "Five accounts would have been found.", True),
            _made("weigh", "accounts tested", "8 accounts were tested", False),
            _made("pair", "density", "One object was too dense.", True),
        ],
    }
    assert set(found) == set(READS)
    return {
        name: table(name, rows[::-1] if reverse and name != "made" else rows) for name, rows in found.items()
    }


def explained(given: dict[str, Table]) -> dict[str, Table]:
    """The tables with what explain writes."""
    chunks: dict[str, list[pa.Table]] = {name: [] for name in WRITES}
    for name, chunk in run(given, Config()):
        chunks[name].append(schema.check(name, chunk))
    return {**given, **{name: Table(name, pa.concat_tables(parts)) for name, parts in chunks.items()}}
