"""Signal: accounts of one organisation that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from concerted.table import Table

PROFILES = """
select distinct account, coalesce(name, '') || ' | ' || coalesce(bio, '') as profile,
       account in (select account from subjects) as inside
from accounts where coalesce(name, bio) is not null order by account, profile
"""
# a name goes on over spaces, hyphens and apostrophes, not over other punctuation
BREAK = regex.compile(r"[^\p{L}\p{M}\p{N}_@&\s'’.-]+|\.(?!\w)")
WORD = regex.compile(r"@?[\p{L}\p{M}\p{N}_]+|\|")
LONGEST = 4  # words that a name is looked for in


@dataclass(frozen=True)
class Organisation:
    """A newsroom, an office, a party or a club that says who it is.

    What it sees
        Whether more than half of the members' profiles present the account as an organisation's (a list of
        words such as "official account" or "newsroom", kept in the program with sources) and contain the
        same name: an @name, or two to four words in a row, that other profiles hardly ever contain. Neither
        the name nor the words are shown.

    Null model
        How often the name occurs in the profiles of accounts outside the findings: hypergeometric, paid for
        every name tried. It speaks where p is at most 0.01 and the lower end of the Wilson 95 % interval of
        the share of all members is above one half. Without 100 profiles outside it stays silent.

    Innocent explanations
        It is one itself: an organisation's accounts post its news together and hide nothing. Anybody can
        write a name into a profile, so look whether the organisation names the accounts as its own. Offices
        of one kind ("city of ...") can share words without being one. Names in scripts without spaces are
        found as @names only.

    Example
        Twelve accounts post the same links in the same minutes. Eleven profiles read "official account of"
        one railway; of 2,300 other profiles one names it (p = 4e-24).

    References
        Fisher 1922 (the test); Holm 1979 (why every name tried is paid for); Wilson 1927.
    """

    name = "organisation"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(
        common.MOST, "share of the members that the lower end of the interval must exceed"
    )
    level: Annotated[float, Meta(gt=0, lt=1)] = option(0.01, "p up to which a name counts as their own")
    others: Annotated[int, Meta(ge=1)] = option(100, "profiles outside the findings needed to compare with")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per group or set. Reads `accounts`."""
        inside: dict[str, set[str]] = {}
        elsewhere: dict[str, str] = {}
        bound = {"accounts": tables["accounts"], "subjects": Table("query", subjects)}
        for row in engine.query(PROFILES, bound).to_pylist():
            profile = row["profile"]
            if not row["inside"]:
                elsewhere[row["account"]] = f"{elsewhere.get(row['account'], '')} {_evened(profile)} "
            elif lists.kind_of("organisation", profile):
                rest = lists.without("organisation", profile, " | ")
                inside.setdefault(row["account"], set()).update(_names(_evened(rest)))
        if len(elsewhere) < self.others:
            return common.table([])
        rows = []
        for kind, subject, accounts in common.members(subjects):
            best = self._best(accounts, inside, elsewhere) if kind != "account" else None
            if best:
                hits, outside, p = best
                says = (
                    f"{hits:,} of {words.count(len(accounts), 'member')} present themselves as accounts of "
                    f"the same organisation, which {outside:,} of "
                    f"{words.count(len(elsewhere), 'other profile')} in the data name too "
                    f"(p = {words.small(p)}): an organisation's accounts post its news together and "
                    "hide nothing."
                )
                row = common.against((kind, subject), self.name, hits, len(accounts), says)
                rows.append({**row, "p": p, "reference": "profiles of accounts outside the findings"})
        return common.table(rows)

    def _best(
        self, accounts: list[str], inside: Mapping[str, set[str]], elsewhere: Mapping[str, str]
    ) -> tuple[int, int, float] | None:
        """Members with the name that is most their own, others with it, p; None where no name is."""
        own = [inside.get(account, set()) for account in accounts]
        # names that the same members have are one name; the longest stands for it
        tried: dict[tuple[int, ...], str] = {}
        for name in sorted(set().union(*own), key=lambda one: (-len(one), one)):
            holders = tuple(place for place, names in enumerate(own) if name in names)
            if common.exceeds(len(holders), len(accounts), self.share):
                tried.setdefault(holders, name)
        if not tried:
            return None
        from scipy.stats import hypergeom

        found = []
        for holders, name in tried.items():
            hits = len(holders)
            outside = sum(f" {name} " in text for text in elsewhere.values())
            chance = hypergeom.sf(hits - 1, len(elsewhere) + len(accounts), outside + hits, len(accounts))
            p = min(1.0, float(chance) * len(tried))
            if p <= self.level:
                found.append((p, -hits, outside))
        if not found:
            return None
        p, hits, outside = min(found)
        return -hits, outside, p


def _evened(profile: str) -> str:
    return " ".join(WORD.findall(BREAK.sub(" | ", lists.plain(profile).casefold())))


def _names(evened: str) -> Iterator[str]:
    for sentence in evened.split("|"):
        parts = sentence.split()
        yield from (part for part in parts if part.startswith("@"))
        for length in range(2, LONGEST + 1):
            for start in range(len(parts) - length + 1):
                yield " ".join(parts[start : start + length])
