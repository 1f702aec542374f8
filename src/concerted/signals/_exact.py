"""Exact upper tails: of one hypergeometric count, and of a sum of them over strata."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEGLIGIBLE = 1e-17  # terms below this share of the sum change no digit of it


def tail(hits: Any, marked: Any, drawn: Any, total: Any) -> Floats:
    """P(X >= hits), X the marked ones among `drawn` of `total` of which `marked` are marked.

    All of one shape (or numbers), which the answer has. Sums positive terms only, from `hits` upwards.
    """
    from scipy.special import gammaln

    x, k, g, n = (np.atleast_1d(np.asarray(one, np.float64)) for one in (hits, marked, drawn, total))
    x, k, g, n = np.broadcast_arrays(x, k, g, n)
    low, top = np.maximum(0.0, g + k - n), np.minimum(k, g)
    x = np.maximum(x, low)

    def choose(a: Floats, b: Floats) -> Floats:
        return np.asarray(gammaln(a + 1) - gammaln(b + 1) - gammaln(a - b + 1))

    possible = x <= top
    at = np.where(possible, x, low)
    term = np.exp(choose(k, at) + choose(n - k, g - at) - choose(n, g))
    summed, live = np.where(possible, term, 0.0), possible.copy()
    while live.any():
        ratio = (k - at) * (g - at) / np.maximum((at + 1) * (n - k - g + at + 1), 1.0)
        term = np.where(live, term * ratio, 0.0)
        summed = summed + term
        at = at + 1
        # past the mode the rest is smaller than a geometric series of the last ratio
        live = live & (at < top) & ~((ratio < 1) & (term < NEGLIGIBLE * summed * (1 - np.minimum(ratio, 1))))
    return np.minimum(np.where(x <= low, np.where(possible, 1.0, 0.0), summed), 1.0)


def chances(marked: int, drawn: int, total: int) -> Floats:
    """P(X = 0), P(X = 1), ... of one hypergeometric count, up to the largest possible."""
    from scipy.special import gammaln

    k, g, n = marked, drawn, total
    x = np.arange(min(k, g) + 1, dtype=np.float64)
    possible = x >= g + k - n
    at = np.where(possible, x, max(0, g + k - n))
    log = (
        *(gammaln(k + 1) - gammaln(at + 1) - gammaln(k - at + 1),),
        *(gammaln(n - k + 1) - gammaln(g - at + 1) - gammaln(n - k - g + at + 1),),
        -(gammaln(n + 1) - gammaln(g + 1) - gammaln(n - g + 1)),
    )
    return np.where(possible, np.exp(sum(log)), 0.0)


def over_strata(hits: int, marked: Ints, drawn: Ints, total: Ints) -> float:
    """P(X >= hits), X the sum over strata of independent hypergeometric counts.

    This is the exact test of a share against others of the same strata (Cochran 1954; Mantel and Haenszel
    1959 give its large-sample form).
    """
    law = np.ones(1)
    for k, g, n in zip(marked.tolist(), drawn.tolist(), total.tolist(), strict=True):
        if k and g:
            law = np.convolve(law, chances(k, g, n))
    return float(min(1.0, law[hits:].sum()))
