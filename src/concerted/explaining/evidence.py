"""The acts behind every tie shown: both accounts' posts on each object both touched within the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from concerted import schema
from concerted.engines import Engine
from concerted.table import Table

COACTS = """
coacts as (
    select s.cluster, s.a, s.b, s.trace, x.object, x.time as time_a, y.time as time_b,
           x.post as post_a, y.post as post_b,
           abs(epoch_us(x.time) - epoch_us(y.time)) / 1000000.0 as gap_s,
           case when s.window_s = 0 then date_trunc('second', x.time) = date_trunc('second', y.time)
                else abs(epoch_us(x.time) - epoch_us(y.time)) <= s.window_s * 1000000 end as success
    from shown s
    join events x on x.trace = s.trace and x.account = s.a
    join events y on y.trace = s.trace and y.account = s.b and y.object = x.object
    where abs(epoch_us(x.time) - epoch_us(y.time)) <= s.horizon_s * 1000000
)
"""

ALL = f"""
with {COACTS},
acts as (
    select cluster, a, b, trace, object, a as account, time_a as time, gap_s, success, post_a as post,
           least(time_a, time_b) as begun from coacts
    union all
    select cluster, a, b, trace, object, b as account, time_b as time, gap_s, success, post_b as post,
           least(time_a, time_b) as begun from coacts
)
select e.cluster, e.a, e.b, e.trace, e.object, e.account, e.time, e.gap_s, e.success, e.post,
       p.text, p.link, o.label, p.file, p.row
from acts e
left join posts p on p.post = e.post and p.account = e.account
left join objects o on o.trace = e.trace and o.object = e.object
order by e.cluster, e.a, e.b, e.trace, e.begun, e.object, e.time, e.account
"""

SUCCESSES = f"""
with {COACTS},
hits as (
    select cluster, case when cluster = '' then a end as a, case when cluster = '' then b end as b,
           trace, object, time_a, time_b
    from coacts where success
)
select cluster, a, b, trace, object, time_a as time, true as success from hits
union
select cluster, a, b, trace, object, time_b as time, true as success from hits
order by cluster, a, b, trace, object, time
"""


def _bound(shown: pa.Table, tables: Mapping[str, Table]) -> dict[str, Table]:
    return {"shown": Table("shown", shown), **{name: tables[name] for name in ("events", "posts", "objects")}}


def evidence(shown: pa.Table, tables: Mapping[str, Table], engine: Engine) -> Iterator[pa.Table]:
    """Rows of `evidence` in their final order, in chunks: two per co-act, the earlier act first."""
    shape = schema.arrow("evidence")
    yield shape.empty_table()
    if shown.num_rows:
        for batch in engine.batches(ALL, _bound(shown, tables), 200_000):
            yield pa.Table.from_batches([batch]).cast(shape)


def successes(shown: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
    """The acts of co-acts within the window, without their posts: what signals need to know about when.

    `a` and `b` are given for accounts outside groups only.
    """
    if not shown.num_rows:
        return schema.empty("evidence")
    rows = engine.query(SUCCESSES, _bound(shown, tables))
    return schema.rows("evidence", **{name: rows[name] for name in rows.column_names})
