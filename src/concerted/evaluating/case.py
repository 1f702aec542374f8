"""What is measured: a file and what is known about its accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema

Kind = Literal["simulated", "organic", "known", "mixed", "folder"]


@dataclass(frozen=True)
class Labelled:
    """Posts with the truth about their makers.

    `posts` and `accounts` are tables of `schema`. `truth` maps each account known to act together to the
    name of its operation or group. Accounts in `unlabelled` count neither for nor against; all others are
    taken for innocent. `traces` are those to follow, none: all that the posts allow.
    """

    posts: pa.Table
    truth: Mapping[str, str]
    accounts: pa.Table = field(default_factory=lambda: schema.empty("accounts"))
    unlabelled: frozenset[str] = frozenset()
    traces: tuple[str, ...] = ()

    def until(self, end: datetime) -> Labelled:
        """The file as it was at a moment: what was posted later is not in it."""
        kept = self.posts.filter(pc.less(self.posts["time"], pa.scalar(end, schema.TIME)))
        return Labelled(kept, self.truth, self.accounts, self.unlabelled, self.traces)

    def begin(self) -> datetime | None:
        """When the first account of an operation first posts, in UTC; None where there is none."""
        mine = self.posts.filter(pc.is_in(self.posts["account"], pa.array(sorted(self.truth), pa.string())))
        first: datetime | None = pc.min(mine["time"]).as_py()
        return first

    def end(self) -> datetime | None:
        """Just after the last post, in UTC."""
        last: datetime | None = pc.max(self.posts["time"]).as_py()
        return last and last + timedelta(seconds=1)


@dataclass(frozen=True)
class Case:
    """One file of the benchmark.

    `family` names what is alike, such as crowds of one kind that differ by seed. `load` makes it anew each
    time, the same each time. `says` is one line on what it is and where it comes from.
    """

    name: str
    kind: Kind
    family: str
    load: Callable[[], Labelled]
    says: str
