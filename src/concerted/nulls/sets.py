"""Sets of one trace: which there are, how each fares on timing, and which are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from concerted.nulls import cohort, communities
from concerted.nulls.centrality import TWICE, Surprise, scores, surprise
from concerted.nulls.communities import Community
from concerted.nulls.crowd import Crowd, Laid
from concerted.nulls.log import DAY, Flags, Ints, Log
from concerted.nulls.multiplicity import benjamini_hochberg, digits
from concerted.nulls.pooled import Acts, Rung, Tested, acts, mixed
from concerted.parallel import in_parallel
from concerted.traces import LADDER

COHORT = 5  # accounts opened on one day that make a cohort worth a test
LARGEST = 0.2
HELD = 100  # bytes an event while a set is tested, whose things may be most of a trace's
ALIKE = 0.5  # shown sets share at most half of their members (Jaccard)


@dataclass(frozen=True)
class Result(Tested):
    """One set at one rung, with what named it, and whom."""

    kind: str
    trace: str
    basis: str
    named: Ints

    @property
    def members(self) -> Ints:
        """Those named who take part."""
        return self.named[self.part]


@dataclass(frozen=True)
class Judged:
    """A set with its q over all sets, rungs and resolutions, and its answer."""

    result: Result
    q: float
    answer: str


@dataclass(frozen=True)
class Likeness:
    """How alike the accounts of one trace share, times ignored, and what came of its sets. `eligible` are
    those of enough objects; `scores` says how alike and how much among themselves each community shares, 0
    to 1."""

    trace: str
    eligible: Flags
    communities: list[Community]
    scores: list[float]
    results: list[Result]
    surprise: Surprise


def test(
    trace: str, log: Log, accounts: int, opened: Ints, seed: int, fdr: float
) -> tuple[list[Result], Likeness]:
    """All sets of a trace at all rungs, and how alike the sharing of its accounts is."""
    finest = float(log.step.min(initial=np.inf))
    rungs = [rung for rung in (*LADDER, communities.EXTRA) if rung[0] >= finest]
    net, wide = communities.networks(log, accounts, (communities.LEAST_OBJECTS, TWICE))
    rare = surprise(log, wide)
    del wide  # networks are as long as all accounts, and sets take more memory than all before
    parts = communities.communities(net, communities.WIDEST, accounts, seed)
    eligible = net.eligible
    small = [one for one in parts if len(one.members) <= communities.LARGEST * eligible.sum()]
    alike = scores(net, small)
    del net
    laid = Laid(log, accounts)
    results = _communities(trace, laid, parts, opened, True, rungs, seed, fdr)
    for rung in rungs:
        near = communities.near(log, rung[1], accounts)
        close = communities.communities(near, communities.LARGEST, accounts, seed)
        del near
        results += _communities(trace, laid, close, opened, False, [rung], seed, fdr)
    for basis, members in _cohorts(log, accounts, opened):
        for window, _ in rungs:
            found = cohort.test(log, members, window)
            seen, expected = float(found.each.seen.sum()), float(found.each.expected.sum())
            low, high = _poisson(seen, expected)
            one = Tested(
                window,
                older=False,
                days=len(np.unique(log.time[np.isin(log.account, members)] // DAY)),
                p=found.p,
                p_before=found.before,
                ratio=seen / max(expected, 1e-12),
                low=low,
                high=high,
                part=(found.each.seen > found.each.expected) & (found.each.seen >= 2),
                share=found.each.seen / max(1.0, seen),
                member_p=found.each.p,
                because=found.because,
            )
            results.append(Result(**vars(one), kind="cohort", trace=trace, basis=basis, named=members))
    return results, Likeness(trace, eligible, small, alike, results, rare)


def _communities(
    trace: str,
    laid: Laid,
    parts: list[Community],
    opened: Ints,
    older: bool,
    rungs: list[tuple[int, int]],
    seed: int,
    fdr: float,
) -> list[Result]:
    """The tests of communities on all things or on older ones, all rungs of one before the next."""
    if not parts:
        return []
    crowd = Crowd(laid, parts[0].homes)
    every = list(in_parallel(partial(acts, crowd), parts))
    asked = mixed(crowd, every)
    crowd.let_go()
    tested: list[list[Result]] = [[] for _ in parts]
    for window, horizon in rungs:
        judged = _judged(Rung(crowd, asked, window, horizon, opened), every, older, seed, fdr)
        for one, result, results in zip(every, judged, tested, strict=True):
            if result is not None:
                results.append(
                    Result(
                        **vars(result),
                        kind="community",
                        trace=trace,
                        basis="shared objects",
                        named=one.community.members,
                    )
                )
    return [one for results in tested for one in results]


def _judged(rung: Rung, every: list[Acts], older: bool, seed: int, fdr: float) -> list[Tested | None]:
    """The tests of communities at a rung. A function of its own: a rung is as large as the log, and gone
    before the next is made."""
    judge = partial(rung.judge, older=older, seed=seed, bar=fdr)
    return list(in_parallel(judge, every, HELD * len(rung.crowd.log.time)))


def _cohorts(log: Log, accounts: int, opened: Ints) -> list[tuple[str, Ints]]:
    """Accounts of the trace opened on one UTC day, at least 5 and at most a fifth of those known."""
    active = np.bincount(log.account, minlength=accounts) > 0
    known = np.flatnonzero(active & (opened >= 0))
    found = []
    for day, count in zip(*np.unique(opened[known], return_counts=True), strict=True):
        if COHORT <= count <= LARGEST * len(known):
            found.append((f"opened on {np.datetime64(int(day), 'D')}", known[opened[known] == day]))
    return found


def _poisson(seen: float, expected: float) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson count, over its expectation (Garwood 1936)."""
    from scipy.special import gammaincinv

    low = gammaincinv(seen, 0.025) if seen else 0.0
    return float(low) / max(expected, 1e-12), float(gammaincinv(seen + 1, 0.975)) / max(expected, 1e-12)


def judge(results: list[Result], fdr: float) -> list[Judged]:
    """Found and unresolved sets, each set of members at its best rung, overlapping ones told once.

    Tests on older things are few, those on all things many: each kind gets half of the error rate, by
    weights that sum to the number of tests (Genovese, Roeder and Wasserman 2006). They come of what was
    tested, not of how it came out.
    """
    older = np.array([one.older for one in results], bool)
    spent = np.where(older, older.sum(), (~older).sum()) * (1 + (older.any() and not older.all()))
    weight = len(results) / np.maximum(spent, 1)
    p = np.minimum(1.0, np.array([one.p for one in results]) / weight)
    before = np.minimum(1.0, np.array([one.p_before for one in results]) / weight)
    q, q_before = digits(benjamini_hochberg(p)), digits(benjamini_hochberg(before))
    shown: list[Judged] = []
    for answer, passed in (("found", q <= fdr), ("unresolved", (q_before <= fdr) & (q > fdr))):
        order = sorted(
            np.flatnonzero(passed),
            key=lambda i: (
                p[i] if answer == "found" else before[i],
                -results[i].ratio,
                results[i].members.tolist(),
            ),
        )
        for index in order:
            if results[index].part.sum() >= communities.LEAST_MEMBERS and all(
                _jaccard(results[index].members, other.result.members) <= ALIKE for other in shown
            ):
                shown.append(Judged(results[index], float(q[index]), answer))
    return shown


def _jaccard(a: Ints, b: Ints) -> float:
    both = len(np.intersect1d(a, b, assume_unique=True))
    return both / (len(a) + len(b) - both)
