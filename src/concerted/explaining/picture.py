"""The picture of a group and its course in time, computed once so that every page shows the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from concerted.findings import Point, Timeline

STEPS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 28 * 86400, 364 * 86400)
BARS = 120


def layout(accounts: Iterable[str], ties: Iterable[tuple[str, str]], seed: int) -> list[Point]:
    """Positions in 0..1 by force-directed placement, in the order of account names.

    The method is that of Fruchterman & Reingold 1991; the same seed gives the same positions.
    """
    import rustworkx

    names = sorted(set(accounts))
    if len(names) == 1:
        return [Point(names[0], 0.5, 0.5)]
    place = {name: index for index, name in enumerate(names)}
    graph = rustworkx.PyGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from_no_data(sorted({(place[a], place[b]) for a, b in ties}))
    found = rustworkx.spring_layout(graph, seed=seed, num_iter=100)
    xs, ys = zip(*(found[index] for index in range(len(names))), strict=True)

    def unit(values: tuple[float, ...], value: float) -> float:
        low, high = min(values), max(values)
        return round((value - low) / (high - low), 4) if high > low else 0.5

    return [Point(name, unit(xs, x), unit(ys, y)) for name, x, y in zip(names, xs, ys, strict=True)]


def timeline(subject: str, acts: list[datetime], together: list[datetime]) -> Timeline | None:
    """Acts by time in at most `BARS` steps; None where there are none.

    `acts` are the times of all acts of the members, `together` of those that were part of a co-act.
    """
    if not acts:
        return None
    first, last = min(acts), max(acts)
    length = (last - first).total_seconds()
    step = next((step for step in STEPS if length / step < BARS - 1), STEPS[-1])
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + timedelta(seconds=(first - midnight).total_seconds() // step * step)
    size = int((last - start).total_seconds() // step) + 1

    def fill(times: list[datetime]) -> list[int]:
        bars = [0] * size
        for time in times:
            index = int((time - start).total_seconds() // step)
            if 0 <= index < size:
                bars[index] += 1
        return bars

    return Timeline(subject, start, step, fill(acts), fill(together))
