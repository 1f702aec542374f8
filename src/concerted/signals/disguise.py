"""Signal: accounts that were something else before, or look grown by other means than being read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._breaks import breaks
from concerted.signals._dormancy import dormancy
from concerted.signals._exact import Flags, Floats, Ints
from concerted.signals._facts import Fact, compared
from concerted.signals._judged import Row, Tested
from concerted.signals._matched import Cohort, cells, interval, match
from concerted.signals._members import Places
from concerted.signals._profiles import Profiles, profiles
from concerted.signals._scan import scan
from concerted.signals._snapshots import changed, decades, steps
from concerted.table import Table

MANY = 1000  # followers, and accounts followed, from which on their balance is no accident
BALANCE = (0.8, 1.25)
DAY = 86400 * 1_000_000

INNOCENT = " People return, change telephones and names, and are quoted on television, too."


@dataclass(frozen=True)
class Disguise(Tested):
    """Accounts that changed their nature.

    What it sees
        How many members of a group or set were silent for half a year and then posted more than ever; changed
        their language or program from one week to the next; changed their handle or name; gained followers
        (or followed accounts) in steps, and lost them again; follow about as many as follow them, beyond a
        thousand; left their profile text empty; and whether several did so within one hour, day or week. Only
        counts of followers are used, never who they are. How many changed their hashtags or began to reshare,
        and how many posts they wrote per day of their life, is described and counts for nothing.

    Null model
        Accounts of the same files in no group and no set, alike in what the statistic depends on (platform,
        number of posts or observations, time covered, size, year of opening): who is a member is shuffled
        among them, which gives the exact chance of so many. Dates as in the signal births. What the acts that
        formed the group decide by themselves (hashtags, reshares, activity) is not tested.

    Innocent explanations
        People return after a year, learn a language, buy a telephone, marry and change their name, are quoted
        on television and gain followers in a day. Companies buy accounts lawfully. Platforms delete false
        followers of anybody. Archives without deleted posts show silence where posts were removed.

    Example
        "7 of 12 accounts fell silent for 180 days or more and then posted at least 3 times as much on the
        days they posted; of comparable accounts 4.2 % did (p = 2 × 10⁻⁶)."

    References
        Elmas et al. 2021 and 2023 (repurposed accounts); Fisher 1935 (exact test); Kulldorff 1997 (scan);
        Cresci et al. 2015 (bought followers).
    """

    name = "disguise"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations and intervals")
    least: Annotated[int, Meta(ge=3)] = option(5, "members of which a thing can be told needed to ask it")
    silent: Annotated[float, Meta(ge=30)] = option(180.0, "days without a post that are a long silence")
    times: Annotated[float, Meta(ge=1)] = option(3.0, "how many times as many posts a day follow it")
    step: Annotated[int, Meta(ge=1)] = option(100, "followers gained within a week that are a step, at least")
    step_share: Annotated[float, Meta(gt=0)] = option(0.25, "and at least this share of those there were")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """Notes on groups and sets, none on single accounts: what is told is how many of how many."""
        asked = [one for one in common.members(subjects) if one[0] != "account"]
        if not asked:
            return []
        known = profiles(tables, engine)
        rows: list[dict[str, Any]] = []
        for fact in self._facts(known, tables, engine):
            places = Places(fact.names, subjects)
            others = places.others()
            cohort = Cohort(others, fact.levels, fact.holds)
            for kind, subject, accounts in asked:
                about = {"subject_kind": kind, "subject": subject, "signal": self.name, "passed": INNOCENT}
                members = places.of(accounts)
                told = compared(fact, members, cohort, self.least)
                rows += [{**about, **told}] if told else []
                same = self._at_once(fact, members, others, f"{kind} {subject} {fact.did}")
                rows += [{**about, **same}] if same else []
        places, pace = Places(known.names, subjects), _posts_a_day(known)
        others = places.others() & (pace >= 0)
        for kind, subject, accounts in asked:
            told = self._pace(known, pace, places.of(accounts), others)
            rows += [{"subject_kind": kind, "subject": subject, "signal": self.name, **told}] if told else []
        return rows

    def _facts(self, known: Profiles, tables: Mapping[str, Table], engine: Engine) -> Iterator[Fact]:
        yield dormancy(tables, engine, self.silent, self.times)
        yield from breaks(tables, engine, self.seed)
        yield from changed(tables, engine)
        yield from steps(tables, engine, self.step, self.step_share)
        followers, has = known.counts("followers")
        following, both = known.counts("following")
        told = np.flatnonzero(has & both)
        if len(told):
            ratio = following / np.maximum(followers, 1)
            holds = (np.minimum(followers, following) > MANY) & (ratio >= BALANCE[0]) & (ratio <= BALANCE[1])
            size = decades(followers)
            yield Fact(
                names=known.names.take(pa.array(told)),
                holds=holds[told],
                levels=[cells(known.platform, size)[told], known.platform[told]],
                alike="platform and number of followers",
                did=f"follow about as many accounts as follow them, more than {MANY:,} each",
            )
        empty = np.fromiter((one is None for one in known.texts("bio")), bool, len(known))
        # a file that lacks profile texts would make its accounts look as if they had none
        if len(known) and not empty.all() and _carried("bio", tables):
            years = known.years()
            levels = [cells(known.platform, years), cells(known.platform, years // 3), known.platform]
            yield Fact(
                known.names, empty, levels, "platform and year of opening", "left their profile text empty"
            )

    def _at_once(self, fact: Fact, members: Ints, others: Flags, salt: str) -> dict[str, Any] | None:
        """Whether it happened to several members at once, compared with others to whom it happened."""
        total = int(fact.holds[members].sum())
        if fact.when is None or not fact.counts or total < self.least:
            return None
        mine = np.zeros(len(others), bool)
        mine[members] = True
        dated = fact.holds & (mine | others)
        rng = np.random.default_rng([self.seed, crc32(salt.encode())])
        found = scan(fact.when[dated], mine[dated], rng)
        if found is None:
            return None
        low, high = common.wilson(found.hits, total)
        first, last = (words.utc(_time(moment), "day") for moment in (found.first, found.last))
        return {
            "value": found.hits / total,
            "low": low,
            "high": high,
            "p": found.p,
            "beyond": low > found.expected / max(found.members, 1),
            "quiet": True,
            "reference": "accounts of these files in no group or set that did so in the same quarters",
            "says": f"{found.hits} of the {total} that {fact.did} did so at once ({first} to {last}), where "
            f"{words.small(round(found.expected, 3))} would be by chance (p = {words.small(found.p)}).",
        }

    def _pace(self, known: Profiles, pace: Floats, members: Ints, others: Flags) -> dict[str, Any] | None:
        """Posts per day of life: those found for what they post are busier anyway, so it is not tested."""
        members = members[pace[members] >= 0]
        if len(members) < self.least:
            return None
        mine = np.zeros(len(known), bool)
        mine[members] = True
        matched = match(mine, others, [cells(known.platform, known.years()), known.platform])
        if not matched.enough or matched.members.sum() < self.least:
            return None
        own, usual = pace[matched.members], float(np.median(pace[matched.others]))
        middle = float(np.median(own))
        low, high = interval(own, np.random.default_rng(self.seed), np.median)
        return {
            "value": middle,
            "low": low,
            "high": high,
            "reference": matched.reference("platform and year of opening"),
            "says": f"Half of the members have posted {words.small(middle)} times or more a day since they "
            f"were opened, half of comparable accounts {words.small(usual)} times.",
        }


def _posts_a_day(known: Profiles) -> Floats:
    """Posts per day of each account's life, -1 where it is not known."""
    posts, has = known.counts("posts")
    seen = np.asarray(pc.fill_null(known.table["seen"].cast(pa.int64()), 0), np.int64)
    told = has & known.dated & (seen > known.opened)
    return np.where(told, posts / np.maximum((seen - known.opened) / DAY, 1.0), -1.0)


def _carried(column: str, tables: Mapping[str, Table]) -> bool:
    """Whether every file has this column of profiles, or there is one file only."""
    files = tables["inputs"].rows() if "inputs" in tables else []
    carry = [any(one.startswith(f"{column}=") for one in row["columns"] or ()) for row in files]
    return len(files) < 2 or all(carry)


def _time(micros: int) -> Any:
    return np.datetime64(micros, "us").astype(object)
