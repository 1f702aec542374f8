"""Which ties people see: those of groups, the strongest of sets and of accounts outside groups."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from concerted import registry
from concerted.engines import Engine
from concerted.errors import UnknownName
from concerted.table import Table
from concerted.traces import LADDER

SAME_SECOND = 30
SHOWN = ("found", "unresolved")  # answers of sets
SETS_ONLY = (3600, 86400)

SHAPE = pa.schema(
    [
        ("cluster", pa.string()),
        ("a", pa.string()),
        ("b", pa.string()),
        ("trace", pa.string()),
        ("window_s", pa.int64()),
        ("horizon_s", pa.int64()),
        ("older", pa.bool_()),
    ]
)

# per pair and trace: the window of the cell with the smallest p, and the widest window of all cells shown
GROUPS = """
select g.cluster, t.a, t.b, t.trace, min_by(t.window_s, (t.p, t.window_s)) as window_s,
       max(t.window_s) as widest_s
from ties t join groups g on g.account = t.a join groups h on h.account = t.b and h.cluster = g.cluster
where t.answer = 'found'
group by all
"""

ALONE = """
with outside as (
    select account, answer from standings s
    where answer in ('found', 'explained', 'unresolved')
      and not exists (select 1 from groups g where g.account = s.account)
    order by coalesce(p_before, p), account
),
ends as (
    select o.account, o.answer, t.a, t.b, t.trace, t.window_s, t.p, t.p_before
    from outside o join ties t on t.a = o.account
    union all
    select o.account, o.answer, t.a, t.b, t.trace, t.window_s, t.p, t.p_before
    from outside o join ties t on t.b = o.account
),
best as (
    select account, a, b, trace, min_by(window_s, (least(p, coalesce(p_before, p)), window_s)) as window_s,
           max(window_s) as widest_s, min(least(p, coalesce(p_before, p))) as smallest
    from ends where least(p, coalesce(p_before, p)) <= 0.05
    group by all
),
ranked as (
    select *, row_number() over (partition by account order by smallest, a, b, trace) as place from best
)
select distinct '' as cluster, a, b, trace, first_value(window_s) over pair as window_s,
       max(widest_s) over pair as widest_s
from ranked where place <= {pairs}
window pair as (partition by a, b, trace order by smallest, window_s
                rows between unbounded preceding and unbounded following)
"""

# whether what each act was on was made, or first seen, before the UTC day before the act
AGED = """
made as (
    select e.trace, e.object,
           int_div(epoch_us(coalesce(min(o.origin), min(e.time))), 86400000000) as day
    from events e left join objects o on o.trace = e.trace and o.object = e.object
    where exists (select 1 from {acts} t where t.trace = e.trace and t.object = e.object)
    group by e.trace, e.object
),
aged as (
    select t.*, int_div(epoch_us(t.time), 86400000000) - made.day >= 2 as old
    from {acts} t join made on made.trace = t.trace and made.object = t.object
)
"""
YOUNG = "aged as (select *, false as old from {acts})"

SETS = """
with members as (
    select distinct set, trace, account, window_s, older from sets where answer in {answers}
),
-- of members only: an object may have been touched by many others
theirs as (
    select m.set, m.trace, m.window_s, m.older, m.account, e.object, e.time
    from members m join events e on e.trace = m.trace and e.account = m.account
),
{aged},
acts as (select *, epoch_us(time) as us from aged),
near as (
    select x.set, x.trace, x.window_s, x.older, x.account as a, y.account as b, count(*) as together
    from acts x join acts y on y.set = x.set and y.object = x.object and y.account > x.account
    where abs(x.us - y.us) <= x.window_s * 1000000 and (not x.older or (x.old and y.old))
    group by all
),
ranked as (
    select *, row_number() over (partition by set order by together desc, a, b) as place from near
)
select set as cluster, a, b, trace, window_s, window_s as widest_s, older from ranked
where place <= {pairs}
"""


def horizon(trace: str, window_s: int) -> int:
    """Seconds within which two acts on one object count as the same occasion, at this window of a trace."""
    if window_s == 0:
        return SAME_SECOND
    try:
        ladder = tuple(registry.find("traces", trace).horizons)
    except UnknownName:
        ladder = LADDER
    rungs = dict(sorted((SETS_ONLY, *LADDER, *ladder), key=lambda rung: rung in ladder))
    return int(rungs.get(window_s) or max(6 * window_s, SAME_SECOND))


def aged(acts: str, older: bool) -> str:
    """The CTE `aged`: rows of the CTE `acts` with whether each is `old`, on something made before the day
    before; nobody asks for that unless something `older` is among what is shown."""
    return (AGED if older else YOUNG).format(acts=acts)


def shown(tables: Mapping[str, Table], engine: Engine, set_pairs: int, pairs: int) -> pa.Table:
    """Ties that people see, one row per pair and trace, of schema `SHAPE`.

    `set_pairs` bounds the pairs of a set, `pairs` those of an account outside groups. `cluster` is the id
    of the group or set, empty for accounts alone. `window_s` decides what a success is; the horizon is
    that of the widest cell. Where only `older` things were tested, only these count.
    """
    needed = {name: tables[name] for name in ("ties", "groups", "standings", "sets", "events", "objects")}
    older = any(row["older"] and row["answer"] in SHOWN for row in tables["sets"].rows())
    sets = SETS.format(answers=SHOWN, pairs=set_pairs, aged=aged("theirs", older))
    queries = (GROUPS, ALONE.format(pairs=pairs), sets)
    found = [row for query in queries for row in engine.query(query, needed).to_pylist()]
    known: dict[tuple[str, int], int] = {}
    for row in found:
        row.setdefault("older", False)
        key = (row["trace"], row.pop("widest_s"))
        if key not in known:
            known[key] = horizon(*key)
        row["horizon_s"] = max(known[key], horizon(row["trace"], row["window_s"]) if row["window_s"] else 0)
    found.sort(key=lambda row: (row["cluster"], row["a"], row["b"], row["trace"]))
    return pa.Table.from_pylist(found, schema=SHAPE)
