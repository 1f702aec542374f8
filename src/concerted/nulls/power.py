"""The smallest group this file could have shown: what a report of nothing means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from concerted.nulls.ladder import ANCHORED
from concerted.nulls.log import Ints
from concerted.nulls.multiplicity import simes
from concerted.nulls.tails import poisson_binomial

SIZES = (3, 5, 10, 30)
MOST = 200
DELAYS = {"within a minute": (0.0, 60.0), "within ten minutes": (0.0, 600.0)}


def needed(
    q: float, hit: float, size: int, family: int, budget: int, accounts: int, fdr: float
) -> int | None:
    """Fewest shared objects, each on a day of its own, after which a group of `size` would be found.

    q is the chance of a success by accident, `hit` the share of the group's co-touches that succeed,
    `family` the partners each account is tested against, `budget` the cells it pays for, `accounts` the
    number tested. None where more than 200 would be needed.
    """
    bar = fdr * size / max(accounts, size) / max(budget, 1)
    objects = np.arange(2, MOST + 1)
    which = np.arange(len(objects))
    reached = (hit * objects).astype(np.int64)
    p = poisson_binomial(np.full(int(objects.sum()), q), np.repeat(which, objects), reached)
    members = size - 1
    found = simes(
        np.repeat(p, members), np.repeat(which, members), np.full(len(objects), max(family, members))
    )
    enough = objects[(reached > 0) & (found <= bar)]
    return int(enough[0]) if len(enough) else None


def sentence(tested: Sequence[Any], traces: Sequence[str], budget: Ints, fdr: float) -> str:
    """What would have been found, from the file's own chances of a success: quick, not simulated."""
    if not traces:
        return "No trace could use a post: nobody could have been found here by acting together."
    paid = budget[budget > 0]
    if not len(paid):
        return "No account shares two objects with another: no group of any size could have been found here."
    parts = []
    for wording, (_, spread) in DELAYS.items():
        counts = {}
        for size in SIZES:
            best: int | None = None
            for one in tested:
                if one.cell.tier != "anchored" or one.cell.window < spread or one.cell.pooled is None:
                    continue
                bin_ = int(np.searchsorted(ANCHORED, 3600.0, side="right")) - 1
                each = one.cell.partners.each
                family = int(np.median(each[each > 0])) if (each > 0).any() else size
                got = needed(
                    float(one.cell.pooled[bin_, bin_]),
                    1.0,
                    size,
                    family,
                    int(np.median(paid)),
                    len(paid),
                    fdr,
                )
                best = got if best is None else min(best, got or best)
            if best is not None:
                counts[size] = best
        if counts:
            listed = ", ".join(f"{objects} for {size} accounts" for size, objects in counts.items())
            parts.append(f"{wording} of each other: {listed}")
    instant = _instant(tested, int(np.median(paid)), len(paid), fdr)
    if not parts and instant:
        return instant
    if not parts:
        return "No window is open at this file's clock: no group could have been found by timing."
    return (
        "A group would have been found, had its members shared at least so many things, each on a day of its "
        f"own (estimated from these files, not simulated): {'; '.join(parts)}.{' ' * bool(instant)}{instant}"
    )


def _instant(tested: Sequence[Any], budget: int, accounts: int, fdr: float) -> str:
    """The same of traces that ask for the very same second, whatever is done; "" where there is none."""
    said = []
    for one in tested:
        each = one.cell.partners.each
        if one.cell.tier != "jitter" or not (each > 0).any():
            continue
        family = int(np.median(each[each > 0]))
        hours = [
            (needed(float(one.cell.pooled[0, 0]), 1.0, size, family, budget, accounts, fdr), size)
            for size in SIZES
        ]
        listed = ", ".join(f"{count} for {size} accounts" for count, size in hours if count)
        said.append(f"{one.trace}: {listed}")
    if not said:
        return ""
    return (
        "A group would have been found, had its members acted in the very same second in at least so many "
        f"different hours, whatever they did ({'; '.join(said)})."
    )
