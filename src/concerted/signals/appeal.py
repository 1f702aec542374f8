"""Signal: a public appeal asked for it, and others followed it too."""

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
from concerted.table import Table

NAMES = {
    "petition": "petition",
    "copy": "chain letter or request to copy",
    "draw": "prize draw",
    "campaign": "announced campaign",
}


@dataclass(frozen=True)
class Appeal:
    """Public appeals to repeat something, which others followed too.

    What it sees
        How many of the things that members shared together carry an appeal in the open: a petition to sign,
        a text that asks to be copied, a prize drawn among those who reshare, a campaign that announces its
        tag or its hour. The list of wordings is kept in the program, each with its source and date. A thing
        counts only where at least as many accounts outside the findings shared it as members did.

    Null model
        None: the value is the share of the things shared, with its Wilson 95 % interval. It speaks where the
        lower end is above one half.

    Innocent explanations
        It is one itself: people who follow one appeal do the same thing within hours. "Please reshare" alone
        is no sign, because operations write it as well. Who made the appeal, and whether it says so, is
        for the reader to look up; the note does not.

    Example
        Eight accounts reshare the same thirty posts in the same minutes. Twenty-eight offer a prize to those
        who follow and reshare, and hundreds of other accounts reshared each of them.

    References
        X, "Guidelines for promotions"; Wired 31 May 2012 (posts pledged to one moment); Snopes, "Copypasta";
        Wilson 1927 (interval of a share).
    """

    name = "appeal"

    share: Annotated[float, Meta(gt=0, lt=1)] = option(common.MOST, common.MOST_SAYS)

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` and `events` beside `posts`."""
        crowd = behind.outside(subjects, tables, engine)
        rows = []
        for subject, objects in behind.shared(subjects, tables, engine).items():
            public = {key: acts for key, acts in objects.items() if crowd[key] >= len(behind.accounts(acts))}
            found = behind.kinds(public, _kind)
            if common.exceeds(found.total(), len(objects), self.share):
                says = (
                    f"{found.total():,} of {words.count(len(objects), 'thing')} shared together "
                    f"carry a public appeal to do so ({behind.told(found, NAMES)}), which as many or more "
                    "accounts outside the findings followed: people who answer one appeal do the same thing "
                    "at about the same time. Look who made it."
                )
                rows.append(common.against(subject, self.name, found.total(), len(objects), says))
        return common.table(rows)


def _kind(act: behind.Act) -> str | None:
    return lists.kind_of("appeal", " ".join((act.text, *act.urls)))
