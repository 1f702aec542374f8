"""What is suggestive by what accounts share: how rare it is, and who stands nearest to the closest circle."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson
from timed import log

from concerted.nulls import centrality, communities
from concerted.nulls.log import Log


def surprise(one: Log, accounts: int) -> centrality.Surprise:
    (net,) = communities.networks(one, accounts, [centrality.TWICE])
    return centrality.surprise(one, net)


def crowd(seed: int, circle: int) -> tuple[list[int], list[int]]:
    """60 accounts with 8 of 150 objects each; the first `circle` share 6 more among themselves alone."""
    rng = np.random.default_rng(seed)
    keys = [(a, o) for a in range(60) for o in rng.choice(150, 8, replace=False).tolist()]
    keys += [(a, 150 + o) for a in range(circle) for o in range(6)]
    return [a for a, _ in keys], [o for _, o in keys]


def test_surprise_is_the_tail_of_what_activity_alone_would_share() -> None:
    who, what = crowd(1, 5)
    one = log(who, what, list(range(len(who))))
    found = surprise(one, 60)
    assert len(found.a)
    held, each = np.bincount(who), np.bincount(what, minlength=156)
    rate = (each * (each - 1)).sum() / len(who) ** 2
    for a, b, decades in zip(found.a.tolist(), found.b.tolist(), found.decades.tolist(), strict=True):
        mine, other = ({o for x, o in zip(who, what, strict=True) if x == account} for account in (a, b))
        common = len(mine & other)
        assert common >= 2
        assert decades == pytest.approx(-np.log10(poisson.sf(common - 1, held[a] * held[b] * rate)), rel=1e-6)


def test_a_closed_circle_stands_first_and_stands_out_more_than_a_crowd() -> None:
    who, what = crowd(2, 5)
    some = centrality.decades([surprise(log(who, what, list(range(len(who)))), 60)], 60)
    assert set(np.argsort(-some, kind="stable")[:5].tolist()) == {0, 1, 2, 3, 4}
    who, what = crowd(2, 0)
    none = centrality.decades([surprise(log(who, what, list(range(len(who)))), 60)], 60)
    assert none.max() < some.max() * 0.7


def test_nobody_stands_out_where_nothing_is_shared_twice() -> None:
    one = log([0, 1, 2, 3], [0, 0, 1, 1], [1, 2, 3, 4])
    assert centrality.decades([surprise(one, 4)], 4).tolist() == [0, 0, 0, 0]


def test_few_objects_in_common_are_not_full_likeness() -> None:
    # two accounts with the same 3 objects, two with the same 30
    who = [0] * 3 + [1] * 3 + [2] * 30 + [3] * 30
    what = [*range(3), *range(3), *range(3, 33), *range(3, 33)]
    (net,) = communities.networks(log(who, what, list(range(66))), 4, [3])
    assert net.cosine.tolist() == pytest.approx([1, 1])
    few, many = centrality.shrunk(net)
    assert few == pytest.approx(3 / 8)
    assert many == pytest.approx(30 / 35)
