"""How near accounts stand to a file's closest circle, by what they share alone. Suggestive, never tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concerted.nulls.communities import Community, Network
from concerted.nulls.daily import ranked
from concerted.nulls.log import Floats, Ints, Log, expand

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


def surprise(log: Log, net: Network) -> Surprise:
    """-log10 P(X >= objects in common), X Poisson with the configuration model's expectation
    d_a d_b sum_o d_o (d_o - 1) / acts^2, d the acts of an account or on an object. Times are ignored; objects
    in common have 2 to 200 sharers. `net` is the network of accounts with two such objects.
    """
    from scipy.special import gammainc

    accounts = len(net.held)
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


def scores(net: Network, communities: Sequence[Community]) -> list[float]:
    """Mean cosine over all pairs of each community, times the share of its members' cosine inside it."""
    accounts = len(net.held)
    cosine = shrunk(net)
    total = np.bincount(net.a, cosine, accounts) + np.bincount(net.b, cosine, accounts)
    first = np.searchsorted(net.a, np.arange(accounts + 1))
    inside = np.zeros(accounts, bool)
    found = []
    for community in communities:
        members, size = community.members, len(community.members)
        inside[members] = True
        _, pair = expand(first[members], first[members + 1])
        within = cosine[pair[inside[net.b[pair]]]].sum()
        inside[members] = False
        share = 2 * within / max(total[members].sum(), FLOOR)
        found.append(float(within / (size * (size - 1) / 2) * share))
    return found


def decades(layers: Sequence[Surprise], accounts: int) -> Floats:
    """How far up each account is by centrality in the file's closest circle, in decades. Shape (accounts,).

    Eigenvector centrality (Bonacich 1972) in the network of all traces, a pair weighing log(1 + its largest
    surprise), by 100 steps of power iteration: what is outside the leading circle keeps the order of its own
    strength. The place of an account, 1 / accounts for the first, is taken in decades and weighed by the
    third power of the decades by which the leading circle is smaller than the network: where everybody is
    near everybody, the leading eigenvector says nothing.
    """
    from scipy.sparse import csr_matrix

    if not any(len(layer.a) for layer in layers):
        return np.zeros(accounts)
    pairs, at = ranked(np.concatenate([layer.a * accounts + layer.b for layer in layers]))
    weight = np.zeros(len(pairs))
    np.maximum.at(weight, at, np.log1p(np.concatenate([layer.decades for layer in layers])))
    a, b = pairs // accounts, pairs % accounts
    later = csr_matrix((weight, (a, b)), (accounts, accounts))
    earlier = later.T.tocsr()
    value: Floats = np.full(accounts, 1 / np.sqrt(accounts))
    for _ in range(STEPS):
        summed = later @ value + earlier @ value + FLOOR
        # not the norm of a linear algebra library, whose sum hangs on its threads
        value = summed / np.sqrt((summed * summed).sum())
    nodes = np.count_nonzero(np.bincount(a, minlength=accounts) + np.bincount(b, minlength=accounts))
    apart = max(0.0, float(np.log10(nodes * (value**4).sum())))
    # rounded, so that a place does not hang on the last digit of a sum
    levels, level = np.unique(np.round(np.log(value), 9), return_inverse=True)
    many = np.bincount(level, minlength=len(levels))
    # equal ones share the middle of their places
    below = (np.cumsum(many) - many + (many - 1) / 2)[level]
    place: Floats = 1.0 - below / accounts
    return -(apart**3) * np.log10(place)
