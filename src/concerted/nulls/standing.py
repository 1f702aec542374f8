"""Accounts judged over all cells of all traces: their p, their q, and which of three answers they get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concerted.nulls.cells import Cell
from concerted.nulls.log import Flags, Floats, Ints
from concerted.nulls.multiplicity import benjamini_hochberg, digits, simes
from concerted.nulls.rows import FEW_DAYS


@dataclass(frozen=True)
class Tested:
    """One cell of one trace, with the accounts of its pairs as codes."""

    trace: str
    a: Ints
    b: Ints
    cell: Cell


@dataclass(frozen=True)
class Standing:
    """Per account: p over all cells, before and after innocent causes, and the cell of its smallest p."""

    p: Floats
    p_before: Floats
    q: Floats
    q_before: Floats
    cell: Ints
    family: Ints
    found: Flags
    because: Ints
    paid: Flags


def standings(tested: list[Tested], budget: Ints, accounts: int, fdr: float) -> Standing:
    smallest = {"p": np.ones(accounts), "p_before": np.ones(accounts)}
    where = {"p": np.full(accounts, -1), "p_before": np.full(accounts, -1)}
    for number, one in enumerate(tested):
        owner = np.concatenate((one.a, one.b))
        for field in smallest:
            p = getattr(one.cell.tested, field)
            value = simes(np.concatenate((p, p)), owner, one.cell.partners.each)
            better = value < smallest[field]
            smallest[field][better] = value[better]
            where[field][better] = number
    paid = budget > 0
    adjusted, q = {}, {}
    for field, value in smallest.items():
        adjusted[field] = np.where(paid, digits(np.minimum(1.0, value * budget)), 1.0)
        q[field] = np.ones(accounts)
        q[field][paid] = digits(benjamini_hochberg(adjusted[field][paid]))
    found = paid & (q["p"] <= fdr)
    because = np.zeros(accounts, np.int64)
    for account in np.flatnonzero(paid & ~found & (q["p_before"] <= fdr)):
        because[account] = _cause(tested[where["p_before"][account]], int(account))
    cell = np.where(found | (where["p_before"] < 0), where["p"], where["p_before"])
    family = np.array(
        [tested[c].cell.partners.each[i] if c >= 0 else 0 for i, c in enumerate(cell)], dtype=np.int64
    )
    return Standing(
        adjusted["p"], adjusted["p_before"], q["p"], q["p_before"], cell, family, found, because, paid
    )


def _cause(one: Tested, account: int) -> int:
    """The innocent cause behind the account's smallest p before causes: that of its strongest pair.

    0 where none of its pairs has one: it passed only beside others whose p was smaller before causes.
    """
    mine = np.flatnonzero((one.a == account) | (one.b == account))
    result = one.cell.tested
    caused = mine[result.because[mine] > 0]
    if not len(caused):
        return 0
    return int(result.because[caused[np.argmin(result.p_before[caused])]])


def answers(standing: Standing, fdr: float) -> list[str]:
    """found, explained, unresolved or none, per account."""
    before = standing.paid & (standing.q_before <= fdr) & ~standing.found & (standing.because > 0)
    unresolved = before & (standing.because == FEW_DAYS)
    kinds = np.select([standing.found, unresolved, before], ["found", "unresolved", "explained"], "none")
    return [str(kind) for kind in kinds]
