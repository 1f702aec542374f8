"""Invented crowds with known truth, as posts that name whom they address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.table import Table

BEGUN = datetime(2024, 3, 4, tzinfo=UTC)
CIRCLE = 40  # accounts of one community


class Crowd:
    """Accounts in communities with a taste for some targets, busy and quiet ones, by day and by night.

    News happens: most of a community's acts within three hours go to one target, once or more per community.
    """

    def __init__(self, seed: int, accounts: int = 1200, targets: int = 300, days: int = 28, news: int = 3):
        self.rng = rng = np.random.default_rng(seed)
        self.accounts, self.targets, self.days = accounts, targets, days
        self.circle = np.arange(accounts) // CIRCLE
        circles = accounts // CIRCLE
        zone = rng.integers(0, 24, circles)[self.circle]
        rate = rng.lognormal(1.0, 1.0, accounts).clip(0.5, 60)
        number = rng.poisson(rate * days / 7)
        who = np.repeat(np.arange(accounts), number)
        hour = (zone[who] + rng.normal(0, 4, len(who))) % 24
        when = (rng.integers(0, days, len(who)) + hour / 24) * 86400
        fame = 1 / np.arange(1, targets + 1)
        own = rng.permuted(np.tile(fame, (circles, 1)), axis=1)
        taste = 0.5 * fame / fame.sum() + 0.5 * own / own.sum(axis=1, keepdims=True)
        draw = rng.random(len(who))
        target = (taste.cumsum(axis=1)[self.circle[who]] < draw[:, None]).sum(axis=1).clip(max=targets - 1)
        for circle in range(circles):
            for _ in range(rng.poisson(news)):
                start, on = rng.uniform(0, days * 86400), rng.integers(targets)
                there = (self.circle[who] == circle) & (when >= start) & (when < start + 10800)
                target[there & (rng.random(len(who)) < 0.7)] = on
        self.who, self.when, self.target = who, when, target

    def strike(self, members: np.ndarray, target: int, spread_s: float) -> None:
        """Members address a target within so many seconds, in addition to all else they do."""
        start = self.rng.uniform(3, self.days - 1) * 86400
        self.who = np.append(self.who, members)
        self.when = np.append(self.when, start + self.rng.uniform(0, spread_s, len(members)))
        self.target = np.append(self.target, np.full(len(members), target))

    def tables(self) -> dict[str, Table]:
        """As the tables that signals see."""
        order = np.argsort(self.when, kind="stable")
        rows: dict[str, Any] = {
            "post": [f"p{n}" for n in range(len(order))],
            "account": [f"x:u{one}" for one in self.who[order]],
            "time": [BEGUN + timedelta(seconds=float(one)) for one in self.when[order]],
            "kind": ["reply"] * len(order),
            "parent_account": [f"x:t{one}" for one in self.target[order]],
            "platform": ["x"] * len(order),
            "file": ["invented"] * len(order),
            "row": list(range(1, len(order) + 1)),
        }
        made = {"posts": Table("posts", schema.rows("posts", **rows))}
        return made | {name: Table(name, schema.empty(name)) for name in ("accounts", "evidence")}


def subjects(groups: dict[str, list[int]]) -> pa.Table:
    """Groups of numbered accounts as signals are asked about them."""
    rows = [("cluster", name, f"x:u{one}") for name, some in groups.items() for one in some]
    return pa.table(
        dict(zip(("subject_kind", "subject", "account"), map(list, zip(*rows, strict=True)), strict=True))
    )
