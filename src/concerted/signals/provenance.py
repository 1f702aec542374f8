"""Signal: where the things that members pushed first appear in the files, and who had them when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.nulls.tails import poisson_binomial
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._exact import chances
from concerted.signals._members import groups
from concerted.signals._orders import Orders, orders, pushed
from concerted.signals._passing import OUTSIDE, Listed, Passing, outside, passing, resolved
from concerted.table import Table

MOST = 2000  # things of one group looked at, those with most members
EARLIER = "They may all have it from an earlier source that these files do not hold."
SHARED = 8  # things a group and a list must share for their order to be tested


@dataclass(frozen=True)
class Provenance:
    """Where the things that members pushed first appear in the files, and who had them when.

    What it sees
        Texts, links and images that several members posted: whether a member or anybody else had them first
        in these files, and a timeline of those that most members pushed. Given a list of accounts or sites,
        such as state outlets, when these had them, and whether members were ahead of them or behind. Times of
        the same tick of the clock are in no order. A list only singles out accounts that are in the files
        anyway, and needs at least 100 accounts outside it.

    Null model
        Who comes first is described and leans nowhere. For the order of group and list over at least eight
        shared things, given who posted each thing: ahead, if its members were drawn at random from all who
        posted it, apart from the list (hypergeometric); behind, as if the whole group were one such account,
        since members that act together are late together. p is summed exactly over things
        (Poisson-binomial). It says something about order, nothing about who took it from whom.

    Innocent explanations
        Group and list take it from one earlier source that is not in these files; an outlet publishes
        elsewhere first; a file that holds the group's posts in full and a sample of all others makes the
        group look early.

    Example
        "Of 41 texts, links and images that at least 3 members posted, a member had 29 first in these files.
        Accounts or sites of the list had 12 of them, after members in 11 (p = 0.0004)."

    References
        Hong 2013 (Poisson-binomial); Fisher 1935 (hypergeometric); Wilson 1927 (interval).
    """

    name = "provenance"

    accounts: tuple[str, ...] = option(
        (), "a list to look for: accounts, as platform:id or handle, with commas"
    )
    sites: tuple[str, ...] = option((), "a list to look for: domains, such as example.org, with commas")
    label: str = option("the list", "what the list is called in sentences")
    least: Annotated[int, Meta(ge=2)] = option(3, "members that must have posted a thing to ask about it")
    timelines: Annotated[int, Meta(ge=0)] = option(5, "things with a timeline of their own, per group or set")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per group and set, one on each thing with a timeline; all lean none."""
        listed = resolved(self.accounts, self.sites, tables, engine)
        rows: list[dict[str, Any]] = []
        if (self.accounts or self.sites) and (free := outside(listed, tables, engine)) < OUTSIDE:
            rows.append(self._too_few(free))
            listed = Listed(frozenset(), frozenset())
        found = _found(tables)
        everybody: set[str] = set()
        shown: dict[tuple[str, str], None] = {}
        asked = list(groups(subjects, self.least))
        members = [accounts for _, _, accounts in asked]
        things = pushed(members, tables, engine, self.least, MOST)
        keys = list(zip(*(things[name].to_pylist() for name in ("trace", "object")), strict=True))
        start = 0
        for (kind, subject, accounts), mine in zip(
            asked, orders(members, things, listed, tables, engine), strict=True
        ):
            own = keys[start : start + len(mine.first)]
            start += len(mine.first)
            if own:
                rows.append({"subject_kind": kind, "subject": subject, **self._all(mine, bool(listed))})
            if kind != "set" or subject in found:
                everybody |= set(accounts)
                shown |= dict.fromkeys(own[: self.timelines])
        columns = {
            name: [key[place] for key in sorted(shown)] for place, name in enumerate(("trace", "object"))
        }
        things = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
        for way in passing(things, sorted(everybody), listed, tables, engine):
            about = {"subject_kind": "object", "subject": f"{way.trace} {way.object}"}
            rows.append({**about, **self._one(way)})
        return common.table(rows)

    def _too_few(self, free: int) -> dict[str, Any]:
        return {
            "subject_kind": "file",
            "subject": "",
            "signal": self.name,
            "leans": "none",
            "says": f"Nobody was looked for by {self.label}: only {words.count(free, 'account')} of these "
            f"files are not on it, and {OUTSIDE} are needed so that a list does not make the findings.",
        }

    def _all(self, mine: Orders, asked: bool) -> dict[str, Any]:
        # where nobody else ever had it, members had it first
        first, alone, of = int(mine.first.sum()), int(mine.alone.sum()), len(mine.first)
        low, high = common.wilson(first, of)
        beside = f", {alone} of them were posted by nobody else" if alone else ""
        number = words.count(of, "text, link or image", "texts, links and images")
        row = {
            "signal": self.name,
            "value": first / of,
            "low": low,
            "high": high,
            "leans": "none",
            "says": f"Of {number} that at least {self.least} members posted, a member had {first} first in "
            f"these files{beside}.",
        }
        if asked:
            told, p = self._order(mine)
            row |= {"says": f"{row['says']} {told}", "p": p}
        row["says"] = f"{row['says']} {EARLIER}"
        return row

    def _order(self, mine: Orders) -> tuple[str, float | None]:
        """Members against the list, over the things that both had, with p of the side that comes first."""
        known = mine.of(mine.ahead != 0)
        ahead, behind = int((known.ahead > 0).sum()), int((known.ahead < 0).sum())
        if not mine.both.any():
            return f"Beside the posts of members, {self.label} had none of them.", None
        says = (
            f"{self.label[:1].upper()}{self.label[1:]} had {int(mine.both.sum())} of them, after members in "
            f"{ahead} and before them in {behind}"
        )
        if ahead + behind < SHARED:
            return f"{says}; {SHARED} are needed to test the order.", None
        p = order_chance(known, max(ahead, behind), ahead >= behind)
        which = "ahead" if ahead >= behind else "behind"
        return f"{says} (p = {words.small(p)} for being {which} so often, given who posted what).", p

    def _one(self, way: Passing) -> dict[str, Any]:
        count, mine = len(way.accounts), int(way.members.sum())
        order = way.before(way.members, ~way.members)
        if way.members.all():
            who = "members alone posted it"
        elif order is None:
            who = "whether a member or anybody else had it first is within one tick of the clock"
        else:
            who = "a member had it first" if order else "somebody else had it first"
        said = ""
        if way.own:
            said = f"; it lies on a site of {self.label}"
        elif way.listed.any():
            when = way.before(way.members & ~way.listed, way.listed)
            place = {True: "after", False: "before", None: "at the same tick of the clock as"}[when]
            said = f"; {self.label} had it {place} members"
        return {
            "signal": self.name,
            "value": mine / count,
            "leans": "none",
            "says": f"{words.count(count, 'account')} posted it, {mine} of them members; {who} in these "
            f"files{said}. {EARLIER}",
        }


def _found(tables: Mapping[str, Table]) -> set[str]:
    """Sets that are found: those unresolved get no timelines, which would hold things against members."""
    return (
        {row["set"] for row in tables["sets"].rows() if row["answer"] == "found"}
        if "sets" in tables
        else set()
    )


def order_chance(mine: Orders, often: int, upper: bool) -> float:
    """P of being ahead of the list (behind it, without `upper`) in at least so many of these things.

    The chances err on the side of the group: ahead, members that act together are one draw and not many;
    behind, one draw is late more often than the first of many.
    """
    given = zip(mine.members.tolist(), mine.before.tolist(), mine.free.tolist(), strict=True)
    chance = [
        1 - float(chances(members, before, free)[0]) if upper else 1 - before / free
        for members, before, free in given
    ]
    return float(poisson_binomial(np.array(chance), np.zeros(len(chance), np.int64), np.array([often]))[0])
