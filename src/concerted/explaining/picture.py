"""The picture of a group and its course in time, computed once so that every page shows the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from concerted.findings import Point, Timeline

STEPS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 28 * 86400, 364 * 86400)
BARS = 120
SECOND, DAY = 1_000_000, 86_400


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


def timeline(subject: str, acts: npt.NDArray[np.int64], together: npt.NDArray[np.int64]) -> Timeline | None:
    """Acts by time in at most `BARS` steps; None where there are none.

    `acts` are the times of all acts of the members in microseconds since 1970, `together` those of the acts
    that were part of a co-act.
    """
    if not len(acts):
        return None
    first, last = int(acts.min()) // SECOND, int(acts.max()) // SECOND
    step = next((step for step in STEPS if (last - first) / step < BARS - 1), STEPS[-1])
    midnight = first // DAY * DAY
    start = midnight + (first - midnight) // step * step
    size = (last - start) // step + 1

    def fill(times: npt.NDArray[np.int64]) -> list[int]:
        place = (times // SECOND - start) // step
        inside = place[(place >= 0) & (place < size)]
        counted: list[int] = np.bincount(inside, minlength=size).tolist()
        return counted

    return Timeline(subject, datetime.fromtimestamp(start, UTC), step, fill(acts), fill(together))
