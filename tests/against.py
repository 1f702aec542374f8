"""Small tables for the signals that lean against: who shared what with which post."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from concerted import schema
from concerted.engines import open_engine
from concerted.table import Table

T0 = datetime(2023, 3, 6, 9, 0, tzinfo=UTC)
MEMBERS = [f"x:m{place}" for place in range(4)]
OTHERS = [f"x:o{place}" for place in range(120)]
NAMES = ("posts", "accounts", "events", "evidence")


class Shares:
    """Posts, events and evidence built up share by share."""

    def __init__(self, subject: str = "G1") -> None:
        self.subject = subject
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}

    def share(
        self,
        key: str,
        accounts: Iterable[str],
        found: bool = True,
        trace: str = "text",
        time: datetime = T0,
        gap: timedelta = timedelta(seconds=7),
        link: str | None = None,
        **post: Any,
    ) -> Shares:
        """Each account posts the thing `key`, `gap` after the one before; `found` acts become evidence."""
        for place, account in enumerate(accounts):
            name = f"p{len(self.rows['posts'])}"
            when = time + place * gap
            self.rows["posts"].append(
                {"kind": "original", **post, "account": account, "post": name, "time": when}
            )
            event = {"account": account, "post": name, "time": when}
            self.rows["events"].append({"trace": trace, "object": f"{trace}:{key}", **event})
            if link:
                self.rows["events"].append({"trace": "link", "object": link, **event})
            if found:
                row = {"cluster": self.subject, "trace": trace, "object": f"{trace}:{key}", "success": True}
                self.rows["evidence"].append({**row, **event})
        return self

    def profile(self, account: str, **fields: Any) -> Shares:
        """One observation of an account."""
        self.rows["accounts"].append({"account": account, "platform": account.partition(":")[0], **fields})
        return self

    def tables(self) -> Mapping[str, Table]:
        return {
            name: Table(name, pa.Table.from_pylist(self.rows[name], schema=schema.arrow(name)))
            for name in NAMES
        }


def said(signal: Any, shares: Shares, members: Iterable[str] = MEMBERS) -> list[dict[str, Any]]:
    """The notes of a signal about one group."""
    rows = [{"subject_kind": "cluster", "subject": shares.subject, "account": one} for one in members]
    found = signal.notes(pa.Table.from_pylist(rows), shares.tables(), open_engine())
    notes: list[dict[str, Any]] = schema.check("notes", found).to_pylist()
    for note in notes:
        assert note["leans"] == "against" and note["signal"] == signal.name
        assert note["low"] <= note["value"] <= note["high"]
    return notes
