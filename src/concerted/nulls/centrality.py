"""How near accounts stand to a file's closest circle, by what they share alone. Suggestive, never tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concerted.nulls.communities import Network, network
from concerted.nulls.log import Floats, Ints, Log

STEPS = 100
FLOOR = 1e-12
TWICE = 2  # objects in common that make a pair
MOST = 300.0  # decades of surprise that one pair can carry
SHRINK = 5.0  # objects of mean weight that every account is taken to hold beside its own


@dataclass(frozen=True)
class Surprise:
    """Pairs (a < b) with two objects in common or more, and by how many decades that is rare."""

    a: Ints
    b: Ints
    decades: Floats


def surprise(log: Log, accounts: int) -> Surprise:
    """-log10 P(X >= objects in common), X Poisson with the configuration model's expectation
    d_a d_b sum_o d_o (d_o - 1) / acts^2, d the acts of an account or on an object. Times are ignored; objects
    in common have 2 to 200 sharers.
    """
    from scipy.special import gammainc

    net = network(log, accounts, TWICE)
    two = net.common >= TWICE
    a, b, common = net.a[two], net.b[two], net.common[two]
    held = np.bincount(log.account, minlength=accounts).astype(float)
    each = np.diff(log.start).astype(float)
    expected = held[a] * held[b] * ((each * (each - 1)).sum() / max(len(log.account), 1) ** 2)
    tail = gammainc(common.astype(float), np.maximum(expected, FLOOR))
    return Surprise(a, b, -np.log10(np.maximum(tail, 10.0**-MOST)))


def shrunk(net: Network) -> Floats:
    """The cosines of the network with five mean objects that nobody shares added to each account, so that
    few objects in common are not full likeness. Shape (pairs,)."""
    some = net.held > 0
    if not some.any():
        return net.cosine
    extra = SHRINK * net.weight[some].sum() / net.held[some].sum()
    kept = np.sqrt(net.weight / np.maximum(net.weight + extra, FLOOR))
    cosine: Floats = net.cosine * kept[net.a] * kept[net.b]
    return cosine


def decades(layers: Sequence[Surprise], accounts: int) -> Floats:
    """How far up each account is by centrality in the file's closest circle, in decades. Shape (accounts,).

    Eigenvector centrality (Bonacich 1972) in the network of all traces, a pair weighing log(1 + its largest
    surprise), by 100 steps of power iteration: what is outside the leading circle keeps the order of its own
    strength. The place of an account, 1 / accounts for the first, is taken in decades and weighed by the
    third power of the decades by which the leading circle is smaller than the network: where everybody is
    near everybody, the leading eigenvector says nothing.
    """
    from scipy.stats import rankdata

    if not any(len(layer.a) for layer in layers):
        return np.zeros(accounts)
    pairs, at = np.unique(
        np.concatenate([layer.a * accounts + layer.b for layer in layers]), return_inverse=True
    )
    weight = np.zeros(len(pairs))
    np.maximum.at(weight, at, np.log1p(np.concatenate([layer.decades for layer in layers])))
    a, b = pairs // accounts, pairs % accounts
    value: Floats = np.full(accounts, 1 / np.sqrt(accounts))
    for _ in range(STEPS):
        summed = np.bincount(a, weight * value[b], accounts) + np.bincount(b, weight * value[a], accounts)
        value = (summed + FLOOR) / np.linalg.norm(summed + FLOOR)
    nodes = len(np.unique(np.concatenate((a, b))))
    apart = max(0.0, float(np.log10(nodes * (value**4).sum())))
    # rounded, so that a place does not hang on the last digit of a sum
    below = np.asarray(rankdata(np.round(np.log(value), 9)), dtype=np.float64)
    place: Floats = 1.0 - (below - 1) / accounts
    return -(apart**3) * np.log10(place)
