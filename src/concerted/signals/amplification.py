"""Signal: how much of the early attention that a post, link or hashtag got came from the group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.nulls.log import Ints
from concerted.parallel import in_parallel
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._early import Early, early
from concerted.signals._exact import Flags, Floats
from concerted.signals._matched import interval, percent
from concerted.signals._members import Places, dice, groups
from concerted.signals._ranks import Rank, ranks
from concerted.table import Table


@dataclass(frozen=True)
class _Pushed:
    """A group or set, its accounts by place, what is said of all things, and the things told one by one."""

    about: dict[str, str]
    members: Ints
    row: dict[str, Any] | None
    things: list[int]


@dataclass(frozen=True)
class Amplification:
    """How much of the early attention for a post, link or hashtag came from the group.

    What it sees
        Of the accounts that shared something within its first hour (the first ten, where fewer did), how
        many are members; how it would have ranked among what began on the same day without them; and how
        many others took it up after the third member. Told of the things in which the group's share is the
        largest, and of all of them together.

    Null model
        None: it describes and counts neither for nor against. Beside it stands how many members would be
        expected if every account shared by its activity alone, each at most once. That is no test: friends,
        fans and colleagues share the same things more often than that, together or not. On things that the
        users of one hashtag of a conference shared, its p was at most 0.001 in 27 of 10,000, on those of
        random groups in 1 of 2,280. Whether members acted together is told by their ties. The rank without
        them is arithmetic; what a platform would then have recommended is not claimed.

    Innocent explanations
        A fan club with its idol, party staff with their party, a community with its own hashtag. A sample or
        a collection by keyword holds part of the attention only: where the platform says how often a post
        was reshared in all, the bounds for that whole are told.

    Example
        "Of the first 24 accounts that shared the link example.org/a, 18 are members (75 %, 95 % interval 55 %
        to 88 %); by activity alone 1.3 would be expected."

    References
        Wilson 1927 (interval of a share); Rubin 1981 (Bayesian bootstrap, for ranks); Efron 1979 (bootstrap).
    """

    name = "amplification"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the intervals of ranks")
    accounts: Annotated[int, Meta(ge=10)] = option(
        20, "accounts that must have shared a thing to ask about it"
    )
    outsiders: Annotated[int, Meta(ge=1)] = option(5, "of these, accounts outside the group")
    hour_s: Annotated[int, Meta(ge=60)] = option(3600, "length of the early time, in seconds")
    most: Annotated[int, Meta(ge=1)] = option(2, "things told one by one per group or set")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note on all things and `most` on single ones per group and set; all lean none."""
        known = early(tables, engine, self.accounts, self.hour_s)
        places = Places(known.names, subjects)

        def pushed(asked: tuple[str, str, list[str]]) -> _Pushed:
            kind, subject, accounts = asked
            members = places.of(accounts)
            row, things = self._pushed(known, members, dice(self.seed, kind, subject))
            return _Pushed({"subject_kind": kind, "subject": subject}, members, row, things)

        every = list(in_parallel(pushed, groups(subjects, 3)))
        asked = [(thing, one.members) for one in every for thing in one.things]
        ranked = iter(ranks(known, asked, self.seed))
        rows: list[dict[str, Any]] = []
        for one in every:
            told = [self._one(known, one.members, thing, next(ranked)) for thing in one.things]
            rows += [one.about | row for row in (one.row, *told) if row]
        return common.table(rows)

    def _pushed(
        self, known: Early, members: Ints, rng: np.random.Generator
    ) -> tuple[dict[str, Any] | None, list[int]]:
        """What is said of all things that members shared, and the things to be told of one by one."""
        mine = known.by(members)
        things, at = np.unique(known.object[mine], return_inverse=True)
        total, crowd = np.bincount(at), known.crowd[things]
        pushed = (crowd >= self.accounts) & (total >= 3)
        asked = pushed & (crowd - total >= self.outsiders)
        if not asked.any():
            return (self._silent(int(pushed.sum())) if pushed.any() else None), []
        hits = np.bincount(at[known.first[mine]], minlength=len(things))[asked]
        places, taking = things[asked], known.taking[things[asked]]
        lows = np.array(
            [common.wilson(*pair)[0] for pair in zip(hits.tolist(), taking.tolist(), strict=True)]
        )
        order = places[np.lexsort((places, -hits, -lows))]
        shares = hits / taking
        return self._all(shares, len(mine) / len(known.account), rng), order[: self.most].tolist()

    def _silent(self, number: int) -> dict[str, Any]:
        return {
            "signal": self.name,
            "leans": "none",
            "says": "Hardly any accounts outside the group shared what it shared in these files, "
            f"{words.count(number, 'post, link or tag', 'posts, links and tags')}: how much of the attention "
            "came from it cannot be told.",
        }

    def _all(self, shares: Floats, elsewhere: float, rng: np.random.Generator) -> dict[str, Any]:
        low, high = interval(shares, rng)
        return {
            "signal": self.name,
            "value": float(shares.mean()),
            "low": low,
            "high": high,
            "leans": "none",
            "says": f"Members are {percent(float(shares.mean()))} of the early accounts on average (95 % "
            f"interval {percent(low)} to {percent(high)}) over {words.count(len(shares), 'thing')} that "
            f"{self.accounts} accounts or more shared, some of them members; of all sharing in these files "
            f"{percent(elsewhere)} is theirs.",
        }

    def _one(self, known: Early, members: Ints, place: int, rank: Rank | None) -> dict[str, Any]:
        rows = known.of(place)
        mine = np.isin(known.account[rows], members)
        head = known.first[rows]
        taking, hits = int(head.sum()), int((head & mine).sum())
        low, high = common.wilson(hits, taking)
        expected = float(known.chances(place, taking, members).sum())
        third = np.flatnonzero(mine)[2]
        after = int((~mine[third + 1 :]).sum())
        return {
            "signal": self.name,
            "value": hits / taking,
            "low": low,
            "high": high,
            "reference": f"{words.count(len(mine) - int(mine.sum()), 'account')} outside the group that "
            "shared it",
            "leans": "none",
            "says": f"Of the first {taking} accounts that shared {known.says(place)}, {hits} are members "
            f"({percent(hits / taking)}, 95 % interval {percent(low)} to {percent(high)}); by activity alone "
            f"{words.small(round(expected, 2))} would be expected{self._ranked(rank)}. "
            f"Others that came after the third member: {after:,} of "
            f"{words.count(len(mine) - third - 1, 'account')}{self._whole(known, place, mine)}.",
        }

    def _ranked(self, rank: Rank | None) -> str:
        """The rank by early accounts among what began that day, with and without members."""
        if rank is None:
            return ""
        return (
            f". By accounts in its first {words.span(self.hour_s)} it was number {rank.whole:,} of "
            f"{rank.of:,} that began that day, and without members number {rank.without:,} "
            f"(95 % interval {rank.low:,} to {rank.high:,})"
        )

    def _whole(self, known: Early, place: int, mine: Flags) -> str:
        """Bounds for the share of all reshares, where the platform tells how many there were."""
        told, seen, hits = known.told[place], len(mine), int(mine.sum())
        if not told > seen:
            return ""
        return (
            f". The platform counts {int(told):,} reshares, these files hold {seen:,}: members made between "
            f"{percent(hits / told)} and {percent((hits + told - seen) / told)} of all"
        )
