"""The rules of other tools and papers, written anew from their descriptions, as one score per account.

None of these is the tool itself. Each rule gives pairs of accounts a weight; sweeping its threshold flags
the accounts of all pairs above it, so an account's score is the largest weight among its pairs. Of several
traces an account gets its best. `reference.py` holds `co_shares` against edge lists the tool itself made.

- CooRTweet (Righetti & Balluff 2025): pairs of posts of one object within the window; accounts with at
  least two such posts; weight = number of pairs of posts.
- QUT coordination network toolkit (Graham et al. 2020): directed weight = messages of the one that have a
  partner by the other within the window; at least two.
- Pacheco et al. 2020, 2021: cosine of TF-IDF vectors of accounts over objects, accounts of 10 acts or more.
- Luceri et al. 2024: similarity networks of all traces merged by their largest weight; score = eigenvector
  centrality of the account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix, csr_matrix

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LEAST_ACTS = 10
LEAST_POSTS = 2
MOST_SHARERS = 2000  # an object of more would give millions of pairs without a window


@dataclass(frozen=True)
class Shares:
    """Acts of one trace, sorted by object and time: codes and whole seconds."""

    names: list[str]
    account: Ints
    object: Ints
    time: Ints


def shares(account: pa.ChunkedArray, object_: pa.ChunkedArray, seconds: Ints) -> Shares:
    """Acts from columns of a table; null objects are no acts."""
    who, what = (column.combine_chunks().dictionary_encode() for column in (account, object_))
    a, o = (np.asarray(coded.indices.to_numpy(zero_copy_only=False), float) for coded in (who, what))
    use = np.isfinite(o) & np.isfinite(a)
    a, o, t = a[use].astype(np.int64), o[use].astype(np.int64), seconds[use]
    order = np.lexsort((a, t, o))
    return Shares(who.dictionary.to_pylist(), a[order], o[order], t[order])


def by_trace(events: pa.Table) -> Iterator[Shares]:
    """The acts of every trace of an events table."""
    for trace in sorted(pc.unique(events["trace"]).to_pylist()):
        mine = events.filter(pc.equal(events["trace"], trace))
        seconds = np.asarray(mine["time"].combine_chunks().cast(pa.int64())) // 1_000_000
        yield shares(mine["account"], mine["object"], seconds)


def close(acts: Shares, window: int) -> Iterator[tuple[Ints, Ints]]:
    """All (earlier, later) acts by two accounts on one object at most `window` seconds apart, in pieces."""
    count, lag = len(acts.time), 1
    left = np.arange(count)
    while True:
        left = left[left + lag < count]
        later = left + lag
        near = (acts.object[left] == acts.object[later]) & (acts.time[later] - acts.time[left] <= window)
        left = left[near]
        if not len(left):
            return
        other = acts.account[left] != acts.account[left + lag]
        yield left[other], left[other] + lag
        lag += 1


def co_shares(acts: Shares, window: int, least: int = LEAST_POSTS) -> tuple[Ints, Ints, Ints]:
    """CooRTweet's edges (a < b) and weights.

    Accounts with fewer than `least` acts go first; then edges of which neither end has `least` acts with a
    partner within the window.
    """
    many = np.bincount(acts.account, minlength=len(acts.names)) >= least
    keep = many[acts.account]
    acts = Shares(acts.names, acts.account[keep], acts.object[keep], acts.time[keep])
    parts = list(close(acts, window))
    early, late = (
        np.concatenate([part[side] for part in parts] or [np.zeros(0, np.int64)]) for side in (0, 1)
    )
    touched = np.unique(np.concatenate((early, late)))
    active = np.bincount(acts.account[touched], minlength=len(acts.names)) >= least
    x, y = acts.account[early], acts.account[late]
    some = active[x] | active[y]
    key, weight = np.unique(
        np.minimum(x, y)[some] * len(acts.names) + np.maximum(x, y)[some], return_counts=True
    )
    return key // len(acts.names), key % len(acts.names), weight


def _best(acts: Shares, a: Ints, b: Ints, weight: Floats) -> dict[str, float]:
    score = np.zeros(len(acts.names))
    np.maximum.at(score, a, weight)
    np.maximum.at(score, b, weight)
    return {acts.names[i]: float(score[i]) for i in np.flatnonzero(score > 0)}


def coortweet(window: int) -> Callable[[pa.Table], dict[str, float]]:
    """Scores by CooRTweet's rule."""

    def score(events: pa.Table) -> dict[str, float]:
        return _merged(
            _best(acts, a, b, w.astype(float))
            for acts in by_trace(events)
            for a, b, w in [co_shares(acts, window)]
        )

    return score


def qut(window: int) -> Callable[[pa.Table], dict[str, float]]:
    """Scores by the rule of the QUT toolkit."""

    def one(acts: Shares) -> dict[str, float]:
        keys = []
        for early, late in close(acts, window):
            for mine, other in ((early, late), (late, early)):
                keys.append(mine * len(acts.names) + acts.account[other])
        if not keys:
            return {}
        key = np.unique(np.concatenate(keys))
        edge, weight = np.unique(
            acts.account[key // len(acts.names)] * len(acts.names) + key % len(acts.names), return_counts=True
        )
        enough = weight >= LEAST_POSTS
        edge, weight = edge[enough], weight[enough].astype(float)
        return _best(acts, edge // len(acts.names), edge % len(acts.names), weight)

    return lambda events: _merged(one(acts) for acts in by_trace(events))


def _cosine(acts: Shares, least: int) -> tuple[Ints, Ints, Floats]:
    key = np.unique(acts.account * (acts.object.max(initial=0) + 1) + acts.object)
    account, what = key // (acts.object.max(initial=0) + 1), key % (acts.object.max(initial=0) + 1)
    held = np.bincount(account, minlength=len(acts.names))
    sharers = np.bincount(what)
    use = (held[account] >= least) & (sharers[what] >= 2) & (sharers[what] <= MOST_SHARERS)
    account, what = account[use], what[use]
    weight = np.log(len(acts.names) / sharers[what])
    norm = np.sqrt(np.bincount(account, weight**2, len(acts.names)))
    matrix = csr_matrix(
        (weight / np.maximum(norm[account], 1e-12), (account, what)), (len(acts.names), len(sharers))
    )
    product = (matrix @ matrix.T).tocoo()
    upper = product.row < product.col
    return product.row[upper].astype(np.int64), product.col[upper].astype(np.int64), product.data[upper]


def tfidf(events: pa.Table) -> dict[str, float]:
    """Scores by TF-IDF cosine similarity."""
    return _merged(_best(acts, *_cosine(acts, LEAST_ACTS)) for acts in by_trace(events))


def centrality(events: pa.Table) -> dict[str, float]:
    """Scores by eigenvector centrality in the merged similarity network."""
    names: dict[str, int] = {}
    edges: dict[tuple[int, int], float] = {}
    for acts in by_trace(events):
        code = np.array([names.setdefault(name, len(names)) for name in acts.names])
        a, b, cosine = _cosine(acts, LEAST_ACTS)
        for x, y, w in zip(code[a].tolist(), code[b].tolist(), cosine.tolist(), strict=True):
            pair = (min(x, y), max(x, y))
            edges[pair] = max(edges.get(pair, 0.0), w)
    if not edges:
        return {}
    x, y = (np.array(side) for side in zip(*edges, strict=True))
    w = np.array(list(edges.values()))
    graph = coo_matrix((np.r_[w, w], (np.r_[x, y], np.r_[y, x])), (len(names), len(names))).tocsr()
    value = np.full(len(names), 1.0 / len(names))
    for _ in range(200):
        following = graph @ value + 1e-9 * value
        following /= np.linalg.norm(following)
        if np.abs(following - value).max() < 1e-10:
            break
        value = following
    return {name: float(value[at]) for name, at in names.items() if value[at] > 1e-12}


def _merged(parts: Iterator[dict[str, float]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for part in parts:
        for name, score in part.items():
            best[name] = max(score, best.get(name, 0.0))
    return best


RULES: dict[str, Callable[[pa.Table], dict[str, float]]] = {
    "CooRTweet, 10 s": coortweet(10),
    "CooRTweet, 60 s": coortweet(60),
    "QUT toolkit, 60 s": qut(60),
    "TF-IDF cosine": tfidf,
    "eigenvector centrality": centrality,
}
