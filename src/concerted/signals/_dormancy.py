"""Accounts that fell silent for long and then worked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.signals._acting import acting
from concerted.signals._facts import Fact
from concerted.signals._matched import cells, halvings
from concerted.table import Table

SIDES = 10  # posts before and after a gap that make it one
DAY = 86400

GAPS = """
with busy as (
    select account, platform, post, time from posts
    where time is not null and account in (
        select account from acting
        where posts >= 2 * {sides} and epoch_s(last) - epoch_s(first) >= {silent}
    )
),
numbered as (
    select account, platform, time, row_number() over w as n, lag(time) over w as earlier,
           dense_rank() over (partition by account order by cast(time as date)) as day
    from busy window w as (partition by account order by time, post)
),
acts as (
    select *, lag(day) over (partition by account order by n) as days_before,
           count(*) over (partition by account) as total, max(day) over (partition by account) as days,
           epoch_s(time) - epoch_s(earlier) as gap
    from numbered
),
life as (
    select account, min(platform) as platform, max(total) as total,
           epoch_s(max(time)) - epoch_s(min(time)) as span from acts group by account
),
gaps as (
    select *, row_number() over (partition by account order by gap desc, time desc, n desc) as place
    from acts
    where gap >= {silent} and n - 1 >= {sides} and total - n + 1 >= {sides} and days > days_before
)
select l.account, l.platform, l.total, l.span, epoch_us(g.time) as woke,
       (g.n - 1) / g.days_before as slow, (l.total - g.n + 1) / (g.days - g.days_before) as fast
from life l left join gaps g on g.account = l.account and g.place = 1 order by l.account
"""


def dormancy(tables: Mapping[str, Table], engine: Engine, days: float, times: float) -> Fact:
    """Silent for `days` or more, ten posts before and ten after, and then `times` as many on active days.

    It can be told of accounts with 20 posts over at least as many days.
    """
    bound = {"posts": tables["posts"], "acting": acting(tables, engine)}
    rows = engine.query(GAPS.format(sides=SIDES, silent=days * DAY), bound).combine_chunks()
    slow, fast, woke, total, span = (
        np.asarray(pc.fill_null(rows[name], 0)) for name in ("slow", "fast", "woke", "total", "span")
    )
    platform = np.unique(np.asarray(pc.fill_null(rows["platform"], "")).astype(str), return_inverse=True)[1]
    platform, life = platform.reshape(-1).astype(np.int64), halvings(span / DAY)
    return Fact(
        names=rows["account"].combine_chunks(),
        holds=(slow > 0) & (fast >= times * slow),
        levels=[cells(platform, life, halvings(total)), cells(platform, life)],
        alike="platform, time between first and last post and number of posts",
        did=f"fell silent for {days:g} days or more and then posted at least {times:g} times as much on "
        "the days they posted",
        when=np.asarray(woke, np.int64),
    )
