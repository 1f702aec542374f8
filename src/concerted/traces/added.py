"""New posts added to what traces made of earlier ones, where that gives what all posts together would give.

It does where an event depends on its own post alone, or on the posts that this one points at. A trace says so
by `looks_at`, the columns that point. Which texts are nearly the same, or by which tags a collection was
searched, only all posts together can tell: such traces state no `looks_at`, and are run on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pyarrow as pa

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces.work import POINTED, Traced

MERGES = "merges"  # the row of `made` that says that what a trace made can be added to


def merges(trace: Any) -> bool:
    """Whether new posts can be added to what this trace made."""
    return hasattr(trace, "looks_at")


class Added:
    """The new posts among `posts`, of which `usable` (SQL) can be used, beside what was made of the others.

    `earlier` holds the tables of the stage as they were.
    """

    def __init__(
        self, posts: Table, new: Table, earlier: Mapping[str, Table], usable: str, engine: Engine
    ) -> None:
        assert isinstance(posts.data, tuple)
        assert isinstance(new.data, tuple)
        self._old = Table("posts", tuple(path for path in posts.data if path not in new.data))
        self._all_new, self._usable = new, usable
        self._engine = engine
        self._earlier = earlier
        made = earlier["made"].sql(f"select trace from this where what = '{MERGES}'").rows()
        self._ready = {row["trace"] for row in made}

    def traced(self, trace: Any) -> Traced | None:
        """What the trace makes of all posts; None where it has to be run on all of them."""
        if not merges(trace) or trace.name not in self._ready or any(map(self._late, trace.looks_at)):
            return None
        beside = {**self._earlier, POINTED: self._pointed}
        traced: Traced = trace.events(Table("posts", self._new.data, beside), self._engine)
        return traced if traced.uses is not None else None

    @cached_property
    def _new(self) -> Table:
        found = self._engine.query(
            f"select count(*) as n from posts where not ({self._usable})", {"posts": self._all_new}
        )
        if not found.to_pylist()[0]["n"]:
            return self._all_new
        sql = f"select * from posts where {self._usable}"
        return Table("posts", self._engine.query(sql, {"posts": self._all_new}))

    def _late(self, column: str) -> bool:
        """Whether an earlier post points at a new one: what was made of it may have been otherwise."""
        sql = f"select {column} from old where {column} in (select post from new) limit 1"
        return len(self._engine.query(sql, {"old": self._old, "new": self._all_new})) > 0

    @cached_property
    def _pointed(self) -> Table:
        sql = f"select * from old where post in (select parent from new) and {self._usable}"
        found: pa.Table = self._engine.query(sql, {"old": self._old, "new": self._all_new})
        return Table("posts", found)
