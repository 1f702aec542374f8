"""Three answers, not two: causes raise p before the rate is controlled, and are told only where they did."""

from __future__ import annotations

import numpy as np
import pytest

from concerted.nulls import standing as judging
from concerted.nulls.cells import Cell
from concerted.nulls.density import Partners
from concerted.nulls.log import Ints
from concerted.nulls.rows import AUTOMATED, FEW_DAYS, FOLLOWS, TRIGGER, Rows, untested
from concerted.nulls.standing import Standing, answers, standings

NONE = np.zeros(0, np.int64)


def cell(
    pairs: dict[tuple[int, int], tuple[float, float, int]], each: Ints, window: int = 60
) -> judging.Tested:
    """One cell from (a, b) -> (p before, p after, cause)."""
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    result = untested(len(a))
    for place, (before, after, cause) in enumerate(pairs.values()):
        result.p_before[place], result.p[place], result.because[place] = before, after, cause
    rows = Rows(NONE, NONE, NONE)
    tested = Cell("anchored", window, result, Partners(each, 0, True), rows, np.zeros(0), np.zeros(0, bool))
    return judging.Tested("link", a, b, tested)


def told(standing: Standing) -> list[str]:
    return answers(standing, 0.05)


ONES = np.ones(10, np.int64)


def test_a_cause_that_raised_p_is_told() -> None:
    one = cell(
        {(0, 1): (1e-6, 1.0, FOLLOWS), (2, 3): (1e-6, 1.0, FEW_DAYS), (4, 5): (1e-6, 1e-6, 0),
         (6, 7): (1e-6, 0.4, TRIGGER), (8, 9): (0.5, 0.5, 0)},
        ONES,
    )  # fmt: skip
    standing = standings([one], ONES, 10, 0.05)
    assert told(standing) == [
        *["explained"] * 2, *["unresolved"] * 2, *["found"] * 2, *["explained"] * 2, *["none"] * 2
    ]  # fmt: skip
    assert standing.because.tolist() == [1, 1, 3, 3, 0, 0, 2, 2, 0, 0]


def test_a_cause_that_did_not_hide_the_account_is_not_told() -> None:
    """Account 4 follows 0, and is tied to 5 besides."""
    one = cell({(0, 4): (1e-9, 1.0, FOLLOWS), (4, 5): (1e-6, 1e-6, 0)}, ONES)
    standing = standings([one], ONES, 10, 0.05)
    assert told(standing)[4] == told(standing)[5] == "found"
    assert told(standing)[0] == "explained"
    assert standing.because[4] == 0


def test_whoever_passed_on_the_strength_of_others_has_no_cause() -> None:
    """Before causes 2 and 3 pass at .03 beside two smaller p; after them they are alone, at .06."""
    one = cell({(0, 1): (1e-6, 1.0, FOLLOWS), (2, 3): (0.012, 0.012, 0)}, ONES)
    standing = standings([one], ONES, 10, 0.05)
    assert standing.q_before[2] == pytest.approx(0.03)
    assert standing.q[2] == pytest.approx(0.06)
    assert told(standing)[:4] == ["explained", "explained", "none", "none"]
    assert standing.because[2] == 0


def test_the_best_cell_counts_and_all_are_paid_for() -> None:
    first = cell({(0, 1): (0.2, 0.2, 0)}, ONES, window=10)
    second = cell({(0, 1): (1e-3, 1e-3, 0)}, np.full(10, 4), window=60)
    budget = np.where(np.arange(10) < 2, 2, 0)
    standing = standings([first, second], budget, 10, 0.05)
    # Simes over 4 partners, times 2 cells, Benjamini-Hochberg over the two accounts that pay
    assert standing.p[:2] == pytest.approx([8e-3] * 2)
    assert standing.q[:2] == pytest.approx([8e-3] * 2)
    assert standing.cell.tolist()[:3] == [1, 1, -1]
    assert standing.family.tolist()[:3] == [4, 4, 0]
    assert standing.paid.tolist() == [True, True] + [False] * 8
    assert told(standing) == ["found"] * 2 + ["none"] * 8


def test_whoever_pays_for_nothing_is_never_found() -> None:
    standing = standings([cell({(0, 1): (1e-20, 1e-20, 0)}, ONES)], np.zeros(10, np.int64), 10, 0.05)
    assert told(standing) == ["none"] * 10


def test_labelled_accounts_stay_in_the_family() -> None:
    """Nobody is taken out of the count before the rate is controlled, so nobody else gains by it."""
    pairs = {(n, n + 1): (10.0 ** -(n + 2), 10.0 ** -(n + 2), 0) for n in range(0, 8, 2)}
    plain = standings([cell(pairs, ONES)], ONES, 10, 0.05)
    raised = {**pairs, (6, 7): (1e-8, 1.0, AUTOMATED)}
    other = standings([cell(raised, ONES)], ONES, 10, 0.05)
    assert (other.q[:6] >= plain.q[:6]).all()
    assert told(other)[6] == told(other)[7] == "explained"
    assert other.p[6] == 1
