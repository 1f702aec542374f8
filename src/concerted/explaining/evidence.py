"""The acts behind every tie shown: both accounts' posts on each object both touched within the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.engines import Engine
from concerted.explaining.shown import aged
from concerted.table import Table

# ties answered at once: bounds memory, as a pair may share thousands of objects
AT_ONCE = 1000

# what the accounts of shown ties did in the traces of those ties; numbers go in the order of what they number
TOUCHED = """
with ends as (
    select distinct trace, account
    from (select trace, a as account from shown union all select trace, b as account from shown)
),
acts as (
    select e.trace, e.account, e.object, e.time, e.post
    from ends join events e on e.trace = ends.trace and e.account = ends.account
),
{aged}
select *, dense_rank() over (order by trace, account) as actor,
       dense_rank() over (order by trace, object) as thing
from aged
"""

TOLD = """
select t.trace, t.account, t.object, t.time, t.post, t.old, t.actor, t.thing,
       p.text, p.link, o.label, p.file, p.row
from touched t
left join posts p on p.post = t.post and p.account = t.account
left join objects o on o.trace = t.trace and o.object = t.object
"""

# a tie is its place among the shown ones; `one` and `other` are the actors of its accounts
NUMBERED = """
with actors as (select distinct trace, account, actor from touched)
select s.*, x.actor as one, y.actor as other
from shown s
left join actors x on x.trace = s.trace and x.account = s.a
left join actors y on y.trace = s.trace and y.account = s.b
order by s.tie
"""

# the act of the other is named by one number that the tie and the act of the one give together: no engine can
# then begin with the pairs of all acts on one thing, which are many more than those of ties
COACTS = """
coacts as (
    select s.tie, x.thing, x.actor as first, y.actor as second, x.time as time_a, y.time as time_b,
           abs(epoch_us(x.time) - epoch_us(y.time)) / 1e6 as gap_s,
           case when s.window_s = 0 then date_trunc('second', x.time) = date_trunc('second', y.time)
                else abs(epoch_us(x.time) - epoch_us(y.time)) <= s.window_s * 1000000 end as success
    from shown s
    join touched x on x.actor = s.one
    join touched y on y.thing * 4294967296 + y.actor = x.thing * 4294967296 + s.other
    where abs(epoch_us(x.time) - epoch_us(y.time)) <= s.horizon_s * 1000000
          and (not s.older or (x.old and y.old))
)
"""

ALL = f"""
with {COACTS},
acts as (
    select *, first as actor, least(time_a, time_b) as begun from coacts
    union all
    select *, second as actor, least(time_a, time_b) as begun from coacts
)
select e.tie, t.place, e.gap_s, e.success
from acts e join touched t on t.thing = e.thing and t.actor = e.actor
order by e.tie, e.begun, e.thing, t.time, e.actor
"""

SUCCESSES = f"""
with {COACTS},
hits as (
    select s.cluster, case when s.cluster = '' then s.a end as a, case when s.cluster = '' then s.b end as b,
           c.thing, c.time_a, c.time_b, c.first, c.second
    from coacts c join shown s on s.tie = c.tie where c.success
),
acts as (
    select cluster, a, b, thing, first as actor, time_a as time from hits
    union
    select cluster, a, b, thing, second as actor, time_b as time from hits
)
select c.cluster, c.a, c.b, t.trace, t.object, t.account, c.time, t.post, true as success
from acts c join touched t on t.thing = c.thing and t.actor = c.actor
order by c.cluster, c.a, c.b, t.trace, t.object, c.time, t.account
"""


def touched(shown: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
    """The acts of the accounts of shown ties in the traces of these, one row each in no particular order.

    `actor` numbers trace and account, `thing` trace and object. `old` is whether the object was made before
    the day before, where a tie rests on that alone.
    """
    sql = TOUCHED.format(aged=aged("acts", any(shown["older"].to_pylist())))
    needed = {name: tables[name] for name in ("events", "objects")}
    return engine.query(sql, {**needed, "shown": Table("shown", shown)})


def evidence(
    shown: pa.Table, acts: pa.Table, tables: Mapping[str, Table], engine: Engine
) -> Iterator[tuple[int, pa.Table]]:
    """Rows of `evidence` in their final order, in chunks, each with the number of ties done.

    Two rows per co-act, the earlier act first. `shown` is in the order of (cluster, a, b, trace); `acts` are
    those that its accounts `touched`.
    """
    shape = schema.arrow("evidence")
    yield 0, shape.empty_table()
    if not shown.num_rows:
        return
    needed = {name: tables[name] for name in ("posts", "objects")}
    told = engine.query(TOLD, {**needed, "touched": Table("touched", acts)}).combine_chunks()
    # rows are found by number, and texts copied once, when all of them are found
    found = told.select(["trace", "account", "time", "old", "actor", "thing"])
    places = Table("touched", found.append_column("place", pa.array(np.arange(told.num_rows))))
    numbered = _numbered(shown, acts, engine)
    for start in range(0, shown.num_rows, AT_ONCE):
        some = Table("shown", numbered.slice(start, AT_ONCE))
        rows = engine.query(ALL, {"shown": some, "touched": places})
        ties = shown.select(["cluster", "a", "b"]).take(rows["tie"])
        made = {**_columns(told.take(rows["place"])), **_columns(ties), **_columns(rows)}
        yield start + len(some), pa.table({name: made[name] for name in shape.names}).cast(shape)


def successes(shown: pa.Table, acts: pa.Table, engine: Engine) -> pa.Table:
    """The acts of co-acts within the window, each with its post: what signals need of what was shared.

    Of `evidence`, label, text, link, place and gap stay empty; `a` and `b` are given for accounts outside
    groups only. Of `acts`, those that accounts of shown ties `touched`.
    """
    if not shown.num_rows:
        return schema.empty("evidence")
    bound = {"shown": Table("shown", _numbered(shown, acts, engine)), "touched": Table("touched", acts)}
    return schema.rows("evidence", **_columns(engine.query(SUCCESSES, bound)))


def _numbered(shown: pa.Table, acts: pa.Table, engine: Engine) -> pa.Table:
    tied = shown.append_column("tie", pa.array(np.arange(shown.num_rows)))
    return engine.query(NUMBERED, {"shown": Table("shown", tied), "touched": Table("touched", acts)})


def _columns(rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: rows[name] for name in rows.column_names}
