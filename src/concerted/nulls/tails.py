"""Exact upper tails of sums of independent, unequal chances."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Floats, Ints


def poisson_binomial(chance: Floats, owner: Ints, reached: Ints, cells: int = 1 << 16) -> Floats:
    """P(X >= reached[i]), X the sum of independent trials with the chances whose owner is i.

    `chance` and `owner` (sorted) have one entry a trial, `reached` one an owner. The distribution is
    built trial by trial with "reached or more" as an absorbing state: only positive terms are added, so
    the relative error stays near rounding down to 1e-300 (Hong 2013 reviews exact methods).
    `cells` is the size of one batch, as large as caches hold.
    Returns an array shaped like `reached`, values in [0, 1].
    """
    count = np.bincount(owner, minlength=len(reached))
    first = np.concatenate(([0], np.cumsum(count)))[:-1]
    tail = np.where(reached <= 0, 1.0, 0.0)
    todo = np.flatnonzero((reached > 0) & (reached <= count))
    todo = todo[np.lexsort((count[todo], reached[todo]))]
    while len(todo):
        width = int(reached[todo[min(len(todo), 1 + cells // (int(reached[todo[0]]) + 1)) - 1]])
        size = max(1, cells // (width + 1))
        batch, todo = todo[:size], todo[size:]
        batch = batch[np.argsort(-count[batch], kind="stable")]
        width = int(reached[batch].max())
        # state s holds P(X = s); each owner absorbs in state reached[owner]
        state = np.zeros((width + 1, len(batch)))
        state[0] = 1.0
        at, need, offset = count[batch], reached[batch], first[batch]
        absorbed, every = np.zeros(len(batch)), np.arange(len(batch))
        for trial in range(int(at[0])):
            live = int(np.searchsorted(-at, -trial, side="left"))
            p = chance[offset[:live] + trial]
            absorbed[:live] += state[need[:live] - 1, every[:live]] * p
            moved = state[:-1, :live] * p
            state[:, :live] *= 1.0 - p
            state[1:, :live] += moved
            state[need[:live], every[:live]] = 0.0
        tail[batch] = absorbed
    return np.minimum(tail, 1.0)
