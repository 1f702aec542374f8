"""Shares with their intervals, and how good an order is. Nothing here knows about posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def clopper_pearson(hits: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a share (Clopper & Pearson 1934); (0, 1) where nothing was counted."""
    from scipy.special import betaincinv

    if not total:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = float(betaincinv(hits, total - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, total - hits, 1 - tail)) if hits < total else 1.0
    return low, high


def pr_curve(score: Floats, planted: Flags) -> tuple[Floats, Floats]:
    """Recall and precision after each distinct score, largest first; equal scores come together."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = (
        np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.zeros(0, np.int64)
    )
    hits = np.cumsum(planted[order])[last]
    return hits / max(1, int(planted.sum())), hits / (last + 1)


def pr_auc(score: Floats, planted: Flags) -> float | None:
    """Area under the precision-recall curve as a sum of steps (average precision); None without planted."""
    if not planted.any():
        return None
    recall, precision = pr_curve(score, planted)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def aligned(
    accounts: Sequence[str], scores: Mapping[str, float], truth: Mapping[str, str]
) -> tuple[Floats, Flags]:
    """Scores and labels of all accounts; those without a score come last of all."""
    score = np.array([scores.get(account, -np.inf) for account in accounts])
    return score, np.array([account in truth for account in accounts], dtype=bool)


def recall_at(score: Floats, planted: Flags, honest: int) -> int:
    """Most planted accounts above any threshold that lets at most `honest` innocent accounts through."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = (
        np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.zeros(0, np.int64)
    )
    last = last[np.isfinite(ranked[last])]
    hits = np.cumsum(planted[order])[last]
    fits = (last + 1 - hits) <= honest
    return int(hits[fits].max(initial=0))
