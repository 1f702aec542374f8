"""How things went through the files: who had them first, and when accounts or sites of a list had them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.nulls.coding import changes
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._members import marks, micros
from concerted.signals.publisher import registered
from concerted.table import Table

TRACES = ("text", "link", "media")
OUTSIDE = 100  # accounts that a list must leave outside it
TOUCHES = """
select e.trace, e.object, e.account, e.time, coalesce(e.resolution_s, 0) as step, e.post{urls}
from events e
join wanted w on w.trace = e.trace and w.object = e.object
{posts}
order by e.trace, e.object, e.time, e.account
"""
# links of posts, which only a list of sites asks for
POSTS = """
left join (select account, post, min(urls) as urls from posts where post is not null group by all) p
    on p.post = e.post and p.account = e.account
"""
OTHERS = "select count(distinct account) as n from posts where account not in (select account from listed)"


@dataclass(frozen=True)
class Listed:
    """A list that the user gave: accounts as `platform:id` or @handle, sites as registered domains."""

    accounts: frozenset[str]
    sites: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.accounts or self.sites)


@dataclass(frozen=True)
class Passing:
    """First touches of one object in order of time.

    `time` is in seconds since 1970 and `until` the latest it can have been, by the step of the clock;
    `members` and `listed` mark who belongs to the group and what belongs to the list. `own` is true where the
    object lies on a listed site itself, so that nobody can have picked it up there.
    """

    trace: str
    object: str
    accounts: pa.Array
    posts: pa.Array
    time: Floats
    until: Floats
    members: Flags
    listed: Flags
    own: bool

    def first(self, some: Flags) -> int | None:
        """The place of the first touch among some of them."""
        found = np.flatnonzero(some)
        return int(found[0]) if len(found) else None

    def before(self, one: Flags, other: Flags) -> bool | None:
        """Whether the first of `one` came before the first of `other`; None where the clock cannot tell."""
        a, b = self.first(one), self.first(other)
        if a is None or b is None:
            return None
        if self.until[a] <= self.time[b] and a != b:
            return True
        return False if self.until[b] <= self.time[a] and a != b else None


def resolved(
    accounts: Sequence[str], sites: Sequence[str], tables: Mapping[str, Table], engine: Engine
) -> Listed:
    """The list as accounts of these files and registered domains; names not in the files fall out."""
    named = {one.removeprefix("@").casefold() for one in accounts}
    domains = frozenset(registered(site) or site for site in sites)
    if not named:
        return Listed(frozenset(), domains)
    rows = engine.query(
        "select account, handle from accounts where account is not null union "
        "select distinct account, null from posts where account is not null",
        {"posts": tables["posts"], "accounts": tables["accounts"]},
    ).to_pylist()
    handles = named - {""}
    there = {
        row["account"]
        for row in rows
        if row["account"].casefold() in named or (row["handle"] or "").casefold() in handles
    }
    return Listed(frozenset(there), domains)


def outside(listed: Listed, tables: Mapping[str, Table], engine: Engine) -> int:
    """Accounts with posts that are not on the list."""
    some = pa.table({"account": pa.array(sorted(listed.accounts), pa.string())})
    answer = engine.query(OTHERS, {"posts": tables["posts"], "listed": Table("query", some)})
    return int(answer["n"][0].as_py())


@dataclass(frozen=True)
class Touches:
    """First touches of some objects, those of one after the other in order of time, with `time`, `until`,
    `listed` and `own` as in `Passing`, and where each object's begin, which ends with their number."""

    rows: pa.Table
    start: Ints
    time: Floats
    until: Floats
    listed: Flags
    own: Flags


def touches(objects: pa.Table, listed: Listed, tables: Mapping[str, Table], engine: Engine) -> Touches:
    """All first touches of these objects (columns trace and object), which come sorted by both."""
    given: dict[str, Table] = {"events": tables["events"], "posts": tables["posts"]}
    sites = {"urls": ", p.urls", "posts": POSTS} if listed.sites else {"urls": "", "posts": ""}
    rows = engine.query(
        TOUCHES.format(**sites), {**given, "wanted": Table("query", objects.select(["trace", "object"]))}
    )
    time = micros(rows["time"]) / 1e6
    # times of one clock tick cannot be put in order
    until = time + np.maximum(np.asarray(rows["step"], np.float64), 1e-6)
    begins = np.flatnonzero(changes(rows["trace"]) | changes(rows["object"]))
    of_list = marks(rows["account"].combine_chunks(), list(listed.accounts))
    own = np.zeros(len(begins), bool)
    if listed.sites:
        things = rows.select(["trace", "object"]).take(pa.array(begins)).to_pylist()
        own |= [row["trace"] == "link" and registered(row["object"]) in listed.sites for row in things]
        sizes = np.diff(begins, append=len(rows))
        of_list = of_list | (_of_sites(rows["urls"], listed) & ~np.repeat(own, sizes))
    return Touches(rows, np.append(begins, len(rows)), time, until, of_list, own)


def passing(
    objects: pa.Table, accounts: Sequence[str], listed: Listed, tables: Mapping[str, Table], engine: Engine
) -> list[Passing]:
    """The way of each object, in the order given; `objects` has trace and object."""
    if not objects.num_rows:
        return []
    every = touches(objects, listed, tables, engine)
    trace, key, who, posts = (
        every.rows[name].combine_chunks() for name in ("trace", "object", "account", "post")
    )
    inside = marks(who, list(accounts))
    found = {}
    for (start, end), own in zip(pairwise(every.start.tolist()), every.own.tolist(), strict=True):
        part = slice(start, end)
        name, thing = trace[start].as_py(), key[start].as_py()
        found[name, thing] = Passing(
            trace=name,
            object=thing,
            accounts=who[part],
            posts=posts[part],
            time=every.time[part],
            until=every.until[part],
            members=inside[part],
            listed=every.listed[part],
            own=own,
        )
    wanted = zip(objects["trace"].to_pylist(), objects["object"].to_pylist(), strict=True)
    return [found[key] for key in wanted if key in found]


def _of_sites(urls: pa.ChunkedArray, listed: Listed) -> Flags:
    return np.array(
        [any(registered(url) in listed.sites for url in each or () if url) for each in urls.to_pylist()], bool
    )
