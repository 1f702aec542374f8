"""Who shared what, in order, and which of it was early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import words
from concerted.engines import Engine
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._members import coded, micros
from concerted.table import Table

TRACES = ("reshare", "link", "hashtag")
FIRST = 10  # accounts that are early in any case
SHARED = """
with begun as (
    select trace, object, min(time) as begun, count(*) as crowd from events
    where trace in ('reshare', 'link', 'hashtag') and coalesce(resolution_s, 0) <= {hour}
    group by trace, object
)
select e.trace, e.object, e.account, e.time, b.begun,
       epoch_us(e.time) - epoch_us(b.begun) < {hour} * cast(1000000 as bigint) as early
from events e join begun b on b.trace = e.trace and b.object = e.object
where coalesce(e.resolution_s, 0) <= {hour}
order by e.trace, e.object, e.time, e.account
"""
# what the platform counts stands on the post itself and on its reshares, as often as the export shows it
TOLD = """
select 'reshare' as trace, platform || ':' || parent as object, max(reshares_total) as told from posts
where kind = 'reshare' and parent is not null and reshares_total is not null group by platform, parent
union all
select 'reshare', platform || ':' || post, max(reshares_total) from posts
where kind <> 'reshare' and reshares_total is not null group by platform, post
"""
ABOUT = """
select o.trace, o.object, max(o.label) as label, max(o.origin_account) as author, max(t.told) as told
from objects o left join told t on t.trace = o.trace and t.object = o.object
where o.trace in ('reshare', 'link', 'hashtag') group by o.trace, o.object
"""


@dataclass(frozen=True)
class Early:
    """First shares of objects by accounts, those of one object in order of time.

    Per object its trace, day of the first share (counted from 1970), label, author and how many reshares the
    platform tells of (nan where it does not). Per share account, object and whether it fell into the first
    hour.
    """

    names: pa.Array
    objects: list[str]
    trace: Ints
    day: Ints
    label: list[str | None]
    author: list[str | None]
    told: Floats
    object: Ints
    account: Ints
    hour: Flags

    @cached_property
    def start(self) -> Ints:
        """Where the shares of each object begin, and after them their number."""
        return np.searchsorted(self.object, np.arange(len(self.objects) + 1))

    @cached_property
    def crowd(self) -> Ints:
        """Accounts that shared each object."""
        return np.diff(self.start)

    def of(self, place: int) -> slice:
        """The shares of one object."""
        return slice(int(self.start[place]), int(self.start[place + 1]))

    @cached_property
    def first(self) -> Flags:
        """Shares within the first hour, and in any case the first ten."""
        turn = np.arange(len(self.object)) - np.repeat(self.start[:-1], self.crowd)
        return self.hour | (turn < FIRST)

    @cached_property
    def taking(self) -> Ints:
        """Of each object the accounts that were early."""
        return np.bincount(self.object[self.first], minlength=len(self.objects))

    @cached_property
    def _by_account(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.account, kind="stable")
        return order, np.searchsorted(self.account[order], np.arange(len(self.names) + 1))

    def by(self, accounts: Ints) -> Ints:
        """The shares of these accounts."""
        order, start = self._by_account
        return np.concatenate(
            [np.zeros(0, np.int64), *(order[start[one] : start[one + 1]] for one in accounts)]
        )

    def begun(self, day: int, trace: int) -> Ints:
        """The objects of a trace that began on a day."""
        return np.flatnonzero((self.day == day) & (self.trace == trace))

    @cached_property
    def _done(self) -> Ints:
        """Shares of each account in each trace."""
        size = len(self.names)
        places = self.trace[self.object] * size + self.account
        return np.bincount(places, minlength=len(TRACES) * size).reshape(-1, size)

    def activity(self, place: int) -> Floats:
        """Shares of each account in the trace of an object without it, where it shares there at all; others
        never would."""
        done = self._done[self.trace[place]].astype(np.float64)
        own = np.zeros(len(self.names))
        own[self.account[self.of(place)]] = 1
        # half a share is added to each: for who never shares anything it is taken away again
        return np.where(done > 0, done - own, -0.5)

    def says(self, place: int) -> str:
        """The object as a sentence has it; the author of a post is marked for its pseudonym."""
        label, author = self.label[place], self.author[place]
        if TRACES[self.trace[place]] != "reshare":
            return f"the {TRACES[self.trace[place]]} {label or self.objects[place]}"
        return f"a post of {words.who(author)}" if author else "one post"


def early(tables: Mapping[str, Table], engine: Engine, least: int, hour_s: int) -> Early:
    """All shares of posts, links and hashtags; labels only of objects that `least` accounts shared."""
    rows = engine.query(SHARED.format(hour=hour_s), {"events": tables["events"]})
    names, account = coded(rows["account"])
    trace = np.asarray(pc.index_in(rows["trace"].combine_chunks(), pa.array(TRACES)), np.int64)
    name = rows["object"].combine_chunks().dictionary_encode()
    both = np.column_stack([trace, np.asarray(name.indices, np.int64)])
    changed = np.ones(len(both), bool)
    changed[1:] = (both[1:] != both[:-1]).any(axis=1)
    object_ = np.cumsum(changed) - 1
    starts = np.flatnonzero(changed)
    wanted = np.bincount(object_, minlength=len(starts)) >= least
    told = Table("query", engine.query(TOLD, {"posts": tables["posts"]}))
    about = engine.query(ABOUT, {"objects": tables["objects"], "told": told})
    keys = zip(about["trace"].to_pylist(), about["object"].to_pylist(), strict=True)
    at = {key: place for place, key in enumerate(keys)}
    objects: list[str] = rows["object"].take(pa.array(starts)).to_pylist()
    labels, authors, counts = (about[column].to_pylist() for column in ("label", "author", "told"))
    found = [
        at.get((TRACES[int(trace[start])], one), -1) if want else -1
        for start, one, want in zip(starts, objects, wanted, strict=True)
    ]
    return Early(
        names=names,
        objects=objects,
        trace=trace[starts],
        day=micros(rows["begun"])[starts] // 86_400_000_000,
        label=[labels[place] if place >= 0 else None for place in found],
        author=[authors[place] if place >= 0 else None for place in found],
        told=np.array(
            [np.nan if place < 0 or counts[place] is None else counts[place] for place in found], float
        ),
        object=object_,
        account=account,
        hour=np.asarray(rows["early"], bool),
    )
