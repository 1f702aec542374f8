"""The acts that the document lists behind each pair, chosen from the evidence of the case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from concerted.explaining.context import Context
from concerted.findings import Act, CoAct, Evidence

Pair = tuple[str, str, str]

TEXTS, COUNTS = ("cluster", "a", "b"), ("most", "pair")
SHAPE = pa.schema([(name, pa.string()) for name in TEXTS] + [(name, pa.int64()) for name in COUNTS])

# texts are looked up when it is known which few acts are listed
LISTED = """
with coacts as (
    select w.pair, w.most, x.cluster, x.a, x.b, x.trace, x.object, x.gap_s, x.success,
           least(x.time, y.time) as begun, x.post as post_a, y.post as post_b
    from wanted w
    join evidence x on x.cluster = w.cluster and x.a = w.a and x.b = w.b and x.account = w.a
    join evidence y on y.cluster = w.cluster and y.a = w.a and y.b = w.b and y.account = w.b
         and y.trace = x.trace and y.object = x.object
),
layers as (
    select pair, post_a, post_b, array_join(array_sort(array_agg(distinct trace)), ' ') as layers
    from coacts group by pair, post_a, post_b having count(distinct trace) > 1
),
ranked as (
    select *, count(*) over (partition by pair) as total,
           row_number() over (partition by pair
                              order by not success, gap_s, begun, trace, object) as place
    from coacts
)
select r.cluster, r.a, r.b, r.trace, r.object, r.gap_s, r.success, r.total, l.layers, x.label,
       x.time as time_a, x.post as post_a, x.text as text_a, x.link as link_a, x.file as file_a,
       x.row as row_a,
       y.time as time_b, y.post as post_b, y.text as text_b, y.link as link_b, y.file as file_b,
       y.row as row_b
from ranked r
join evidence x on x.cluster = r.cluster and x.a = r.a and x.b = r.b and x.account = r.a
     and x.trace = r.trace and x.object = r.object
join evidence y on y.cluster = r.cluster and y.a = r.a and y.b = r.b and y.account = r.b
     and y.trace = r.trace and y.object = r.object
left join layers l on l.pair = r.pair and l.post_a = r.post_a and l.post_b = r.post_b
where r.place <= r.most
order by r.cluster, r.a, r.b, not r.success, r.begun, r.trace, r.object
"""

PAIRS_OF_SETS = """
select e.cluster, e.a, e.b, count(*) filter (where success) as together from evidence e
where exists (select 1 from sets s where s.set = e.cluster) group by e.cluster, e.a, e.b
order by e.cluster, together desc, e.a, e.b
"""


def pairs_of_sets(context: Context) -> dict[str, list[tuple[str, str]]]:
    """Pairs with evidence per set, those that acted together most first."""
    found = context.by("cluster", PAIRS_OF_SETS)
    return {key: [(row["a"], row["b"]) for row in rows] for key, rows in found.items()}


def evidence(context: Context, wanted: Iterable[tuple[str, list[tuple[str, str]]]]) -> dict[Pair, Evidence]:
    """The acts to list per (cluster, a, b): the closest, those that count before others, in order of time.

    `wanted` gives the pairs of each cluster, which share the acts that may be listed for it; "" stands for
    pairs outside groups.
    """
    blocks = [(cluster, pairs) for cluster, pairs in wanted if pairs]
    bounds = context.bounds
    each = max(bounds.acts, min(bounds.acts_group, bounds.acts_all // max(1, len(blocks))))
    rows = [
        {"cluster": cluster, "a": a, "b": b, "most": max(3, min(bounds.acts, each // len(pairs)))}
        for cluster, pairs in blocks
        for a, b in sorted(set(pairs))
    ]
    rows = [{**row, "pair": place} for place, row in enumerate(rows)]
    found: dict[Pair, list[dict[str, Any]]] = {}
    if rows:
        for row in context.ask(LISTED, wanted=pa.Table.from_pylist(rows, schema=SHAPE)):
            found.setdefault((row["cluster"], row["a"], row["b"]), []).append(row)
    return {key: _evidence(key, some) for key, some in found.items()}


def _evidence(key: Pair, rows: list[dict[str, Any]]) -> Evidence:
    acts, posts = [], set()
    for row in rows:
        first, second = sorted(
            (_act(row, end) for end in ("a", "b")), key=lambda act: (act.time, act.account)
        )
        both = (first.post, second.post)
        acts.append(
            CoAct(
                row["trace"],
                row["object"],
                row["label"],
                row["gap_s"],
                first,
                second,
                both in posts,
                row["success"],
                [trace for trace in (row["layers"] or "").split() if trace != row["trace"]],
            )
        )
        posts.add(both)
    return Evidence(key[1], key[2], acts, rows[0]["total"] - len(rows))


def _act(row: dict[str, Any], end: str) -> Act:
    return Act(
        account=row[end],
        time=row[f"time_{end}"],
        post=row[f"post_{end}"] or "",
        text=row[f"text_{end}"],
        link=row[f"link_{end}"],
        file=row[f"file_{end}"] or "",
        row=row[f"row_{end}"],
    )
