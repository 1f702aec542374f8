"""Tags that the collection itself was made by: every post carries them, so they say nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import words
from concerted.settings import option
from concerted.traces.listed import listed
from concerted.traces.tokens import tag, tags_in
from concerted.traces.work import RESHARED, Form, Work

LEVEL = 0.01

# what one search brought in; a file that does not name its searches counts as one
COLLECTIONS = f"""
select coalesce('query ' || query, 'file ' || file, '') as collection,
    coalesce(platform, '') as platform, post, account from posts where not {RESHARED}
"""

COUNTED = """
with used as (
    select distinct r.collection, r.post, r.account, t.object
    from remaining r join tagged t on t.post = r.post and t.platform = r.platform
),
sizes as (
    select collection, count(*) as posts, count(distinct account) as accounts from remaining group by 1
),
shares as (
    select u.collection, u.object, count(*) as used, count(distinct u.account) as users,
        min(s.posts) as posts, min(s.accounts) as accounts
    from used u join sizes s on s.collection = u.collection group by 1, 2
)
select * from shares where 2 * used > posts and 2 * users > accounts order by collection, used desc, object
"""

REST = """
select r.* from remaining r where not exists (
    select 1 from tagged t join seeds s on s.object = t.object
    where t.post = r.post and t.platform = r.platform and s.collection = r.collection
)
"""


@dataclass(frozen=True)
class SeedTags:
    """Options of traces that leave out tags by which posts were collected."""

    seeds: tuple[str, ...] = option(
        (), "tags by which the posts were collected, left out besides those found"
    )
    find_seeds: bool = option(True, "leave out tags that more than half of a collection carries")

    def tags(self, work: Work) -> pa.Table:
        """One row per tag of a post, in its order: `object` is the folded tag, `at` the number of the post.

        Seeds are not among them; people are told which were left out.
        """
        rows = listed(work, "tags", "hashtag", tags_in)
        objects, reasons = work.per_value(rows["label"], _form)
        rows = work.keep(rows.append_column("object", objects), reasons)
        return self._without_seeds(work, rows)

    def _without_seeds(self, work: Work, rows: pa.Table) -> pa.Table:
        given = sorted({tag(name) for name in self.seeds} - {""})
        found = sorted(set(_found(work, rows)) - set(given)) if self.find_seeds else []
        if not given and not found:
            return rows
        for names, why in (
            (given, "as the settings ask"),
            (
                found,
                "more than half of the posts and accounts of a collection carry them, as they do where "
                "posts were searched by them, so they tell nobody apart",
            ),
        ):
            if names:
                shown = ", ".join(f"#{name}" for name in names)
                says = f"{work.trace}: {words.count(len(names), 'hashtag')} left out ({shown}): {why}"
                work.say("seed tags", len(names), says, limit=True)
        seed = pc.is_in(rows["object"], pa.array([*given, *found], pa.string()))
        work.left_out("hashtags by which posts were collected", rows.filter(seed)["file"])
        return rows.filter(pc.invert(seed))


def _form(value: str) -> Form:
    found = tag(value)
    return Form(found) if found else Form(None, "hashtags without a letter or digit")


def _found(work: Work, rows: pa.Table) -> list[str]:
    """Seeds of all collections, in rounds: a search by one tag or another leaves, once the posts of the
    first are put aside, posts of which most carry the second.

    More than half of the posts: then a tag tells less about a post than a coin. More than half of the
    accounts, by a one-sided sign test: so that neither one busy account nor a handful of posts decides.
    """
    tagged = pa.table(
        {
            "platform": pc.fill_null(rows["platform"], ""),
            "post": rows["post"],
            "object": rows["object"],
        }
    )
    remaining = work.query(COLLECTIONS)
    seeds: set[str] = set()
    while len(remaining):
        counted = work.query(COUNTED, remaining=remaining, tagged=tagged)
        users, accounts = (counted[name].to_numpy() for name in ("users", "accounts"))
        counted = counted.filter(pa.array(_more_than_half(users, accounts) <= LEVEL))
        if not len(counted):
            break
        first: dict[str, str] = {}
        for row in counted.to_pylist():
            first.setdefault(row["collection"], row["object"])
        seeds |= set(first.values())
        named = pa.table({"collection": list(first), "object": list(first.values())})
        remaining = work.query(REST, remaining=remaining, tagged=tagged, seeds=named)
    return sorted(seeds)


def _more_than_half(hits: np.ndarray, total: np.ndarray) -> np.ndarray:
    """P(at least so many heads) of a fair coin."""
    from scipy.special import betainc

    tail: np.ndarray = np.where(hits > 0, betainc(np.maximum(hits, 1), total - hits + 1, 0.5), 1.0)
    return tail
