"""The smallest group a file could have shown, against the definition, number by number."""

from __future__ import annotations

import pytest

from concerted.nulls.power import MOST, needed


def by_hand(q: float, size: int, family: int, budget: int, accounts: int, fdr: float) -> int | None:
    bar = fdr * size / max(accounts, size) / budget
    for objects in range(2, MOST + 1):
        # all members meet each other equally well: Simes of size - 1 equal p among the family
        if min(1.0, q**objects * max(family, size - 1) / (size - 1)) <= bar:
            return objects
    return None


@pytest.mark.parametrize("q", [0.0, 0.01, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("size", [3, 10, 30])
def test_as_many_objects_as_the_definition_asks(q: float, size: int) -> None:
    for family, budget, accounts in ((1, 1, 3), (40, 12, 100_000)):
        asked = needed(q, 1.0, size, family, budget, accounts, 0.05)
        assert asked == by_hand(q, size, family, budget, accounts, 0.05)


def test_where_only_some_touches_succeed_more_are_needed() -> None:
    always, half = (needed(0.1, hit, 5, 20, 3, 1000, 0.05) for hit in (1.0, 0.5))
    assert always is not None
    assert half is not None
    assert half > always
    assert needed(0.1, 0.001, 5, 20, 3, 1000, 0.05) is None
