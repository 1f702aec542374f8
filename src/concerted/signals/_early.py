"""Who shared what, in order, and which of it was early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from concerted import words
from concerted.engines import Engine
from concerted.nulls.coding import changes
from concerted.nulls.log import DAY, SECOND
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._members import coded, micros
from concerted.signals._saturating import HALF, chance, rate
from concerted.table import Table

TRACES = ("reshare", "link", "hashtag")
FIRST = 10  # accounts that are early in any case
SHARED = """
select cast(case trace when 'reshare' then 0 when 'link' then 1 else 2 end as tinyint) as number,
       object, account, time
from events where trace in ('reshare', 'link', 'hashtag') and coalesce(resolution_s, 0) <= {hour}
order by trace, object, time, account
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
select w.place, max(o.label) as label, max(o.origin_account) as author, max(t.told) as told
from wanted w join objects o on o.trace = w.trace and o.object = w.object
left join told t on t.trace = o.trace and t.object = o.object
group by w.place order by w.place
"""


@dataclass(frozen=True)
class Early:
    """First shares of objects by accounts, those of one object in order of time.

    Per object its trace, day of the first share (counted from 1970), label, author and how many reshares the
    platform tells of (nan where it does not). Per share account, object and whether it fell into the first
    hour.
    """

    names: pa.Array
    objects: pa.ChunkedArray
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

    @cached_property
    def _often(self) -> list[Ints]:
        """Of each trace how many accounts have so many shares in it."""
        return [np.bincount(done) for done in self._done]

    def chances(self, place: int, taking: int, accounts: Ints) -> Floats:
        """Chance of each of these accounts to be among `taking` that share an object, by what they share in
        its trace apart from it; who never shares there never would."""
        trace, own = self.trace[place], self.account[self.of(place)]
        done, often = self._done[trace], self._often[trace].copy()
        # the sharers of this object have done one thing less otherwise; who did nothing is no sharer
        often -= np.bincount(done[own], minlength=len(often))
        often[0] = 0
        often += np.bincount(done[own] - 1, minlength=len(often))
        mine = done[accounts] - np.isin(accounts, own)
        otherwise = np.where(done[accounts] > 0, mine, -HALF)
        return chance(otherwise, rate(np.arange(len(often), dtype=np.float64), often, taking))

    def says(self, place: int) -> str:
        """The object as a sentence has it; the author of a post is marked for its pseudonym."""
        label, author = self.label[place], self.author[place]
        if TRACES[self.trace[place]] != "reshare":
            return f"the {TRACES[self.trace[place]]} {label or self.objects[place].as_py()}"
        return f"a post of {words.who(author)}" if author else "one post"


def early(tables: Mapping[str, Table], engine: Engine, least: int, hour_s: int) -> Early:
    """All shares of posts, links and hashtags; labels only of objects that `least` accounts shared."""
    rows = engine.query(SHARED.format(hour=hour_s), {"events": tables["events"]})
    changed = changes(rows["number"]) | changes(rows["object"])
    starts = np.flatnonzero(changed)
    trace = np.asarray(rows["number"])[starts]
    objects = rows["object"].take(pa.array(starts))
    time = micros(rows["time"])
    encoded = rows["account"].dictionary_encode(null_encoding="encode")
    del rows  # all acts of the files, as text
    object_, begun = np.cumsum(changed) - 1, time[starts]
    hour = time < (begun + hour_s * SECOND)[object_]
    del time
    names, account = coded(encoded)
    wanted = np.flatnonzero(np.bincount(object_, minlength=len(starts)) >= least)
    asked = pa.table(
        {
            "trace": pa.array(TRACES).take(pa.array(trace[wanted])),
            "object": objects.take(pa.array(wanted)),
            "place": wanted,
        }
    )
    told = Table("query", engine.query(TOLD, {"posts": tables["posts"]}))
    about = engine.query(
        ABOUT, {"objects": tables["objects"], "told": told, "wanted": Table("query", asked)}
    ).to_pydict()
    label: list[str | None] = [None] * len(starts)
    author = label.copy()
    count = np.full(len(starts), np.nan)
    columns = (about[name] for name in ("place", "label", "author", "told"))
    for place, called, by, number in zip(*columns, strict=True):
        label[place], author[place] = called, by
        count[place] = np.nan if number is None else number
    return Early(
        names=names,
        objects=objects,
        trace=trace.astype(np.int64),
        day=begun // DAY,
        label=label,
        author=author,
        told=count,
        object=object_,
        account=account,
        hour=hour,
    )
