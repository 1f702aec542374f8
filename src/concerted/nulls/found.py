"""Groups of found accounts: which hang together, with what p, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.nulls import candidates
from concerted.nulls.log import Floats, Ints
from concerted.nulls.multiplicity import benjamini_hochberg, digits, simes
from concerted.nulls.rows import episodes, test

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
    a, b = _codes(ties["a"], names), _codes(ties["b"], names)
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
    trace = np.asarray(ties["trace"].combine_chunks().to_pylist(), dtype=object)
    found = []
    for mark in sorted(set(label[label >= 0].tolist()), key=lambda m: (-size[m], m)):
        members = np.flatnonzero(label == mark)
        inside = (label[x] == mark) & (label[y] == mark)
        count = np.bincount(np.concatenate((x[inside], y[inside])), minlength=len(names))[members]
        rows = shown & (label[a] == mark) & (label[b] == mark)
        p, q, reason = _closest(members, halves)
        found.append(Grouped(members, count, sorted(set(trace[rows].tolist())), p, q, reason))
    return found


@dataclass(frozen=True)
class Candidate:
    """A group suggested by one half of the days, judged on the other."""

    members: Ints
    p: float
    q: float


def _halves(
    names: pa.Array, ties: pa.Table, standings: pa.Table, a: Ints, b: Ints, seed: int
) -> list[Candidate] | None:
    """Candidates of each half, Simes over all their pairs on the other half, BH over all.

    None where the days could not be halved.
    """
    if not len(ties):
        return []
    odd, even = (np.asarray(ties[side].combine_chunks().fill_null(1.0)) for side in ("p_odd", "p_even"))
    if (odd == 1).all() and (even == 1).all():
        return None
    budget = np.ones(len(names))
    budget[_codes(standings["account"], names)] = np.asarray(standings["k"].combine_chunks().fill_null(1))
    key, pair = np.unique(a * len(names) + b, return_inverse=True)
    x, y = key // len(names), key % len(names)
    best = np.ones((2, len(key)))
    for side, one_half in enumerate((odd, even)):
        np.minimum.at(best[side], pair, one_half)
    best = np.minimum(1.0, best * np.minimum(budget[x], budget[y]))
    members: list[Ints] = []
    p: list[float] = []
    for side in (0, 1):
        near = best[side] <= SUGGESTED
        label = candidates.cohesive(len(names), x[near], y[near], seed=seed)
        for mark in np.unique(label[label >= 0]):
            inside = np.flatnonzero((label[x] == mark) & (label[y] == mark))
            who = np.flatnonzero(label == mark)
            family = np.array([len(who) * (len(who) - 1) // 2])
            members.append(who)
            p.append(float(simes(best[1 - side][inside], np.zeros(len(inside), np.int64), family)[0]))
    q = digits(benjamini_hochberg(np.array(p)))
    return [
        Candidate(who, float(digits(np.array([one]))[0]), float(two))
        for who, one, two in zip(members, p, q, strict=True)
    ]


def _closest(
    members: Ints, candidates_: list[Candidate] | None
) -> tuple[float | None, float | None, str | None]:
    if candidates_ is None:
        return None, None, "the file has fewer than 8 active days, so they cannot be halved"
    best, near = None, 0.0
    for one in candidates_:
        both = len(np.intersect1d(members, one.members, assume_unique=True))
        share = both / (len(members) + len(one.members) - both)
        if share > near:
            best, near = one, share
    if best is None or near < SIMILAR:
        return None, None, "neither half of the days by itself suggests this group"
    return best.p, best.q, None


def stability(
    names: pa.Array, touches: pa.Table, grouped: list[Grouped], seed: int, times: int
) -> list[Floats]:
    """Share of resamples of objects in which each member stays tied to at least half of its group's core.

    Chances of the co-touches are kept and nothing is enumerated again; a tie holds in a resample when its
    p there is no larger than the largest p of a shown tie of the group.
    """
    kept = [np.zeros(len(one.members)) for one in grouped]
    if not grouped or not times:
        return [np.full(len(one.members), np.nan) for one in grouped]
    a, b = _codes(touches["a"], names), _codes(touches["b"], names)
    label = np.full(len(names), -1)
    for number, one in enumerate(grouped):
        label[one.members] = number
    inside = (label[a] == label[b]) & (label[a] >= 0)
    touches, a, b = touches.filter(pa.array(inside)), a[inside], b[inside]
    cell = [touches[c].combine_chunks().dictionary_encode().indices.to_numpy() for c in ("trace", "tier")]
    window = np.asarray(touches["window_s"].combine_chunks())
    object_ = touches["object"].combine_chunks().dictionary_encode()
    code, objects = object_.indices.to_numpy().astype(np.int64), len(object_.dictionary)
    block = np.asarray(touches["block"].combine_chunks())
    q = np.asarray(touches["chance"].combine_chunks())
    hit = np.asarray(touches["success"].combine_chunks(), dtype=bool)
    keys = np.stack([a, b, cell[0], cell[1], window])
    _, first, test_of = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    test_of = test_of.ravel()
    tests = len(first)
    whole = test(episodes(test_of, block, q, q, hit), tests).p
    group_of = label[a[first]]
    bar = np.zeros(len(grouped))
    np.maximum.at(bar, group_of, whole)
    rng = np.random.default_rng(seed)
    for _ in range(times):
        drawn = np.zeros(objects, bool)
        drawn[rng.integers(0, objects, objects)] = True
        use = drawn[code]
        some = episodes(test_of[use], block[use], q[use], q[use], hit[use])
        holds = test(some, tests).p <= bar[group_of]
        x, y = a[first][holds], b[first][holds]
        part = candidates.components(len(names), x, y)
        for number, one in enumerate(grouped):
            mine = part[one.members]
            tied = mine >= 0
            if tied.any():
                core = np.bincount(mine[tied]).argmax()
                kept[number] += mine == core
    return [digits(one / times, 4) for one in kept]


def _codes(column: pa.ChunkedArray, names: pa.Array) -> Ints:
    return np.asarray(pc.index_in(column.combine_chunks(), names), dtype=np.int64)
