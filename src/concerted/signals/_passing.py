"""How things went through the files: who had them first, and when accounts or sites of a list had them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.nulls.coding import changes
from concerted.signals._exact import Flags, Floats
from concerted.signals._members import marks, micros
from concerted.signals.publisher import registered
from concerted.table import Table

TRACES = ("text", "link", "media")
OUTSIDE = 100  # accounts that a list must leave outside it
KEY = ("trace", "object")
TOUCHED = 1_000_000  # touches held at a time; or those of one group
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
# of each subject the things that most of its members touched, and how many touched them at all
PUSHED = """
with counted as (
    select m.subject, e.trace, e.object, count(*) as members
    from events e join m on m.account = e.account
    where e.trace in ('text', 'link', 'media')
    group by m.subject, e.trace, e.object having count(*) >= {least}
),
ranked as (
    select *, row_number() over (partition by subject order by members desc, trace, object) as place
    from counted
),
things as (select distinct trace, object from ranked where place <= {most}),
sizes as (
    select e.trace, e.object, count(*) as touches
    from events e join things t on t.trace = e.trace and t.object = e.object
    group by e.trace, e.object
)
select r.subject, r.trace, r.object, s.touches
from ranked r join sizes s on s.trace = r.trace and s.object = r.object
where r.place <= {most} order by r.subject, r.place
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

    def of(self, members: Sequence[str]) -> Passing:
        """The same way, seen from other members."""
        return replace(self, members=marks(self.accounts, list(members)))

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


def pushed(
    subjects: Sequence[Sequence[str]], tables: Mapping[str, Table], engine: Engine, least: int, most: int
) -> pa.Table:
    """Of each list of accounts the texts, links and images that `least` of them or more touched, at most
    `most`, by how many did: subject (its place among the lists), trace, object, touches (by anybody)."""
    place = np.repeat(np.arange(len(subjects)), [len(accounts) for accounts in subjects])
    named = pa.array([one for accounts in subjects for one in accounts], pa.string())
    m = Table("query", pa.table({"subject": place, "account": named}))
    return engine.query(PUSHED.format(least=least, most=most), {"events": tables["events"], "m": m})


def ways(
    subjects: Sequence[Sequence[str]],
    listed: Listed,
    tables: Mapping[str, Table],
    engine: Engine,
    least: int,
    most: int,
) -> Iterator[list[Passing]]:
    """Of each list of accounts the ways of what they `pushed`. Those of several lists are asked for at once,
    as many as have so many touches that memory holds them."""
    if not subjects:
        return
    things = pushed(subjects, tables, engine, least, most)
    start = np.searchsorted(np.asarray(things["subject"]), np.arange(len(subjects) + 1))
    keys = list(zip(things["trace"].to_pylist(), things["object"].to_pylist(), strict=True))
    touches = things["touches"].to_pylist()
    own = [dict(zip(keys[a:b], touches[a:b], strict=True)) for a, b in pairwise(start.tolist())]
    for low, high in _together(own):
        asked = sorted(set().union(*own[low:high]))
        columns = {name: pa.array([key[n] for key in asked], pa.string()) for n, name in enumerate(KEY)}
        found = {
            (way.trace, way.object): way for way in passing(pa.table(columns), [], listed, tables, engine)
        }
        for members, mine in zip(subjects[low:high], own[low:high], strict=True):
            yield [found[key].of(members) for key in mine]


def _together(own: Sequence[Mapping[tuple[str, str], int]]) -> Iterator[tuple[int, int]]:
    """Ranges of lists whose things, each counted once, have so many touches as are held at a time."""
    low, total, held = 0, 0, set[tuple[str, str]]()
    for place, mine in enumerate(own):
        fresh = sum(touches for key, touches in mine.items() if key not in held)
        if place > low and total + fresh > TOUCHED:
            yield low, place
            low, total, held, fresh = place, 0, set(), sum(mine.values())
        total += fresh
        held |= mine.keys()
    if own:
        yield low, len(own)


def passing(
    objects: pa.Table, accounts: Sequence[str], listed: Listed, tables: Mapping[str, Table], engine: Engine
) -> list[Passing]:
    """The way of each object, in the order given; `objects` has trace and object."""
    if not objects.num_rows:
        return []
    given: dict[str, Table] = {"events": tables["events"], "posts": tables["posts"]}
    sites = {"urls": ", p.urls", "posts": POSTS} if listed.sites else {"urls": "", "posts": ""}
    rows = engine.query(
        TOUCHES.format(**sites), {**given, "wanted": Table("query", objects.select(["trace", "object"]))}
    )
    trace, key, who, posts = (rows[name].combine_chunks() for name in ("trace", "object", "account", "post"))
    time = micros(rows["time"]) / 1e6
    # times of one clock tick cannot be put in order
    until = time + np.maximum(np.asarray(rows["step"], np.float64), 1e-6)
    inside, of_list = marks(who, list(accounts)), marks(who, list(listed.accounts))
    first = np.flatnonzero(changes(rows["trace"]) | changes(rows["object"])).tolist()
    found = {}
    for start, end in zip(first, [*first[1:], len(rows)], strict=True):
        part = slice(start, end)
        name, thing = trace[start].as_py(), key[start].as_py()
        own = name == "link" and registered(thing) in listed.sites
        of_site = _of_sites(rows["urls"][part], listed) if listed.sites and not own else False
        found[name, thing] = Passing(
            trace=name,
            object=thing,
            accounts=who[part],
            posts=posts[part],
            time=time[part],
            until=until[part],
            members=inside[part],
            listed=of_list[part] | of_site,
            own=own,
        )
    wanted = zip(objects["trace"].to_pylist(), objects["object"].to_pylist(), strict=True)
    return [found[key] for key in wanted if key in found]


def _of_sites(urls: pa.ChunkedArray, listed: Listed) -> Flags:
    return np.array(
        [any(registered(url) in listed.sites for url in each or () if url) for each in urls.to_pylist()], bool
    )
