"""When accounts are first and last there in the files, when they were seen gone, and when they came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.signals._acting import acting
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._members import coded
from concerted.table import Table

DAY = 86_400.0
SILENT_DAYS = 30.0  # a shorter silence is never taken for an end
NEVER = np.inf
# what platforms and collectors write of accounts that are no longer there
GONE = r"suspend|banned|blocked by platform|terminat|remov|delet|deactivat|disabled|not[ _-]?found|inactive"

TIMES = """
with seen as (
    select account, platform, epoch_s(coalesce(status_time, seen)) as moment,
           case when status is null then null
                else regexp_matches(folded(status), '{gone}') end as gone
    from accounts where account is not null and coalesce(status_time, seen) is not null
),
ended as (
    select account, min(moment) as moment from seen where gone group by account
),
lives as (
    select account, min(platform) as platform, min(first) as first, max(last) as last, sum(posts) as posts
    from (
        select account, platform, epoch_s(first) as first, epoch_s(last) as last, posts from acting
        union all
        select account, min(platform), min(moment), max(moment) filter (where gone is null or not gone),
               count(*) filter (where gone is null)
        from seen group by account
    ) as every
    group by account
),
again as (
    select l.account, count(*) as back
    from (
        select account, epoch_s(time) as moment from posts
        where time is not null and account in (select account from ended)
        union all
        select account, moment from seen where not gone
    ) as l
    join ended e on e.account = l.account and l.moment > e.moment
    group by l.account
)
select l.account, coalesce(l.platform, '') as platform, l.first, coalesce(l.last, e.moment) as last, l.posts,
       e.moment as gone, a.back is not null as back
from lives l
left join ended e on e.account = l.account
left join again a on a.account = l.account
order by l.account
"""
USUAL = """
with gaps as (
    select account, moment - lag(moment) over (partition by account order by moment) as gap
    from (
        select account, epoch_s(time) as moment from posts
        where time is not null and account in (select account from resting)
    ) as acts
),
ranked as (
    select account, gap, row_number() over (partition by account order by gap) - 1 as place,
           99e-2 * (count(*) over (partition by account) - 1) as wanted
    from gaps where gap is not null
)
-- the quantile 0.99, between the two nearest gaps where it falls between them
select account, min(gap) + (max(gap) - min(gap)) * (max(wanted) - floor(max(wanted))) as gap
from ranked where place in (floor(wanted), ceil(wanted)) group by account
"""


@dataclass(frozen=True)
class Lives:
    """Per account, times in seconds since 1970: `first` and `last` time it was there, `gone` when it was seen
    suspended, deleted or removed (inf: never), `silent` when it fell silent (inf: it did not). `back` marks
    those seen or posting after they were gone. `end` is the last time of the files.

    An account falls silent with its last post, if the files go on for longer than 30 days and longer than all
    but a hundredth of its own pauses; it may just rest.
    """

    names: pa.Array
    platform: Ints
    posts: Ints
    first: Floats
    last: Floats
    gone: Floats
    silent: Floats
    back: Flags
    end: float


def lives(tables: Mapping[str, Table], engine: Engine) -> Lives:
    """All accounts that the files show at a known time."""
    sql = TIMES.format(gone=GONE)
    given = {name: tables[name] for name in ("posts", "accounts")}
    rows = engine.query(sql, {**given, "acting": acting(tables, engine)})

    def number(name: str, absent: float) -> Floats:
        return np.asarray(pc.fill_null(rows[name].cast(pa.float64()), absent), np.float64)

    last, gone = number("last", 0.0), number("gone", NEVER)
    end = float(np.max(np.concatenate([last, gone[np.isfinite(gone)]]), initial=0.0))
    posts = number("posts", 0.0).astype(np.int64)
    names = rows["account"].combine_chunks()
    silent = np.full(len(names), NEVER)
    # only of those who could have fallen silent it matters how long they usually rest
    resting = np.flatnonzero((end - last > SILENT_DAYS * DAY) & ~np.isfinite(gone) & (posts > 1))
    if len(resting):
        usual = _usual(names.take(pa.array(resting)), tables["posts"], engine)
        fell = resting[end - last[resting] > usual]
        silent[fell] = last[fell]
    return Lives(
        names=names,
        platform=coded(rows["platform"])[1],
        posts=posts,
        first=number("first", 0.0),
        last=last,
        gone=gone,
        silent=silent,
        back=np.asarray(pc.fill_null(rows["back"], False), bool),
        end=end,
    )


def _usual(accounts: pa.Array, posts: Table, engine: Engine) -> Floats:
    """Seconds that a hundredth of the pauses of each of these accounts exceed."""
    resting = Table("resting", pa.table({"account": accounts}))
    rows = engine.query(USUAL, {"posts": posts, "resting": resting})
    usual = np.full(len(accounts), NEVER)
    usual[np.asarray(pc.index_in(rows["account"].combine_chunks(), accounts), np.int64)] = rows["gap"]
    return usual
