"""Comparison accounts told as kinds and numbers give what they give one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concerted.signals._matched import Cohort, match


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(20, 300), st.integers(1, 9))
def test_kinds_of_accounts_are_compared_as_accounts_are(seed: int, accounts: int, many: int) -> None:
    rng = np.random.default_rng(seed)
    fine = rng.integers(-1, 12, accounts)
    levels, code = [fine, fine // 4], rng.integers(-1, 5, accounts)
    members = np.sort(rng.choice(accounts, many, replace=False))
    inside = np.zeros(accounts, bool)
    inside[members] = True
    others = ~inside & (rng.random(accounts) < 0.8)

    single = match(inside, others, levels)
    at, kinds = Cohort(others, levels, code).match(members)
    assert at[:many].tolist() == members.tolist()
    assert kinds.stratum[:many].tolist() == single.stratum[members].tolist()
    assert (kinds.enough, kinds.unmatched) == (single.enough, single.unmatched)
    assert kinds.reference("age") == single.reference("age")
    holds = code > 1
    assert kinds.share(holds[at]) == single.share(holds)
    assert kinds.expected(holds[at]) == single.expected(holds)
    assert kinds.held(code[at]).tolist() == single.held(code).tolist()
    codes = np.unique(code[code >= 0])
    assert list(kinds.shares(code[at], codes)) == list(single.shares(code, codes))


def test_kinds_of_accounts_are_not_drawn() -> None:
    nothing = np.zeros(30, np.int64)
    _, kinds = Cohort(np.arange(30) > 2, [nothing]).match(np.arange(3))
    assert len(kinds.stratum) == 4
    with pytest.raises(ValueError, match="several"):
        kinds.permuted(np.random.default_rng(1))
