"""Successes against expectation by blocks: a t test that lets the rows of a block depend on each other."""

from __future__ import annotations

import numpy as np

from concerted.nulls.log import Flags, Floats, Ints

ROOT = 0.5  # power of the number of its rows that the excess of a block is divided by
BLOCKS = 6  # with rows, that a test needs
SPARSE = 4  # codes per row up to which counting them is cheaper than sorting


def ranked(key: Ints) -> tuple[Ints, Ints]:
    """The distinct values, ascending, and the place of each among them: shapes (distinct,) and (rows,)."""
    if not len(key):
        return key, key
    low = int(key.min())
    span = int(key.max()) - low + 1
    if span > SPARSE * len(key):
        value, place = np.unique(key, return_inverse=True)
        return value, place.ravel()
    there = np.zeros(span, bool)
    there[key - low] = True
    return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[key - low]


def t_test(owner: Ints, block: Ints, success: Flags, q: Floats, owners: int) -> tuple[Floats, Ints]:
    """One-sided p of each owner's successes exceeding their chances, and its blocks. Shapes (owners,).

    `owner`, `block`, `success` and `q` have one entry a row. Per owner and block the excess is successes
    minus chances, over the root of the number of rows, so that a block of many rows does not drown the
    others; Student's t over blocks (Student 1908). p is 1 under 6 blocks and where the mean is not positive.
    """
    from scipy.special import stdtr

    p = np.ones(owners)
    if not len(owner):
        return p, np.zeros(owners, np.int64)
    first = int(block.min())
    span = int(block.max()) - first + 1
    key, at = ranked(owner * span + (block - first))
    whose = key // span
    size = np.bincount(at)
    excess = np.bincount(at, success.astype(float) - q) / size**ROOT
    blocks = np.bincount(whose, minlength=owners)
    n = np.maximum(blocks, 2)
    mean = np.bincount(whose, excess, owners) / n
    spread = np.sqrt(np.bincount(whose, (excess - mean[whose]) ** 2, owners) / (n - 1))
    # blocks that happen to be alike must not look surer than independent rows could make them
    least = np.bincount(whose, np.bincount(at, q * (1 - q)) / size ** (2 * ROOT), owners) / n
    spread = np.maximum(spread, np.sqrt(least))
    told = (blocks >= BLOCKS) & (mean > 0) & (spread > 0)
    p[told] = stdtr(n[told] - 1, -mean[told] / (spread[told] / np.sqrt(n[told])))
    return p, blocks.astype(np.int64)
