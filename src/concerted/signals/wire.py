"""Signal: syndicated copy that many newsrooms carry at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _lists as lists
from concerted.signals import _notes as common
from concerted.signals import _shared as behind
from concerted.signals.publisher import registered
from concerted.table import Table

CARRIED = """
with wanted as (select distinct object from evidence where success and trace = 'text')
select distinct e.object, explode(p.urls) as url
from wanted join events e on e.trace = 'text' and e.object = wanted.object
join posts p on p.post = e.post and p.account = e.account
"""


@dataclass(frozen=True)
class Wire:
    """News copy that an agency or a syndicate hands to many.

    What it sees
        How many of the texts that members posted alike are credited to a news agency, in the form that
        agencies use (a list kept in the program, with sources), or were posted with links to three or more
        registered domains. Either counts only where at least as many accounts outside the findings posted
        the text as members did.

    Null model
        None: the value is the share of the texts, with its Wilson 95 % interval. It speaks where the lower
        end is above one half.

    Innocent explanations
        It is one itself: an agency's story reaches its customers in the same minute and their feeds post it
        under the agency's headline. Sites built to look like newspapers carry agency copy as well; that
        accounts outside post it too makes the copy genuine, not every site.

    Example
        Six regional newspapers post the same forty headlines within a minute of each other; dozens of other
        newspapers post them too, each with a link to its own site.

    References
        Associated Press, "News values and principles: byline"; Reuters, "Handbook of journalism"; Boumans,
        Trilling, Vliegenthart & Boomgaarden 2018 (agency copy in online news); Wilson 1927.
    """

    name = "wire"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)
    sites: Annotated[int, Meta(ge=2)] = option(
        3, "registered domains that make a text without credit a wire's"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` and `events` beside `posts`."""
        crowd = behind.outside(subjects, tables, engine)
        carried: dict[str, set[str]] = {}
        needed = {name: tables[name] for name in ("evidence", "events", "posts")}
        for row in engine.query(CARRIED, needed).to_pylist():
            carried.setdefault(row["object"], set()).add(registered(row["url"] or ""))
        rows = []
        for subject, texts in behind.shared(subjects, tables, engine, texts=True).items():
            public = {key: acts for key, acts in texts.items() if crowd[key] >= len(behind.accounts(acts))}
            credited = behind.kinds(public, lambda act: lists.kind_of("wire", act.text)).total()
            many = sum(
                len(carried.get(key[1], set()) - {""}) >= self.sites
                for key, acts in public.items()
                if not behind.kinds({key: acts}, lambda act: lists.kind_of("wire", act.text))
            )
            hits = credited + many
            if common.exceeds(hits, len(texts), self.share):
                says = (
                    f"{hits:,} of {words.count(len(texts), 'text')} posted alike are syndicated "
                    f"copy ({credited:,} credited to an agency, {many:,} with links to {self.sites} or more "
                    "sites), posted by as many or more accounts outside the findings: feeds carry "
                    "an agency's story in the same minute. Look who owns the sites."
                )
                rows.append(common.against(subject, self.name, hits, len(texts), says))
        return common.table(rows)
