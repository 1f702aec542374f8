"""Every tied pair of a group for the picture, and in which steps of its timeline it acted together."""

from __future__ import annotations

import pyarrow as pa

from concerted.explaining.context import Context
from concerted.findings import Group, Line, Timeline

TIED = """
select g.cluster, t.a, t.b, max(t.together) as together, array_sort(array_agg(distinct t.trace)) as traces
from ties t join groups g on g.account = t.a join groups h on h.account = t.b and h.cluster = g.cluster
where t.answer = 'found' group by g.cluster, t.a, t.b order by g.cluster, together desc, t.a, t.b
"""

STEPS = """
with steps as (
    select e.cluster, e.a, e.b,
           cast(floor((epoch_us(e.time) / 1e6 - c.start) / c.step_s) as bigint) as step, c.number
    from evidence e join courses c on c.cluster = e.cluster where e.success
)
select cluster, a, b, array_agg(distinct step) as steps from steps
where step >= 0 and step < number group by cluster, a, b
"""


def lines(context: Context, groups: list[Group], timelines: list[Timeline]) -> dict[str, list[Line]]:
    """Lines by group, those most often together first; `context.left_out` says where some are not drawn."""
    tied = context.by("cluster", TIED)
    when = _when(context, {group.id for group in groups}, timelines)
    found: dict[str, list[Line]] = {}
    for place, group in enumerate(groups, 1):
        number = {member.account: index for index, member in enumerate(group.accounts)}
        rows = tied.get(group.id, [])
        kept = rows[: context.bounds.lines]
        found[group.id] = [
            Line(
                number[row["a"]],
                number[row["b"]],
                row["together"] or 0,
                row["traces"],
                f"{when.get((group.id, row['a'], row['b']), 0):x}",
            )
            for row in kept
        ]
        if len(kept) < len(rows):
            context.left_out.append(
                f"Group {place}: {len(kept):,} of its {len(rows):,} tied pairs are drawn on the page, those "
                "most often together; the case holds them all."
            )
    return found


def _when(context: Context, groups: set[str], timelines: list[Timeline]) -> dict[tuple[str, str, str], int]:
    """Bits of the steps of a timeline, by group and pair."""
    lines = [line for line in timelines if line.subject in groups]
    courses = pa.table(
        {
            "cluster": pa.array([line.subject for line in lines], pa.string()),
            "start": pa.array([int(line.start.timestamp()) for line in lines], pa.int64()),
            "step_s": pa.array([line.step_s for line in lines], pa.int64()),
            "number": pa.array([len(line.counts) for line in lines], pa.int64()),
        }
    )
    rows = context.ask(STEPS, courses=courses)
    return {(row["cluster"], row["a"], row["b"]): sum(1 << step for step in row["steps"]) for row in rows}
