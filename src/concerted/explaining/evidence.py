"""The acts behind every tie shown: both accounts' posts on each object both touched within the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from concerted import schema
from concerted.engines import Engine
from concerted.explaining.shown import MADE, OLDER
from concerted.table import Table

# ties answered at once: bounds memory, as a pair may share thousands of objects
AT_ONCE = 1000

# what the accounts of shown ties did in the traces of those ties
TOUCHED = """
with ends as (
    select distinct trace, account
    from (select trace, a as account from shown union all select trace, b as account from shown)
)
select e.trace, e.account, e.object, e.time, e.post
from ends join events e on e.trace = ends.trace and e.account = ends.account
"""

# and whether that was made before the day before
AGED = f"""
touched as ({TOUCHED}),
{MADE.format(accounts="touched")},
aged as (
    select t.*, {OLDER.format(time="t.time", day="made.day")} as old
    from touched t join made on made.trace = t.trace and made.object = t.object
)
"""

TOLD = f"""
with {AGED}
select t.trace, t.account, t.object, t.time, t.post, t.old, p.text, p.link, o.label, p.file, p.row
from aged t
left join posts p on p.post = t.post and p.account = t.account
left join objects o on o.trace = t.trace and o.object = t.object
"""

COACTS = """
coacts as (
    select s.cluster, s.a, s.b, s.trace, x.object, x.time as time_a, y.time as time_b,
           abs(epoch_us(x.time) - epoch_us(y.time)) / 1e6 as gap_s,
           case when s.window_s = 0 then date_trunc('second', x.time) = date_trunc('second', y.time)
                else abs(epoch_us(x.time) - epoch_us(y.time)) <= s.window_s * 1000000 end as success
    from shown s
    join {touched} x on x.trace = s.trace and x.account = s.a
    join {touched} y on y.trace = s.trace and y.account = s.b and y.object = x.object
    where abs(epoch_us(x.time) - epoch_us(y.time)) <= s.horizon_s * 1000000
          and (not s.older or (x.old and y.old))
)
"""

ALL = f"""
with {COACTS.format(touched="touched")},
acts as (
    select *, a as account, least(time_a, time_b) as begun from coacts
    union all
    select *, b as account, least(time_a, time_b) as begun from coacts
)
select e.cluster, e.a, e.b, e.trace, e.object, e.account, t.time, e.gap_s, e.success, t.post,
       t.text, t.link, t.label, t.file, t.row
from acts e
join touched t on t.trace = e.trace and t.object = e.object and t.account = e.account
order by e.cluster, e.a, e.b, e.trace, e.begun, e.object, t.time, e.account
"""

SUCCESSES = f"""
with {AGED},
{COACTS.format(touched="aged")},
hits as (
    select cluster, case when cluster = '' then a end as a, case when cluster = '' then b end as b,
           trace, object, time_a, time_b, a as first, b as second
    from coacts where success
),
acts as (
    select cluster, a, b, trace, object, first as account, time_a as time from hits
    union
    select cluster, a, b, trace, object, second as account, time_b as time from hits
)
select c.cluster, c.a, c.b, c.trace, c.object, c.account, c.time, t.post, true as success
from acts c join touched t on t.trace = c.trace and t.object = c.object and t.account = c.account
order by c.cluster, c.a, c.b, c.trace, c.object, c.time, c.account
"""


def evidence(shown: pa.Table, tables: Mapping[str, Table], engine: Engine) -> Iterator[tuple[int, pa.Table]]:
    """Rows of `evidence` in their final order, in chunks, each with the number of ties done.

    Two rows per co-act, the earlier act first. `shown` is in the order of (cluster, a, b, trace).
    """
    shape = schema.arrow("evidence")
    yield 0, shape.empty_table()
    if not shown.num_rows:
        return
    needed = {name: tables[name] for name in ("events", "posts", "objects")}
    touched = Table("touched", engine.query(TOLD, {**needed, "shown": Table("shown", shown)}))
    for start in range(0, shown.num_rows, AT_ONCE):
        some = shown.slice(start, AT_ONCE)
        found = engine.query(ALL, {"shown": Table("shown", some), "touched": touched})
        yield start + some.num_rows, found.cast(shape)


def successes(shown: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
    """The acts of co-acts within the window, each with its post: what signals need of what was shared.

    Of `evidence`, label, text, link, place and gap stay empty; `a` and `b` are given for accounts outside
    groups only.
    """
    if not shown.num_rows:
        return schema.empty("evidence")
    needed = {name: tables[name] for name in ("events", "objects")}
    rows = engine.query(SUCCESSES, {"shown": Table("shown", shown), **needed})
    return schema.rows("evidence", **{name: rows[name] for name in rows.column_names})
