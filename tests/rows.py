"""Posts for tests, written as short as they can be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from concerted import schema
from concerted.table import Table

DAY = "2024-03-01"
DEFAULTS: dict[str, Any] = {"resolution_s": 1.0, "kind": "original", "platform": "x", "file": "posts.csv"}
TIMES = ("time", "parent_time", "deleted", "collected")


def moment(text: str) -> datetime:
    """A time in UTC: "09:00:05" is on 1 March 2024, "2024-03-02 09:00:05" says its own day."""
    return datetime.fromisoformat(text if "-" in text else f"{DAY} {text}").replace(tzinfo=UTC)


def posts(*rows: dict[str, Any]) -> Table:
    """A posts table: `account: a` becomes x:a, posts count 1, 2, 3, times as in `moment`."""
    full = []
    for number, row in enumerate(rows, start=1):
        row = {**DEFAULTS, "post": str(number), "row": number, **row}
        for name in ("account", "parent_account"):
            if row.get(name) and ":" not in row[name]:
                row[name] = f"{row['platform']}:{row[name]}"
        full.append({key: moment(value) if key in TIMES and value else value for key, value in row.items()})
    names = [name for name in schema.TABLES["posts"] if any(name in row for row in full)]
    unknown = {name for row in full for name in row} - set(names)
    assert not unknown, f"posts have no column {unknown}"
    return Table("posts", schema.rows("posts", **{name: [row.get(name) for row in full] for name in names}))
