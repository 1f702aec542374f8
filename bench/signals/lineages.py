"""Groups followed through time, with known truth: what is told of groups that stay, grow, merge, part, pause.

    uv run python bench/signals/lineages.py SEEDS

Each crowd lasts 24 weeks. Ten or fewer accounts share links of their own, on average every two days, with
half of their acts copied from bystanders; in the middle, or for eight weeks from week 8 on, they change.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

import concerted as co
from concerted import schema
from concerted.simulate import Plan, Simulation, crowd, plant
from concerted.simulate.model import START
from concerted.table import Table

FIVE, FIVE_MORE, ALL = range(5), range(5, 10), range(10)
# kind -> who acts together from which week to which
KINDS: dict[str, list[tuple[range, int, int]]] = {
    "stays": [(ALL, 0, 24)],
    "grows": [(FIVE, 0, 12), (ALL, 12, 24)],
    "shrinks": [(ALL, 0, 12), (FIVE, 12, 24)],
    "merges": [(FIVE, 0, 12), (FIVE_MORE, 0, 12), (ALL, 12, 24)],
    "parts": [(ALL, 0, 12), (FIVE, 12, 24), (FIVE_MORE, 12, 24)],
    "pauses": [(ALL, 0, 8), (ALL, 16, 24)],
}
COUNTED = ("birth", "grow", "shrink", "merge", "split", "dormant", "return", "end")
FIRM = 0.8


def main(seeds: int) -> None:
    """Prints per kind what the table holds, summed over the seeds; merges and splits firm and not."""
    print(f"{'':8} {'groups':>6} {'windows':>8} " + " ".join(f"{name:>8}" for name in COUNTED) + "  firm")
    for kind, phases in KINDS.items():
        groups = windows = 0
        events: Counter[str] = Counter()
        firm: list[str] = []
        for seed in range(1, seeds + 1):
            made = simulated(seed, phases)
            posts = Table("posts", made.posts, {"accounts": Table("accounts", made.accounts)})
            found = co.group(co.weigh(co.pair(co.trace(posts, ["link"]))))
            groups += len({row["cluster"] for row in found.rows()})
            rows = found.beside["lineage"].rows()
            events += Counter(row["event"] for row in rows)
            windows += len({row["start"] for row in rows if row["accounts"]})
            firm += [
                f"{row['event']} in week {(row['start'] - START).days / 7:.0f} ({row['support']:.2f})"
                for row in rows
                if row["support"] is not None and row["support"] >= FIRM
            ]
        counts = " ".join(f"{events[name]:>8}" for name in COUNTED)
        print(f"{kind:8} {groups:>6} {windows:>8} {counts}  {'; '.join(firm) or '-'}", flush=True)


def simulated(seed: int, phases: list[tuple[range, int, int]]) -> Simulation:
    """A crowd in which these act together in these weeks, each phase on things of its own."""
    made = crowd(seed, accounts=150, days=168, acts=60.0, links=0.6)
    for number, (who, _, _) in enumerate(phases):
        plan = Plan(
            name=f"phase{number}", size=len(who), acts=84, traces=("link",), objects="own", seed=number
        )
        made = plant(made, plan)
    posts, accounts = made.posts, made.accounts
    names = dict(zip(posts["account"].to_pylist(), posts["account"].to_pylist(), strict=True))
    for number, (who, first, last) in enumerate(phases):
        begin, end = (START + timedelta(weeks=week) for week in (first, last))
        mine = pc.starts_with(posts["account"], f"web:phase{number}-")
        inside = pc.and_(
            pc.greater_equal(posts["time"], pa.scalar(begin, schema.TIME)),
            pc.less(posts["time"], pa.scalar(end, schema.TIME)),
        )
        posts = posts.filter(pc.or_(pc.invert(mine), inside))
        names |= {f"web:phase{number}-{place:02d}": f"web:member-{one:02d}" for place, one in enumerate(who)}
    renamed = pa.array([names[account] for account in posts["account"].to_pylist()], pa.string())
    posts = posts.set_column(posts.schema.get_field_index("account"), "account", renamed)
    return Simulation(posts, accounts, made.truth, seed, made.days)


if __name__ == "__main__":
    main(int(sys.argv[1]))
