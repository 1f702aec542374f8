"""What is true of some accounts and not of others, and whether it is of a group more than of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from concerted import words
from concerted.signals import _notes as common
from concerted.signals._exact import Flags, Ints
from concerted.signals._matched import Cohort, percent


@dataclass(frozen=True)
class Fact:
    """Something that holds of an account or not.

    `names` are the accounts of which it can be told, sorted; `holds` has one entry each, and so have the cell
    numbers of `levels`, the finest first, by which accounts are matched on `alike`. `did` goes into "5 of 12
    accounts {did}". A fact that does not `counts` is taken from the very acts that made the group, so it may
    describe and not be tested. `when` dates it in microseconds since 1970, where it has a date.
    """

    names: pa.Array
    holds: Flags
    levels: list[Ints]
    alike: str
    did: str
    counts: bool = True
    when: Ints | None = None


def compared(fact: Fact, members: Ints, others: Cohort, least: int) -> dict[str, Any] | None:
    """A note on how many members, given by place, it holds of, against matched others; None where too few can
    be told.

    Exact: labels permuted within strata (Fisher 1935, stratified).
    """
    if len(members) < least:
        return None
    rows, matched = others.match(members)
    total = int(matched.members.sum())
    if not matched.enough or total < least:
        return None
    holds = fact.holds[rows]
    hits, p = matched.share(holds)
    usual = matched.expected(holds)
    low, high = common.wilson(hits, total)
    end = f" (p = {words.small(p)})." if fact.counts else "."
    return {
        "value": hits / total,
        "low": low,
        "high": high,
        "p": p if fact.counts else None,
        "beyond": low > usual,
        # one account, or no more than elsewhere, tells nobody anything
        "quiet": hits < 2 or hits / total <= usual,
        "reference": matched.reference(fact.alike),
        "says": f"{hits} of {words.count(total, 'account')} {fact.did}; of comparable accounts "
        f"{percent(usual)} did{end}",
    }
