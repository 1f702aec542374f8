"""What members did together: the acts behind a subject by object, and how many outside did the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from concerted.engines import Engine
from concerted.table import Table

Subject = tuple[str, str]  # kind and id
Object = tuple[str, str]  # trace and key

# evidence gives the two ends of a tie for accounts outside groups only: both are subjects
BEHIND = """
with told as (select * from evidence where success and {which}),
acts as (
    select distinct 'cluster' as subject_kind, cluster as subject, trace, object, account, post, time
    from told where cluster <> ''
    union all
    select distinct 'set' as subject_kind, cluster as subject, trace, object, account, post, time
    from told where cluster <> ''
    union all
    select distinct 'account' as subject_kind, a as subject, trace, object, account, post, time
    from told where cluster = ''
    union all
    select distinct 'account' as subject_kind, b as subject, trace, object, account, post, time
    from told where cluster = ''
)
select v.*, p.kind, p.text, p.urls, p.tags
from acts v
join (select distinct subject_kind, subject from subjects) s using (subject_kind, subject)
left join posts p on p.post = v.post and p.account = v.account
order by v.subject_kind, v.subject, v.trace, v.object, v.time, v.account, v.post
"""

OUTSIDE = """
with wanted as (select distinct trace, object from evidence where success)
select e.trace, e.object, count(distinct e.account) as accounts
from wanted join events e on e.trace = wanted.trace and e.object = wanted.object
where e.account not in (select account from subjects)
group by e.trace, e.object
"""
WHERE = ("subject_kind", "subject", "trace", "object")
COLUMNS = (*WHERE, "account", "time", "post", "kind", "text", "urls", "tags")


class Act(NamedTuple):
    """One account's act on a shared object; `kind`, `text`, `urls` and `tags` are those of its post."""

    account: str
    time: datetime
    post: str | None
    kind: str | None
    text: str
    urls: tuple[str, ...]
    tags: tuple[str, ...]


Objects = dict[Object, list[Act]]


def shared(
    subjects: pa.Table, tables: Mapping[str, Table], engine: Engine, texts: bool = False
) -> dict[Subject, Objects]:
    """Per subject the objects behind its ties, each with the acts on it in order of time; only those that are
    `texts` where that is asked.

    For a group or set all acts are by members; for an account outside groups its partners' are among them.
    """
    sql = BEHIND.format(which="trace = 'text'" if texts else "true")
    bound = {**{name: tables[name] for name in ("evidence", "posts")}, "subjects": Table("query", subjects)}
    found: dict[Subject, Objects] = {}
    rows = engine.query(sql, bound)
    columns = [rows[name].to_pylist() for name in COLUMNS]
    for kind, subject, trace, key, account, time, post, what, text, urls, tags in zip(*columns, strict=True):
        act = Act(
            account,
            time,
            post,
            what,
            text or "",
            tuple(url for url in urls if url) if urls else (),
            tuple(tag for tag in tags if tag) if tags else (),
        )
        found.setdefault((kind, subject), {}).setdefault((trace, key), []).append(act)
    return found


def outside(subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> Counter[Object]:
    """How many accounts that are in no subject touched each object behind a tie.

    What is innocent works for everybody: if only the accounts found do something, it explains nothing.
    """
    bound = {**{name: tables[name] for name in ("evidence", "events")}, "subjects": Table("query", subjects)}
    rows = engine.query(OUTSIDE, bound).to_pylist()
    return Counter({(row["trace"], row["object"]): row["accounts"] for row in rows})


def accounts(acts: Iterable[Act]) -> set[str]:
    """Who acted."""
    return {act.account for act in acts}


def kinds(objects: Objects, kind: Callable[[Act], str | None]) -> Counter[str]:
    """Number of objects per kind; an object is of a kind where more than half of the acts on it are."""
    counted: Counter[str] = Counter()
    for acts in objects.values():
        named = Counter(found for found in map(kind, acts) if found)
        if 2 * named.total() > len(acts):
            counted[min(named, key=lambda one: (-named[one], one))] += 1
    return counted


def told(counted: Counter[str], names: Mapping[str, str]) -> str:
    """Kinds with their numbers, the most frequent first: "share button 12, check-in 2"."""
    order = sorted(counted, key=lambda kind: (-counted[kind], kind))
    return ", ".join(f"{names[kind]} {counted[kind]:,}" for kind in order)
