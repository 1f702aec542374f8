"""Groups that several traces hold: how far the layers are separate evidence, and how far the same posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from concerted import words
from concerted.explaining.context import Context, Row

SHARED = """
with coacts as (
    select x.cluster, x.a, x.b, x.trace, x.post as post_a, y.post as post_b
    from evidence x join evidence y on y.cluster = x.cluster and y.a = x.a and y.b = x.b
        and y.trace = x.trace and y.object = x.object and y.account = y.b
    where x.success and x.account = x.a and x.cluster <> ''
),
acts as (
    select cluster, a, b, post_a, post_b, count(distinct trace) as layers from coacts group by all
)
select cluster, count(*) as acts, count(*) filter (where layers > 1) as shared
from acts group by cluster
"""


def shared(context: Context, cells: Mapping[str, Sequence[Row]]) -> dict[str, Row]:
    """Per group the acts of pairs, posts told apart, and those that count in more than one trace; nothing
    where the ties inside each group, its `cells`, are of one trace."""
    if all(len({row["trace"] for row in some}) < 2 for some in cells.values()):
        return {}
    return {row["cluster"]: row for row in context.ask(SHARED)}


def sentences(cells: Sequence[Row], acts: Row | None) -> list[str]:
    """That several layers hold a group, how many pairs each, and what they have in common.

    `cells` are rows of ties inside the group, `acts` a row of `shared`.
    """
    pairs: dict[str, set[tuple[str, str]]] = {}
    for row in cells:
        pairs.setdefault(row["trace"], set()).add((row["a"], row["b"]))
    if len(pairs) < 2 or acts is None:
        return []
    every = set().union(*pairs.values())
    several = sum(sum(pair in some for some in pairs.values()) > 1 for pair in every)
    order = sorted(pairs, key=lambda trace: (-len(pairs[trace]), trace))
    each = ", ".join(f"{trace} {len(pairs[trace]):,}" for trace in order)
    held = f"Held together by {len(pairs)} layers of traces: {', '.join(order[:-1])} and {order[-1]}."
    if len(every) > 1:
        held = (
            f"Held together by {len(pairs)} layers of traces: of its {len(every):,} pairs, {each}; "
            f"{several:,} by more than one layer."
        )
    count = int(acts["shared"])
    if not count:
        return [f"{held} No two posts count in more than one layer: each adds posts of its own."]
    again = (
        f"{count:,} of {words.count(acts['acts'], 'act')} of pairs count in more than one layer by the same "
        "two posts: they are one act each, and the layers are not separate evidence there."
    )
    return [f"{held} {again}"]
