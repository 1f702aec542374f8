"""Many tests at once: Simes within an account, Benjamini-Hochberg over accounts."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Floats, Ints


def simes(p: Floats, owner: Ints, family: Ints) -> Floats:
    """Simes' p of each owner, from the p of some of its tests; those not given count as 1.

    `p` and `owner` have one entry a test, `family[i]` is the number of tests owner i pays for.
    Valid under positive dependence (Simes 1986). Returns an array shaped like `family`.
    """
    result = np.ones(len(family))
    less = p < 1.0  # the others add nothing, and are most of them
    p, owner = p[less], owner[less]
    order = np.lexsort((p, owner))
    p, owner = p[order], owner[order]
    start = np.searchsorted(owner, owner)
    rank = np.arange(len(owner)) - start + 1
    size = np.maximum(family[owner], rank)
    np.minimum.at(result, owner, p * size / rank)
    return np.minimum(result, 1.0)


def benjamini_hochberg(p: Floats, family: int | None = None) -> Floats:
    """Adjusted p (Benjamini & Hochberg 1995): the false discovery rate at which each test is accepted.

    `family` is the number of tests where more were made than are given; those count as p = 1.
    """
    total = len(p) if family is None else max(family, len(p))
    if not len(p):
        return p.copy()
    order = np.argsort(p, kind="stable")
    raw = p[order] * total / np.arange(1, len(p) + 1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return adjusted


def digits(p: Floats, significant: int = 12) -> Floats:
    """Values rounded to so many significant digits, so that every engine writes the same bytes."""
    safe = np.where(p > 0, p, 1.0)
    # the scale of values near the smallest float is infinite: these stay as they are
    with np.errstate(over="ignore", invalid="ignore"):
        scale = 10.0 ** (significant - 1 - np.floor(np.log10(safe)))
        exact = np.isfinite(scale) & (p > 1e-290)
        return np.where(exact, np.round(p * scale) / scale, p)
