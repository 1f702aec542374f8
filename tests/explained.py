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
    standings = [
        {"account": account, "p": 1e-7, "p_before": 1e-7, "q": 1e-6, "answer": "found", "trace": "link"}
        for account in GROUP
    ]
    standings += [
        {"account": "x:dan", "p": 1.0, "p_before": 1e-6, "q": 1.0, "answer": "explained", "because": "one follows the other", "trace": "link"},
        {"account": "x:eva", "p": 1.0, "p_before": 1e-5, "q": 1.0, "answer": "unresolved", "because": "fewer than 5 days", "trace": "link"},
        {"account": "x:gus", "p": 1e-4, "p_before": 1e-4, "q": 0.01, "answer": "found", "trace": "link"},
        {"account": "x:hal", "p": 0.9, "p_before": 0.9, "q": 0.9, "answer": "none", "trace": "link"},
    ]  # fmt: skip
    found = {
        "posts": posts,
        "accounts": [
            {"account": account, "account_id": account[2:], "handle": f"{account[2:]}_says", "seen": T0, "bio": "bot"}
            for account in (*GROUP, "x:dan")
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
        "objects": [{"trace": "link", "object": f"https://n.example/{n}", "label": f"https://n.example/{n}"} for n in range(6)],
        "ties": ties,
        "standings": standings,
        "groups": [
            {"cluster": "c1", "account": account, "ties": 2, "traces": ["link"], "q_reason": "fewer than 8 active days"}
            for account in GROUP
        ],
        "sets": [
            {
                "set": "k1",
                "kind": "community",
                "trace": "link",
                "basis": "shared links",
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
        "leads": [{"lead": "l1", "account": account, "traces": ["link"], "score": 0.7} for account in ("x:hal", "x:fay")],
        "ranks": [],
        "made": [
            {"stage": "weigh", "what": "smallest group", "value": 0.0, "says": "Five accounts would have been found.", "limit": True},
            {"stage": "weigh", "what": "accounts tested", "value": 8.0, "says": "8 accounts were tested", "limit": False},
            {"stage": "pair", "what": "density", "value": 1.0, "says": "One object was too dense.", "limit": True},
        ],
    }  # fmt: skip
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
