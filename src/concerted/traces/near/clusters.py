"""Leaders and their copies: every text of a cluster is the same as the leader, so that nothing chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from concerted.traces.near.shingles import Hashes, Ints, distinct

_LOW = np.uint64(2**32 - 1)
ROUNDS = 3  # times that texts meet the leaders of those they resemble

Verify = Callable[[Ints, Ints], tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]]


class Edges(NamedTuple):
    """Pairs of texts that are the same: smaller rank, larger rank, and how alike they are (0 to 1)."""

    low: Ints
    high: Ints
    likeness: npt.NDArray[np.float64]


def leaders(texts: int, candidates: Hashes, verify: Verify) -> Ints:
    """The leader of each text by rank; leaders and texts without copies are their own. Shape (texts,).

    The text of smallest rank leads whatever is the same as it; then the next that nobody leads yet
    (Hartigan 1975). A text that is the same as several leaders goes to the one most like it. Candidates
    name few pairs of a bucket, so texts are compared with the leaders of those they resemble, too.
    """
    edges = _verified(candidates, verify)
    asked = candidates
    leading = _leading(texts, edges)
    for _ in range(ROUNDS):
        more = np.setdiff1d(_towards_leaders(edges, leading), asked, assume_unique=True)
        if not len(more):
            break
        asked = distinct(np.concatenate((asked, more)))
        fresh = _verified(more, verify)
        edges = Edges(*(np.concatenate(columns) for columns in zip(edges, fresh, strict=True)))
        leading = _leading(texts, edges)
    return _assigned(texts, edges, leading)


def _verified(packed: Hashes, verify: Verify) -> Edges:
    low, high = (packed >> np.uint64(32)).astype(np.int64), (packed & _LOW).astype(np.int64)
    same, likeness = verify(low, high)
    return Edges(low[same], high[same], likeness[same])


def _leading(texts: int, edges: Edges) -> npt.NDArray[np.bool_]:
    """Which texts lead: those that no leader of smaller rank is the same as."""
    leading = np.ones(texts, np.bool_)
    led = np.zeros(texts, np.bool_)
    open_low, open_high = edges.low, edges.high
    while len(open_low):
        # whoever has no undecided text of smaller rank beside it leads; whom it resembles does not
        waits = np.zeros(texts, np.bool_)
        waits[open_high] = True
        sure = ~waits[open_low] & ~led[open_low]
        led[open_high[sure]] = True
        keep = ~led[open_low] & ~led[open_high]
        open_low, open_high = open_low[keep], open_high[keep]
    leading[led] = False
    return leading


def _towards_leaders(edges: Edges, leading: npt.NDArray[np.bool_]) -> Hashes:
    """Pairs of a text and a leader that both resemble a third."""
    one, third = np.concatenate((edges.low, edges.high)), np.concatenate((edges.high, edges.low))
    leader = _assigned(len(leading), edges, leading)[third]
    useful = one != leader
    low, high = np.minimum(one, leader)[useful], np.maximum(one, leader)[useful]
    return distinct(low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64))


def _assigned(texts: int, edges: Edges, leading: npt.NDArray[np.bool_]) -> Ints:
    found = np.arange(texts)
    use = leading[edges.low] & ~leading[edges.high]
    low, high, likeness = edges.low[use], edges.high[use], edges.likeness[use]
    # the last written stays: the most alike, the smallest rank among equals
    order = np.lexsort((-low, likeness))
    found[high[order]] = low[order]
    return found
