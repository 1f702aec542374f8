"""Who addressed whom first and when, and the windows in which most accounts began to address one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.signals._addressed import addressing
from concerted.signals._exact import Floats, Ints
from concerted.signals._members import coded, micros
from concerted.table import Table

AGAIN_DAYS = 30  # after so long a silence an account begins anew to address a target
SECOND = 1_000_000

# an answer is to whom it answers: the others it names are those of the conversation, and the one it answers
# may be named once more by a handle that the files do not know
MEANT = "(p.kind not in ('reply', 'quote') or p.parent_account is null or a.target = p.parent_account)"
TIMED = f"""
select a.account, a.target, p.time, p.post, coalesce(p.resolution_s, 0) as step,
       p.time - lag(p.time) over turns <= interval {AGAIN_DAYS} days as again
from addressed a join posts p on p.account = a.account and p.file = a.file and p.row = a.row
where {MEANT}
window turns as (partition by a.account, a.target order by p.time, p.post)
order by p.time, a.account, a.target, p.post
"""

SEEN = """
select account, min(time) as since, max(time) as until from posts
where account in (select account from who) and time is not null group by account order by account
"""


@dataclass(frozen=True)
class Addresses:
    """Every act of addressing in order of time: who (place in `names`), whom, when in microseconds, and the
    `step` of its clock in seconds.

    `first` are the places of acts with which an account begins to address a target, or does so again after 30
    days. `since` and `until` are each account's first and last post, -1 for who never posts.
    """

    names: pa.Array
    account: Ints
    target: Ints
    time: Ints
    step: Floats
    first: Ints
    posts: list[str | None]
    since: Ints
    until: Ints


@dataclass(frozen=True)
class Window:
    """From `start` on for `width_s` seconds; `acts` are places in the list of first addresses of a target."""

    start: int
    width_s: int
    acts: Ints


def addresses(tables: Mapping[str, Table], engine: Engine) -> Addresses:
    """All acts of addressing by reply, quote or mention; accounts and targets share one list of names."""
    known = Table("addressed", addressing(tables, engine))
    rows = engine.query(TIMED, {"posts": tables["posts"], "addressed": known})
    both = pa.chunked_array([*rows["account"].chunks, *rows["target"].chunks], pa.string())
    names, places = coded(both)
    size = rows.num_rows
    who = Table("query", pa.table({"account": names}))
    seen = engine.query(SEEN, {"posts": tables["posts"], "who": who})
    return Addresses(
        names=names,
        account=places[:size],
        target=places[size:],
        time=micros(rows["time"]),
        step=np.asarray(rows["step"], np.float64),
        first=np.flatnonzero(~np.array([bool(one) for one in rows["again"].to_pylist()], bool)),
        posts=rows["post"].to_pylist(),
        since=_placed(names, seen, "since"),
        until=_placed(names, seen, "until"),
    )


def _placed(names: pa.Array, seen: pa.Table, column: str) -> Ints:
    at = np.asarray(pc.index_in(seen["account"].combine_chunks(), names), np.int64)
    placed = np.full(len(names), -1, np.int64)
    placed[at] = micros(seen[column])
    return placed


def windows(time: Ints, widths: tuple[int, ...], most: int, least: int) -> list[Window]:
    """The fullest windows of each width that do not overlap, at most `most` a width, of `least` acts or more.

    `time` is sorted. They are chosen by how many began to address the target, never by who.
    """
    found = []
    for width in widths:
        end = np.searchsorted(time, time + width * SECOND, side="right")
        count = end - np.arange(len(time))
        free = np.ones(len(time), bool)
        for _ in range(most):
            best = int(np.argmax(np.where(free, count, 0)))
            if not free[best] or count[best] < least:
                break
            found.append(Window(int(time[best]), width, np.arange(best, end[best])))
            # a window may neither begin in this one nor reach into it
            free[np.searchsorted(end, best, side="right") : end[best]] = False
    return found
