"""Signal: the members hardly talk to anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from zlib import crc32

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._addressed import Addressed, addressed
from concerted.signals._exact import Flags, Floats
from concerted.signals._judged import Row, Tested
from concerted.signals._matched import Matched, cells, halvings, interval, match, one_in, percent
from concerted.table import Table


@dataclass(frozen=True)
class Deficit(Tested):
    """Accounts that talk to nobody outside their group.

    What it sees
        In how many of their own posts (reshares do not count) members of a group or set answer, quote or
        name an account outside it; and, where the files hold replies to them, how many of their own posts
        anybody else answered.

    Null model
        Accounts of the same files in no group and no set, on the same platform, with about as many own
        posts, begun in the same quarter: who is a member is shuffled among them. The share is counted anew
        for each shuffled group, and both must be low, the share addressed to anybody outside the group and
        the share addressed to anybody at all: a circle of friends that talks among itself has no deficit.

    Innocent explanations
        Publishers, alert services and declared bots post and do not talk; newcomers have nobody to talk to;
        hashtag games need no answers. Collections by keyword lack most replies. It is a weak sign: the Thai
        operation of 2020 talked more than the crowd, not less; a group without it is not the better for it.

    Example
        "The 18 accounts addressed somebody outside the group in 4 % of their own posts, comparable accounts
        in 28 % (p = 0.001)."

    References
        Phipson and Smyth 2010 (permutation p); Berger 1982 (tests that must all pass); Efron 1979
        (bootstrap).
    """

    name = "deficit"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations and of the interval")
    posts: Annotated[int, Meta(ge=1)] = option(5, "own posts an account needs to take part")
    least: Annotated[int, Meta(ge=3)] = option(5, "members with so many own posts needed to ask")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """At most one note on addressing and one on being answered per group and set."""
        known = addressed(tables, engine)
        if known is None:
            return []
        talkers = known.own >= self.posts
        others = talkers & ~known.marks(subjects["account"].to_pylist())
        levels = [
            cells(known.platform, halvings(known.own), known.quarter),
            cells(known.platform, halvings(known.own)),
            cells(known.platform, halvings(known.own) // 2),
        ]
        rows: list[dict[str, Any]] = []
        for kind, subject, accounts in common.members(subjects):
            whole = known.marks(accounts)
            if kind == "account" or (whole & talkers).sum() < self.least:
                continue
            matched = match(whole & talkers, others, levels)
            if not matched.enough or matched.members.sum() < self.least:
                continue
            rng = np.random.default_rng([self.seed, crc32(f"{kind} {subject}".encode())])
            said = [self._talks(known, matched, whole, rng)]
            # where nobody answered any member, the files may simply not hold the answers
            if known.answered[matched.members].any():
                said.append(self._answered(known, matched, rng))
            rows += [{"subject_kind": kind, "subject": subject, **row} for row in said]
        return rows

    def _talks(
        self, known: Addressed, matched: Matched, whole: Flags, rng: np.random.Generator
    ) -> dict[str, Any]:
        left = whole & ~matched.members  # those that are not compared are inside all the same

        def outside(inside: Flags) -> float:
            return float(known.outside(inside | left)[inside].sum())

        seen = outside(matched.members)
        p = one_in(lambda inside: outside(inside) <= seen + 1e-9, matched, rng, 999)
        p = max(p, matched.lower(known.any, rng))
        values = known.outside(whole)
        count = int(matched.members.sum())
        return self._row(
            values,
            matched,
            rng,
            p,
            f"The {words.count(count, 'account')} addressed somebody outside the group in "
            f"{percent(values[matched.members].mean())} of their own posts "
            f"({_reach(known, matched.members)}), comparable accounts in {percent(matched.expected(values))}",
        )

    def _answered(self, known: Addressed, matched: Matched, rng: np.random.Generator) -> dict[str, Any]:
        values = known.answered
        return self._row(
            values,
            matched,
            rng,
            matched.lower(values, rng),
            f"Somebody else answered {percent(values[matched.members].mean())} of the members' own posts in "
            f"these files, and {percent(matched.expected(values))} of those of comparable accounts",
        )

    def _row(
        self, values: Floats, matched: Matched, rng: np.random.Generator, p: float, says: str
    ) -> dict[str, Any]:
        own = values[matched.members]
        low, high = interval(own, rng)
        return {
            "signal": self.name,
            "value": float(own.mean()),
            "low": low,
            "high": high,
            "p": p,
            "beyond": high < matched.expected(values),
            "reference": matched.reference("platform, number of own posts and quarter of the first"),
            "says": f"{says} (p = {words.small(p)})",
            "passed": ". Publishers and alert services talk to nobody, either.",
            "failed": ": chance explains that, with everything asked.",
        }


def _reach(known: Addressed, members: Flags) -> str:
    return f"{words.small(float(np.mean(known.reached[members])))} different accounts per post"
