"""Whom accounts address in their own posts, and whether anybody answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.signals._exact import Flags, Floats, Ints
from concerted.table import Table

OWN = """
select account, min(platform) as platform,
       count(*) filter (where kind <> 'reshare' and file in (select file from talking)) as own,
       cast(floor(epoch_s(min(time)) / (86400 * 90)) as bigint) as quarter
from posts where account is not null and time is not null group by account order by account
"""
# mentions are handles or ids as exported, or stand in the text alone; parents are accounts
ADDRESSED = """
with own as (
    select account, file, row, platform, kind, parent_account,
           case when cardinality(mentions) > 0 then mentions
                when text like '%@%' or text like '%＠%'
                then regexp_extract_all(text, '(?:^|[^A-Za-z0-9_.])[@＠]([A-Za-z0-9_]+)', 1) end as named
    from posts where kind <> 'reshare' and account is not null and time is not null
),
single as (
    select account, file, row, platform, trim(leading '@' from regexp_replace(name, '^[a-z]+:', '')) as name
    from (select account, file, row, platform, explode(named) as name from own) as each
),
handles as (
    select platform, folded(handle) as handle, min(account) as account from accounts
    where handle <> '' and folded(handle) in (select folded(name) from single)
    group by platform, folded(handle)
),
ids as (
    select distinct account from posts where account in (select platform || ':' || name from single)
),
addressed as (
    select account, file, row, parent_account as target from own
    where parent_account is not null and kind in ('reply', 'quote')
    union all
    select s.account, s.file, s.row, coalesce(h.account, i.account, s.platform || ':' || folded(s.name))
    from single s
    left join handles h on h.platform = s.platform and h.handle = folded(s.name)
    left join ids i on i.account = s.platform || ':' || s.name
    where s.name <> ''
)
select distinct account, file, row, target from addressed where folded(target) <> folded(account)
order by account, file, row, target
"""
ANSWERED = """
select p.account, count(distinct p.post) as answered
from posts r join posts p on p.post = r.parent and p.platform = r.platform
where r.kind = 'reply' and p.kind <> 'reshare' and r.account <> p.account and p.time is not null
group by p.account order by p.account
"""


@dataclass(frozen=True)
class Addressed:
    """Per account its own posts, and in which share of them it addresses anybody else.

    `own` and `quarter` (of 90 days, of the first post) are counts, `any` and `answered` shares from 0 to 1,
    `reached` different accounts addressed per own post. Each row of `post` and `target` is one account
    addressed in one post, `author` has one entry a post.
    """

    names: pa.Array
    platform: Ints
    own: Ints
    quarter: Ints
    any: Floats
    answered: Floats
    reached: Floats
    post: Ints
    author: Ints
    target: Ints

    def marks(self, accounts: list[str]) -> Flags:
        """Which rows are these accounts."""
        found = pc.index_in(pa.array(accounts, pa.string()), self.names)
        marked = np.zeros(len(self.names), bool)
        marked[np.asarray(found.drop_null(), np.int64)] = True
        return marked

    def outside(self, inside: Flags) -> Floats:
        """Share of each account's own posts that address somebody who is not `inside`."""
        # targets that never post are -1, which is never inside
        reaches = ~np.append(inside, False)[self.target]
        posts = np.bincount(self.post[reaches], minlength=len(self.author)) > 0
        return np.bincount(self.author[posts], minlength=len(self.own)) / np.maximum(self.own, 1)


def addressing(tables: Mapping[str, Table], engine: Engine) -> pa.Table:
    """Which account addresses which `target` in the post at `row` of `file`, in order of all four."""
    return engine.query(ADDRESSED, {name: tables[name] for name in ("posts", "accounts")})


def addressed(tables: Mapping[str, Table], engine: Engine) -> Addressed | None:
    """All accounts with posts and whom they address; None where nobody addresses anybody."""
    posts = {"posts": tables["posts"]}
    rows = addressing(tables, engine)
    if not rows.num_rows:
        return None
    # files in which nobody addresses anybody do not say whom their accounts address
    own = engine.query(OWN, {**posts, "talking": Table("query", rows.select(["file"]))})
    names = own["account"].combine_chunks()
    account = _index(rows["account"], names)
    # rows are in order of account, file and row, so that a post begins where one of them changes
    keys = [np.asarray(pc.dictionary_encode(rows[name].combine_chunks()).indices) for name in ("file", "row")]
    changed = np.ones(rows.num_rows, bool)
    changed[1:] = (
        (np.diff(account) != 0)
        | (np.diff(keys[0].astype(np.int64)) != 0)
        | (np.diff(keys[1].astype(np.int64)) != 0)
    )
    post = np.cumsum(changed) - 1
    author = account[changed]
    count = np.asarray(own["own"], np.int64)
    distinct = rows.group_by(["account", "target"], use_threads=False).aggregate([])
    reached = np.bincount(_index(distinct["account"], names), minlength=len(names))
    answered = engine.query(ANSWERED, posts)
    got = np.zeros(len(names))
    got[_index(answered["account"], names)] = np.asarray(answered["answered"], np.float64)
    safe = np.maximum(count, 1)
    platform = pc.dictionary_encode(pc.fill_null(own["platform"], "")).combine_chunks()
    return Addressed(
        names=names,
        platform=np.asarray(platform.indices, np.int64),
        own=count,
        quarter=np.asarray(own["quarter"], np.int64),
        any=np.bincount(author, minlength=len(names)) / safe,
        answered=np.minimum(got / safe, 1.0),
        reached=reached / safe,
        post=post,
        author=author,
        target=_index(rows["target"], names),
    )


def _index(values: pa.ChunkedArray, names: pa.Array) -> Ints:
    """Place of each value among the names, -1 where it is none of them."""
    return np.asarray(pc.fill_null(pc.index_in(values.combine_chunks(), names), -1), np.int64)
