"""Signal: the same words because they are quoted from a book that everybody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _lists as lists
from concerted.signals import _notes as common
from concerted.signals import _shared as behind
from concerted.table import Table

ELSEWHERE = """
with wanted as (select distinct object from evidence where success and trace = 'text')
select e.object, e.time from wanted join events e on e.trace = 'text' and e.object = wanted.object
where e.account not in (select account from subjects)
order by e.object, e.time
"""


@dataclass(frozen=True)
class Quotation:
    """Quoted scripture, proverbs, verses and songs.

    What it sees
        How many of the texts that members posted alike are quotations. A text is one where it names the
        verse (a list of forms, kept in the program with their sources), or where accounts outside the
        findings wrote it without each other: at least ten, over more than 30 days, more than 80 % of them
        more than a day after the one before.

    Null model
        None: the value is the share of the texts, with its Wilson 95 % interval. It speaks where the lower
        end is above one half.

    Innocent explanations
        It is one itself, for the words only: they are common property. That accounts quoted the same line
        within minutes is not explained, unless a calendar or an app hands it out that day.

    Example
        Four accounts post the same nine texts on the same mornings. All nine name chapter and verse.

    References
        Leskovec, Backstrom & Kleinberg 2009 (quoted phrases spread through time); Wilson 1927.
    """

    name = "quotation"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)
    accounts: Annotated[int, Meta(ge=3)] = option(10, "accounts outside that make a text common property")
    days: Annotated[float, Meta(gt=1)] = option(30.0, "days over which they must have written it")
    apart: Annotated[float, Meta(gt=0, lt=1)] = option(0.8, "share of the gaps that must be over a day")

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` and `events` beside `posts`."""
        bound = {
            **{name: tables[name] for name in ("evidence", "events")},
            "subjects": Table("query", subjects),
        }
        times: dict[str, list[datetime]] = {}
        for row in engine.query(ELSEWHERE, bound).to_pylist():
            times.setdefault(row["object"], []).append(row["time"])
        common_property = {key for key, some in times.items() if self._scattered(some)}
        rows = []
        for subject, texts in behind.shared(subjects, tables, engine, texts=True).items():
            verses = {key for key, acts in texts.items() if behind.kinds({key: acts}, _verse)}
            old = {key for key in texts if key[1] in common_property} - verses
            hits = len(verses) + len(old)
            if common.exceeds(hits, len(texts), self.share):
                says = (
                    f"{hits:,} of {words.count(len(texts), 'text')} posted alike are quotations "
                    f"({len(verses):,} name the verse, {len(old):,} were written on scattered days by "
                    f"{self.accounts} or more accounts outside the findings): their words are common "
                    "property. They explain the same words, not the same moment."
                )
                rows.append(common.against(subject, self.name, hits, len(texts), says))
        return common.table(rows)

    def _scattered(self, times: list[datetime]) -> bool:
        if len(times) < self.accounts or times[-1] - times[0] <= timedelta(days=self.days):
            return False
        far = sum(later - sooner > timedelta(days=1) for sooner, later in pairwise(times))
        return far > self.apart * (len(times) - 1)


def _verse(act: behind.Act) -> str | None:
    return lists.kind_of("scripture", act.text)
