"""Exact tails and multiplicity: against rational arithmetic, against scipy, by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concerted.nulls.multiplicity import benjamini_hochberg, digits, simes
from concerted.nulls.tails import poisson_binomial

CHANCE = st.one_of(
    st.floats(0, 1),
    st.floats(1e-12, 1e-3),
    st.sampled_from([0.0, 1.0, 0.5, 1e-9, 1 - 2**-40]),
)


def exact(chances: list[float], reached: int) -> Fraction:
    """P(X >= reached) in rational arithmetic: no rounding anywhere."""
    states = [Fraction(1)]
    for chance in map(Fraction, chances):
        grown = [Fraction(0)] * (len(states) + 1)
        for count, share in enumerate(states):
            grown[count] += share * (1 - chance)
            grown[count + 1] += share * chance
        states = grown
    return sum(states[max(reached, 0) :], Fraction(0))


def close(value: float, wanted: Fraction) -> bool:
    # below that floats lose digits, and p is as small as it will ever be said to be
    if wanted < Fraction(1, 10**300):
        return value <= 1e-300 and (value == 0 or wanted > 0)
    return abs(Fraction(value) / wanted - 1) < Fraction(1, 10**9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(CHANCE, max_size=12), st.integers(-1, 13)), min_size=1, max_size=6))
def test_tails_are_exact(tests: list[tuple[list[float], int]]) -> None:
    chance = np.array([p for chances, _ in tests for p in chances])
    owner = np.repeat(np.arange(len(tests)), [len(chances) for chances, _ in tests])
    found = poisson_binomial(chance, owner, np.array([reached for _, reached in tests]))
    for value, (chances, reached) in zip(found, tests, strict=True):
        assert close(value, exact(chances, reached)), (chances, reached)


@pytest.mark.parametrize(("trials", "reached", "chance"), [(15, 15, 0.01), (40, 20, 0.02), (30, 12, 3e-3)])
def test_tails_far_below_what_floats_subtract(trials: int, reached: int, chance: float) -> None:
    chances = [chance * (1 + place / trials) for place in range(trials)]
    wanted = exact(chances, reached)
    assert wanted < Fraction(1, 10**18)
    value = poisson_binomial(np.array(chances), np.zeros(trials, np.int64), np.array([reached]))[0]
    assert close(value, wanted)


def test_a_tail_of_1e_30() -> None:
    value = poisson_binomial(np.full(15, 0.01), np.zeros(15, np.int64), np.array([15]))[0]
    assert close(value, Fraction(0.01) ** 15)
    assert 0.9e-30 < value < 1.1e-30


def test_batches_give_the_same_tails() -> None:
    rng = np.random.default_rng(3)
    count = rng.integers(0, 40, 200)
    owner = np.repeat(np.arange(200), count)
    chance, reached = rng.random(len(owner)) ** 3, rng.integers(0, 20, 200)
    whole = poisson_binomial(chance, owner, reached)
    for cells in (1, 50, 1000):
        assert np.array_equal(poisson_binomial(chance, owner, reached, cells=cells), whole)
    assert (whole[reached == 0] == 1).all()
    assert (whole[reached > count] == 0).all()


def test_simes_is_the_definition() -> None:
    p = np.array([0.04, 0.3, 0.01, 0.02])
    owner = np.array([0, 0, 0, 1])
    # owner 0 pays for 5 tests: min(5 * .01 / 1, 5 * .04 / 2, 5 * .3 / 3); owner 1 for 10; owner 2 made none
    assert simes(p, owner, np.array([5, 10, 4])) == pytest.approx([0.05, 0.2, 1.0])


def test_simes_is_the_smallest_adjusted_p_of_benjamini_and_hochberg() -> None:
    from scipy.stats import false_discovery_control

    rng = np.random.default_rng(5)
    for size in (1, 2, 7, 60):
        p = rng.random(size) ** 3
        whole = simes(p, np.zeros(size, np.int64), np.array([size]))[0]
        assert whole == pytest.approx(false_discovery_control(p).min(), rel=1e-12)


def test_simes_counts_untested_as_one() -> None:
    rng = np.random.default_rng(6)
    p = rng.random(9) ** 2
    padded = np.concatenate((p, np.ones(16)))
    short = simes(p, np.zeros(9, np.int64), np.array([25]))
    assert short == pytest.approx(simes(padded, np.zeros(25, np.int64), np.array([25])))


def test_simes_holds_its_level_on_uniform_p() -> None:
    rng = np.random.default_rng(7)
    owner = np.repeat(np.arange(20_000), 5)
    whole = simes(rng.random(len(owner)), owner, np.full(20_000, 5))
    assert abs((whole <= 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 20_000)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_is_scipys(values: list[float]) -> None:
    from scipy.stats import false_discovery_control

    p = np.array(values)
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p), rel=1e-12, abs=1e-300)


def test_benjamini_hochberg_by_hand_and_with_a_larger_family() -> None:
    p = np.array([0.03, 0.001, 0.02])
    # ranks 3, 1, 2 of 3: .03, .003, .03
    assert benjamini_hochberg(p) == pytest.approx([0.03, 0.003, 0.03])
    padded = benjamini_hochberg(np.concatenate((p, np.ones(7))))[:3]
    assert benjamini_hochberg(p, 10) == pytest.approx(padded)
    assert benjamini_hochberg(p, 2) == pytest.approx([0.03, 0.003, 0.03])
    assert not len(benjamini_hochberg(np.zeros(0), 5))


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-280, 1), st.integers(-8, 8))
def test_digits_forgives_rounding_of_another_engine(value: float, steps: int) -> None:
    shown = digits(np.array([value]))[0]
    assert shown == pytest.approx(value, rel=1e-11)
    assert digits(np.array([shown]))[0] == pytest.approx(shown, rel=1e-15)
    assert float(f"{shown:.12g}") == pytest.approx(shown, rel=1e-15)


def test_digits_keeps_what_it_cannot_round() -> None:
    p = np.array([0.0, 1.0, 1e-300, 5e-324, 0.1 + 0.2])
    assert digits(p).tolist() == [0.0, 1.0, 1e-300, 5e-324, 0.3]
    assert digits(np.array([0.123456]), 4)[0] == 0.1235
