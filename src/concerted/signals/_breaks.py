"""Accounts that changed from one week to the next what they post in, from or about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

import numpy as np
import pyarrow as pa

from concerted.engines import Engine
from concerted.signals._acting import acting
from concerted.signals._exact import Floats, Ints
from concerted.signals._facts import Fact
from concerted.signals._matched import cells, halvings
from concerted.table import Table

WEEK = 7 * 86400
POSTS, SPAN = 40, 60 * 86400  # posts an account needs, over so many seconds
SIDE, WEEKS = 20, 2  # posts and weeks that each side of a break must have
DIFFERENT = 0.5  # total variation between the sides from which on they are different
KEPT = 7  # values told apart per account, its most frequent ones; the rest is one
SHUFFLES = 499
AT_ONCE = 32  # shuffles split at once, to fit a processor's cache
SURE = 0.01  # p of a break from which on it is one

# what breaks -> (values per post, how to say it, whether the acts that made a group leave it alone)
KINDS = {
    "language": (
        "select account, time, lang as value from long "
        "where lang is not null and lang not in ('', 'und', 'zxx', 'qme', 'qht', 'qam', 'art', 'qst', 'qct')",
        "changed the language they mostly post in",
        True,
    ),
    "client": (
        "select account, time, client as value from long where client is not null and client <> ''",
        "changed the program they mostly post from",
        True,
    ),
    "topic": (
        "select account, time, folded(first_of(tags)) as value from long where cardinality(tags) > 0",
        "changed the hashtags they mostly use",
        False,
    ),
    "mix": (
        "select account, time, case when kind = 'reshare' then 'reshare' else 'own' end as value from long",
        "changed between mostly own posts and mostly reshares",
        False,
    ),
}

LONG = """
select account, posts as total, platform from acting
where posts >= {posts} and epoch_s(last) - epoch_s(first) >= {span}
"""
COUNTED = """
with long as (
    select p.* from posts p join counts c on c.account = p.account where p.time is not null
),
valued as ({values}),
enough as (
    select account from valued group by account
    having count(*) >= {posts} and epoch_s(max(time)) - epoch_s(min(time)) >= {span}
)
select v.account, min(c.platform) as platform, min(c.total) as total,
       cast(floor(epoch_s(v.time) / {week}) as bigint) as week, v.value, count(*) as posts
from valued v join enough e on e.account = v.account join counts c on c.account = v.account
group by v.account, week, v.value order by v.account, week, v.value
"""


def breaks(tables: Mapping[str, Table], engine: Engine, seed: int) -> Iterator[Fact]:
    """One fact per kind of break that the posts allow to be told, of accounts with 40 posts over 60 days.

    A break is the week that splits an account's posts best into two parts by what they are (multinomial
    likelihood ratio), where the parts differ by half or more in total variation and shuffling the weeks
    splits as well in at most one of a hundred cases.
    """
    long = engine.query(LONG.format(posts=POSTS, span=SPAN), {"acting": acting(tables, engine)})
    if not long.num_rows:
        return
    asked = {"posts": tables["posts"], "counts": Table("counts", long)}
    for values, did, counts in KINDS.values():
        sql = COUNTED.format(posts=POSTS, span=SPAN, week=WEEK, values=values)
        rows = engine.query(sql, asked).combine_chunks()
        if not rows.num_rows:
            continue
        encoded = rows["account"].combine_chunks().dictionary_encode()
        account = np.asarray(encoded.indices, np.int64)
        names: list[str] = encoded.dictionary.to_pylist()
        value = np.asarray(rows["value"].combine_chunks().dictionary_encode().indices, np.int64)
        week, posts = np.asarray(rows["week"], np.int64), np.asarray(rows["posts"], np.float64)
        edge = np.searchsorted(account, np.arange(len(names) + 1))
        when = np.zeros(len(names), np.int64)
        for place, name in enumerate(names):
            part = slice(edge[place], edge[place + 1])
            rng = np.random.default_rng([seed, crc32(name.encode())])
            when[place] = _break(week[part], value[part], posts[part], rng)
        total = np.asarray(rows["total"], np.int64)[edge[:-1]]
        platforms = np.array([one or "" for one in rows["platform"].to_pylist()])[edge[:-1]]
        platform = np.unique(platforms, return_inverse=True)[1].reshape(-1).astype(np.int64)
        yield Fact(
            names=pa.array(names, pa.string()),
            holds=when > 0,
            levels=[cells(platform, halvings(total))],
            alike="platform and number of posts",
            did=did,
            counts=counts,
            when=when,
        )


def _break(week: Ints, value: Ints, posts: Floats, rng: np.random.Generator) -> int:
    """When a break is, in microseconds since 1970; 0 where there is none."""
    weeks, row = np.unique(week, return_inverse=True)
    kinds, column = np.unique(value, return_inverse=True)
    table = np.zeros((len(weeks), len(kinds)))
    table[row.reshape(-1), column.reshape(-1)] = posts
    if len(kinds) < 2 or len(weeks) < 2 * WEEKS:
        return 0
    if len(kinds) > KEPT:
        order = np.argsort(-table.sum(axis=0), kind="stable")
        table = np.column_stack([table[:, order[:KEPT]], table[:, order[KEPT:]].sum(axis=1)])
    gains, place = _split(table[None], weeks)
    gain, first = float(gains[0]), int(place[0])
    if first < 0 or _apart(table[:first], table[first:]) < DIFFERENT:
        return 0
    hits = done = 0
    for goal in (SHUFFLES // 5, SHUFFLES):
        orders = np.array([rng.permutation(len(weeks)) for _ in range(goal - done)])
        for low in range(0, len(orders), AT_ONCE):
            hits += int((_split(table[orders[low : low + AT_ONCE]], weeks)[0] >= gain - 1e-9).sum())
        done = goal
        if (1 + hits) > 5 * SURE * (1 + done):
            return 0
    return int(weeks[first]) * WEEK * 1_000_000 if (1 + hits) <= SURE * (1 + done) else 0


def _split(tables: Floats, weeks: Ints) -> tuple[Floats, Ints]:
    """Likelihood ratio of the best split of each table of weeks by kinds, and the row its second part begins
    with (-1 and a ratio of 0: none)."""
    left = np.cumsum(tables, axis=1)[:, :-1]
    whole = tables[0].sum(axis=0)
    right = whole - left
    n, m = left.sum(axis=2), right.sum(axis=2)
    fits = (n >= SIDE) & (m >= SIDE)
    fits &= (weeks[1:] - weeks[0] >= WEEKS) & (weeks[-1] + 1 - weeks[1:] >= WEEKS)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.nansum(left * np.log(left / n[..., None]), axis=2)
        gain += np.nansum(right * np.log(right / m[..., None]), axis=2)
        gain -= np.nansum(whole * np.log(whole / whole.sum()))
    gain = np.where(fits, gain, -np.inf)
    best, some = np.argmax(gain, axis=1), fits.any(axis=1)
    top = np.take_along_axis(gain, best[:, None], axis=1)[:, 0]
    return np.where(some, top, 0.0), np.where(some, best + 1, -1)


def _apart(first: Floats, second: Floats) -> float:
    """Total variation between two parts of a table."""
    left, right = first.sum(axis=0), second.sum(axis=0)
    return 0.5 * float(np.abs(left / left.sum() - right / right.sum()).sum())
