"""A third account that goes before a pair each time."""

from __future__ import annotations

import numpy as np
from timed import log

from concerted.nulls.forerunner import forerunner
from concerted.nulls.rows import gather


def told(order: str, seed: int = 1, things: int = 10) -> int:
    """The forerunner of the pair (0, 1); account 2 joins it on `things` objects, `order` first or any."""
    rng = np.random.default_rng(seed)
    account, object_, when = [], [], []
    for thing in range(things):
        times = np.sort(rng.uniform(0, 600, 3)) + thing * 100_000
        places = [2, 0, 1] if order == "first" else rng.permutation(3).tolist()
        account += places
        object_ += [thing] * 3
        when += times.tolist()
    one = log(account, object_, when)
    rows = gather(one, np.array([0]), np.array([1]), 3600)
    success = np.ones(len(rows.pair), bool)
    return int(forerunner(one, rows, success, 1)[0])


def test_who_goes_first_each_time_is_told() -> None:
    assert told("first") == 2


def test_an_order_that_changes_has_no_forerunner() -> None:
    assert [told("any", seed) for seed in range(20)].count(-1) >= 18


def test_three_times_are_too_few() -> None:
    assert told("first", things=3) == -1
    assert told("first", things=4) == 2


def test_nothing_to_ask() -> None:
    one = log([0, 1], [0, 1], [0.0, 5.0])
    rows = gather(one, np.array([0]), np.array([1]), 3600)
    assert forerunner(one, rows, np.ones(0, bool), 1).tolist() == [-1]
