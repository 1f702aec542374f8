"""Samples without repetition, of many at once."""

from __future__ import annotations

import numpy as np

from concerted.signals._exact import Ints

SHUFFLED = 10_000  # things from which on a shuffle is the faster way to draw a fiftieth or more of them


def samples(sizes: Ints, many: int, rng: np.random.Generator) -> Ints:
    """For each size `many` different numbers below it, in no particular order. Shape (sizes, many).

    They are those that `rng.choice(size, many, replace=False)` gives for one size after the other, without
    the price of a call for each. No size may be smaller than `many`.
    """
    if ((sizes > SHUFFLED) & (sizes // 50 < many)).any():
        return np.array([rng.choice(size, many, replace=False) for size in sizes.tolist()])
    # Floyd's algorithm, and after it a shuffle of which nothing is used but that it was drawn
    last = sizes[:, None] - many + np.arange(many)
    shuffle = np.broadcast_to(np.arange(many - 1, 0, -1), (len(sizes), many - 1))
    drawn = rng.integers(0, np.concatenate([last, shuffle], axis=1), endpoint=True)
    # draw by draw: a comparison runs over all sizes at once
    drawn, last = (np.ascontiguousarray(some[:, :many].T) for some in (drawn, last))
    for place in range(1, many):
        again = (drawn[:place] == drawn[place]).any(axis=0)
        drawn[place, again] = last[place, again]
    return drawn.T
