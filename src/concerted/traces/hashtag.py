"""Who used which hashtag on which day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow.compute as pc

from concerted.engines import Engine
from concerted.table import Table
from concerted.traces import LADDER
from concerted.traces.seeds import SeedTags
from concerted.traces.work import Traced, Work


@dataclass(frozen=True)
class Hashtag(SeedTags):
    """Accounts that use the same hashtag on the same day.

    What it sees: the first time each account used a hashtag on each UTC day. `#A`, `#a`, `＃A` and `#a,`
    are one tag; accents and vowel signs are kept. Tags that the collection was searched by are left out,
    because everybody carries them; the report names them. Reshares are left out, because the reshare trace
    counts them.

    Null model: the times of the other accounts that used the same tag on that day, at the same distance
    from the day's first use; for tags that hardly anybody else used, the accounts' own promptness.

    Innocent explanations: a broadcast, a match, a conference or a protest, whose audience writes in the same
    minutes; a weekly tag game; an organisation that asked its members to post at noon.

    Example: fifteen accounts open the same new tag in the same minute on six days, before anybody else.

    References: Pacheco et al. 2021, "Uncovering coordinated networks on social media", ICWSM 15; Keller,
    Schoch, Stier and Yang 2020, Political Communication 37(2).
    """

    name: ClassVar[str] = "hashtag"
    horizons: ClassVar[tuple[tuple[int, int], ...]] = LADDER
    needs: ClassVar[tuple[str, ...]] = ("tags|text",)

    def events(self, posts: Table, engine: Engine) -> Traced:
        """First touches of (hashtag, UTC day)."""
        work = Work(self.name, posts, engine)
        rows = self.tags(work)
        marked = pc.binary_join_element_wise("#", rows["object"], "")
        rows = rows.drop_columns(["object", "label"]).append_column("object", marked)
        return work.finish([rows.append_column("label", marked)], daily=True)
