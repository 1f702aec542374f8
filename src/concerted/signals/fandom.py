"""Signal: fans of one artist, club or show, who say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pyarrow as pa
import regex
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _lists as lists
from concerted.signals import _notes as common
from concerted.signals import _shared as behind
from concerted.table import Table
from concerted.traces.tokens import tag, tags_in

PROFILES = """
select distinct account, coalesce(name, '') || ' ' || coalesce(bio, '') as profile from accounts
where account in (select account from subjects) order by account, profile
"""
SHORTEST = 4  # letters from which a tag is looked for inside a word: "bts" is in "debts"


@dataclass(frozen=True)
class Fandom:
    """Fans who say that they are.

    What it sees
        Whether more than half of the things that members shared together carry one and the same tag, and
        more than half of the members call themselves fans of what the tag names in their profile (a list of
        words for fans, kept in the program with sources). Neither alone is a sign: a campaign carries one
        tag, too.

    Null model
        None: the values are the share of the things shared and the share of the members, each with its
        Wilson 95 % interval. It speaks where both lower ends are above one half.

    Innocent explanations
        It is one itself: fans wait for a song, a match or a broadcast and act at once, often by public
        agreement. A profile text can be written by anybody. Followers of a party or a cause are not fans
        here, whatever they call themselves.

    Example
        Ten accounts reshare the same posts of a singer within seconds of each other. All posts carry the
        singer's tag, and nine of ten profiles say "fan account".

    References
        Jenkins, Ford & Green 2013 (organised fans); Wilson 1927 (interval of a share).
    """

    name = "fandom"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` and `accounts` beside `posts`."""
        profiles: dict[str, list[str]] = {}
        bound = {"accounts": tables["accounts"], "subjects": Table("query", subjects)}
        for row in engine.query(PROFILES, bound).to_pylist():
            if lists.kind_of("fandom", row["profile"]):
                profiles.setdefault(row["account"], []).append(row["profile"].casefold())
        shared = behind.shared(subjects, tables, engine)
        rows = []
        for kind, subject, accounts in common.members(subjects):
            objects = shared.get((kind, subject), {})
            carried: Counter[str] = Counter()
            for acts in objects.values():
                used = Counter(one for act in acts for one in _tags(act))
                carried.update(one for one in used if 2 * used[one] > len(acts))
            if not carried:
                continue
            topic = min(carried, key=lambda one: (-carried[one], one))
            fans = sum(any(_named(topic, text) for text in profiles.get(one, ())) for one in accounts)
            if common.exceeds(carried[topic], len(objects), self.share) and common.exceeds(
                fans, len(accounts), self.share
            ):
                says = (
                    f"{carried[topic]:,} of {words.count(len(objects), 'thing')} shared together "
                    f"carry one tag, and {fans:,} of {words.count(len(accounts), 'member')} call themselves "
                    "fans of what it names: fans act at once when there is something new, often by public "
                    "agreement."
                )
                rows.append(common.against((kind, subject), self.name, carried[topic], len(objects), says))
        return common.table(rows)


def _tags(act: behind.Act) -> set[str]:
    return {tag(one) for one in act.tags or tags_in(act.text)} - {""}


def _named(topic: str, profile: str) -> bool:
    if len(topic) < SHORTEST:
        return topic in regex.findall(r"\w+", profile)
    return topic in regex.sub(r"[\s#'’_-]+", "", profile)
