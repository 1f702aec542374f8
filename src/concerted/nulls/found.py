"""Groups of found accounts: which hang together, and with what p."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.nulls import candidates
from concerted.nulls.coding import codes
from concerted.nulls.log import Floats, Ints
from concerted.nulls.multiplicity import benjamini_hochberg, digits, simes

SUGGESTED = 1e-3  # p of a pair on one half of the days that makes it part of a candidate
SIMILAR = 0.5  # Jaccard between a group and the candidate whose p it takes over


@dataclass(frozen=True)
class Grouped:
    """One group: members as codes (sorted), ties of each inside, and its p by cross-fitting."""

    members: Ints
    ties: Ints
    traces: list[str]
    p: float | None
    q: float | None
    q_reason: str | None


def groups(names: pa.Array, ties: pa.Table, standings: pa.Table, seed: int) -> list[Grouped]:
    """Components of found accounts and shown ties, largest first; loose ones over 6 split by CPM .2."""
    a, b = codes(ties["a"], names)[0], codes(ties["b"], names)[0]
    shown = (
        np.asarray(pc.equal(ties["answer"], "found").combine_chunks(), dtype=bool)
        if len(ties)
        else np.zeros(0, bool)
    )
    pairs = np.unique(a[shown] * len(names) + b[shown])
    x, y = pairs // max(1, len(names)), pairs % max(1, len(names))
    label = candidates.cohesive(len(names), x, y, seed=seed)
    size = candidates.sizes(label, len(names))
    label = np.where((label >= 0) & (size[np.maximum(label, 0)] >= 2), label, -1)
    halves = _halves(names, ties, standings, a, b, seed)
    inside = (label[x] == label[y]) & (label[x] >= 0)
    count = np.bincount(np.concatenate((x[inside], y[inside])), minlength=len(names))
    rows = shown & (label[a] == label[b]) & (label[a] >= 0)
    traces: dict[int, set[str]] = {}
    for mark, trace in zip(
        label[a[rows]].tolist(), ties["trace"].filter(pa.array(rows)).to_pylist(), strict=True
    ):
        traces.setdefault(mark, set()).add(trace)
    parts = sorted(candidates.members(label), key=lambda part: (-len(part), label[part[0]]))
    found = []
    for part in parts:
        p, q, reason = _closest(part, halves)
        found.append(Grouped(part, count[part], sorted(traces.get(int(label[part[0]]), ())), p, q, reason))
    return found


@dataclass(frozen=True)
class Halves:
    """Groups suggested by one half of the days, judged on the other.

    `of` gives for each half the number of the group that each account is in, -1 for none; sizes, p and q are
    by that number. Shapes (2, accounts) and (groups,).
    """

    of: Ints
    size: Ints
    p: Floats
    q: Floats


def _halves(
    names: pa.Array, ties: pa.Table, standings: pa.Table, a: Ints, b: Ints, seed: int
) -> Halves | None:
    """Candidates of each half, Simes over all their pairs on the other half, BH over all.

    None where the days could not be halved.
    """
    of = np.full((2, len(names)), -1)
    if not len(ties):
        return Halves(of, np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    odd, even = (np.asarray(ties[side].combine_chunks().fill_null(1.0)) for side in ("p_odd", "p_even"))
    if (odd == 1).all() and (even == 1).all():
        return None
    budget = np.ones(len(names))
    budget[codes(standings["account"], names)[0]] = np.asarray(standings["k"].combine_chunks().fill_null(1))
    key, pair = np.unique(a * len(names) + b, return_inverse=True)
    x, y = key // len(names), key % len(names)
    best = np.ones((2, len(key)))
    for side, one_half in enumerate((odd, even)):
        np.minimum.at(best[side], pair, one_half)
    best = np.minimum(1.0, best * np.minimum(budget[x], budget[y]))
    size: list[int] = []
    p: list[Floats] = []
    for side in (0, 1):
        near = best[side] <= SUGGESTED
        parts = candidates.members(candidates.cohesive(len(names), x[near], y[near], seed=seed))
        for number, part in enumerate(parts):
            of[side, part] = number
        inside = np.flatnonzero((of[side, x] == of[side, y]) & (of[side, x] >= 0))
        many = np.array([len(part) for part in parts], np.int64)
        p.append(simes(best[1 - side][inside], of[side, x[inside]], many * (many - 1) // 2))
        of[side] += np.where(of[side] >= 0, len(size), 0)
        size += many.tolist()
    every = np.concatenate(p)
    return Halves(of, np.array(size, np.int64), digits(every), digits(benjamini_hochberg(every)))


def _closest(members: Ints, halves: Halves | None) -> tuple[float | None, float | None, str | None]:
    if halves is None:
        return None, None, "the file has fewer than 8 active days, so they cannot be halved"
    near = halves.of[:, members].ravel()
    number, both = np.unique(near[near >= 0], return_counts=True)
    share = both / (len(members) + halves.size[number] - both)
    if not len(share) or share.max() < SIMILAR:
        return None, None, "neither half of the days by itself suggests this group"
    best = number[share.argmax()]
    return float(halves.p[best]), float(halves.q[best]), None
