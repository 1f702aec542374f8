"""Every tied pair of a group for the picture, and in which steps of its timeline it acted together."""

from __future__ import annotations

from concerted.explaining.context import Context
from concerted.findings import Group, Line, Timeline

TIED = """
select g.cluster, t.a, t.b, max(t.together) as together, array_sort(array_agg(distinct t.trace)) as traces
from ties t join groups g on g.account = t.a join groups h on h.account = t.b and h.cluster = g.cluster
where t.answer = 'found' group by g.cluster, t.a, t.b order by g.cluster, together desc, t.a, t.b
"""

STEPS = """
select distinct cluster, a, b, cast(floor((epoch_us(time) / 1e6 - {start}) / {step}) as bigint) as step
from evidence where success and cluster = '{cluster}'
"""


def lines(context: Context, groups: list[Group], timelines: list[Timeline]) -> dict[str, list[Line]]:
    """Lines by group, those most often together first; `context.left_out` says where some are not drawn."""
    tied = context.by("cluster", TIED)
    course = {line.subject: line for line in timelines}
    found: dict[str, list[Line]] = {}
    for place, group in enumerate(groups, 1):
        number = {member.account: index for index, member in enumerate(group.accounts)}
        rows = tied.get(group.id, [])
        kept = rows[: context.bounds.lines]
        when = _when(context, group.id, course.get(group.id))
        found[group.id] = [
            Line(
                number[row["a"]],
                number[row["b"]],
                row["together"] or 0,
                row["traces"],
                f"{when.get((row['a'], row['b']), 0):x}",
            )
            for row in kept
        ]
        if len(kept) < len(rows):
            context.left_out.append(
                f"Group {place}: {len(kept):,} of its {len(rows):,} tied pairs are drawn on the page, those "
                "most often together; the case holds them all."
            )
    return found


def _when(context: Context, cluster: str, line: Timeline | None) -> dict[tuple[str, str], int]:
    """Bits of the steps of a timeline, by pair."""
    bits: dict[tuple[str, str], int] = {}
    if line is not None:
        sql = STEPS.format(start=int(line.start.timestamp()), step=line.step_s, cluster=cluster)
        for row in context.ask(sql):
            if 0 <= row["step"] < len(line.counts):
                pair = (row["a"], row["b"])
                bits[pair] = bits.get(pair, 0) | 1 << row["step"]
    return bits
