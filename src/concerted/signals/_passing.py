"""How things went through the files: who had them first, and when accounts or sites of a list had them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.signals._exact import Flags, Floats
from concerted.signals._members import micros
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
WANTED = """
select e.trace, e.object, count(*) as members from events e join m on m.account = e.account
where e.trace in ('text', 'link', 'media') group by e.trace, e.object having count(*) >= {least}
order by members desc, e.trace, e.object
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
    accounts: list[str]
    posts: list[str | None]
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


def pushed(accounts: list[str], tables: Mapping[str, Table], engine: Engine, least: int) -> pa.Table:
    """Texts, links and images that so many of these accounts touched, most first: trace, object, members."""
    m = Table("query", pa.table({"account": pa.array(accounts, pa.string())}))
    return engine.query(WANTED.format(least=least), {"events": tables["events"], "m": m})


def passing(
    objects: pa.Table, accounts: list[str], listed: Listed, tables: Mapping[str, Table], engine: Engine
) -> list[Passing]:
    """The way of each object, in the order given; `objects` has trace and object."""
    if not objects.num_rows:
        return []
    given: dict[str, Table] = {"events": tables["events"], "posts": tables["posts"]}
    sites = {"urls": ", p.urls", "posts": POSTS} if listed.sites else {"urls": "", "posts": ""}
    rows = engine.query(
        TOUCHES.format(**sites), {**given, "wanted": Table("query", objects.select(["trace", "object"]))}
    )
    inside, found = set(accounts), {}
    keys = list(zip(rows["trace"].to_pylist(), rows["object"].to_pylist(), strict=True))
    starts = [place for place, key in enumerate(keys) if place == 0 or key != keys[place - 1]]
    for start, end in zip(starts, [*starts[1:], len(keys)], strict=True):
        part = rows.slice(start, end - start)
        time = micros(part["time"]) / 1e6
        who = part["account"].to_pylist()
        trace, key = keys[start]
        own = trace == "link" and registered(key) in listed.sites
        found[trace, key] = Passing(
            trace=trace,
            object=key,
            accounts=who,
            posts=part["post"].to_pylist(),
            time=time,
            # times of one clock tick cannot be put in order
            until=time + np.maximum(np.asarray(part["step"], np.float64), 1e-6),
            members=np.array([one in inside for one in who], bool),
            listed=_of_list(part, who, listed, own),
            own=own,
        )
    wanted = zip(objects["trace"].to_pylist(), objects["object"].to_pylist(), strict=True)
    return [found[key] for key in wanted if key in found]


def _of_list(part: pa.Table, who: list[str], listed: Listed, own: bool) -> Flags:
    def site(urls: Any) -> bool:
        return not own and any(registered(url) in listed.sites for url in urls or () if url)

    sites = part["urls"].to_pylist() if listed.sites else [None] * len(who)
    return np.array([a in listed.accounts or site(b) for a, b in zip(who, sites, strict=True)], bool)
