"""What a simulation is made of: tables as the stages see them, and the truth they never see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.errors import SettingError

START = datetime(2025, 3, 3, tzinfo=UTC)
TRUTH = pa.schema([("account", pa.string()), ("group", pa.string()), ("kind", pa.string())])


@dataclass(frozen=True)
class Simulation:
    """Posts whose makers are known.

    `posts` and `accounts` are tables of `schema`, times in UTC. `truth` has one row per account: `group` is
    the planted group or null for the innocent, `kind` what sort of account it is (person, fan, audience,
    influencer, regular, automated, scheduled, source, planted). `seed` and `days` repeat what was asked for.
    """

    posts: pa.Table
    accounts: pa.Table
    truth: pa.Table
    seed: int
    days: int

    @classmethod
    def of(cls, posts: pa.Table, seed: int = 1) -> Simulation:
        """A file of real posts, all its accounts taken for innocent, so that groups can be planted in it."""
        posts = schema.check("posts", posts)
        span = pc.min_max(posts["time"]).as_py()
        days = (span["max"] - span["min"]).days + 1 if span["min"] else 1
        accounts = pc.unique(posts["account"]).sort().to_pylist()
        truth = pa.Table.from_pylist(
            [{"account": account, "group": None, "kind": "person"} for account in accounts], TRUTH
        )
        return cls(posts, schema.empty("accounts"), truth, seed, days)

    def groups(self) -> dict[str, list[str]]:
        """Accounts of each planted group."""
        found: dict[str, list[str]] = {}
        for row in self.truth.to_pylist():
            if row["group"] is not None:
                found.setdefault(row["group"], []).append(row["account"])
        return found

    def sampled(self, share: float) -> Simulation:
        """What is left when an export holds each post with probability `share`, as sampled streams do."""
        if not 0 < share <= 1:
            raise SettingError(f"a sample holds a share above 0 and at most 1 of the posts, not {share}")
        rng = np.random.default_rng([self.seed, 4])
        kept = self.posts.filter(pa.array(rng.random(self.posts.num_rows) < share))
        return Simulation(in_order(kept), self.accounts, self.truth, self.seed, self.days)

    def joined(
        self,
        posts: list[dict[str, Any]],
        accounts: list[dict[str, Any]],
        truth: list[dict[str, Any]],
    ) -> Simulation:
        """This simulation and more rows, in order of time."""
        return Simulation(
            in_order(pa.concat_tables([self.posts, pa.Table.from_pylist(posts, schema.arrow("posts"))])),
            pa.concat_tables([self.accounts, pa.Table.from_pylist(accounts, schema.arrow("accounts"))]),
            pa.concat_tables([self.truth, pa.Table.from_pylist(truth, TRUTH)]),
            self.seed,
            self.days,
        )


def in_order(posts: pa.Table) -> pa.Table:
    """Posts sorted by time and id, their rows numbered anew as lines of one file below a header."""
    posts = posts.sort_by([("time", "ascending"), ("post", "ascending")]).combine_chunks()
    lines = pa.array(range(2, len(posts) + 2), pa.int64())
    return posts.set_column(posts.schema.get_field_index("row"), schema.arrow("posts").field("row"), lines)
