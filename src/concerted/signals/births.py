"""Signal: accounts opened together, more than others of the same files and time were."""

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
from concerted.signals._batches import file_rows
from concerted.signals._exact import Flags
from concerted.signals._judged import Row, Tested
from concerted.signals._members import Places
from concerted.signals._profiles import Profiles, by_opening_date, profiles
from concerted.signals._scan import BLOCK, DAY, Window, scan
from concerted.table import Table

PAID = ". The set was asked for that, too, and would not have been found without it"


@dataclass(frozen=True)
class Births(Tested):
    """Accounts that were opened at the same time.

    What it sees
        When the members of a group or set were opened: whether three or more of them were opened within one
        hour, day or week, and how many would be if members were drawn by lot from all accounts of the same
        files that were opened in those months. Of the files as a whole it lists surges (days on which many
        more accounts were opened than in the month before and after), and batches in which, besides,
        handles, profile texts or pictures are more alike than in the six weeks before and after.

    Null model
        Who is a member is shuffled among the accounts of the same platform that were opened in the same
        quarter of 90 days, so that a group that is merely younger than the crowd is no batch; p is that of
        the most crowded window (a scan statistic), paid for over all windows. Sets that were named by their
        opening date are left out; where a set would not have been found without it, it is told and not
        tested again. A surge is measured against the rate of the 30 days before and after, with the scatter
        that the file's other days show, and never counts for anything alone. A batch compares what is alike
        in the window with both sides of it (hypergeometric), paid for over all windows and forms.

    Innocent explanations
        Platforms grow in waves: a ban elsewhere, a change of owner, a television show or an election brings
        a whole country in one week. Classes, parties, staff trainings and events open accounts together.
        Exports of live posts hold many accounts opened in their last days. Dates rounded to months make
        everybody neighbours. Compare with accounts of the same country and time, if you can add such a file.

    Example
        "14 of 23 accounts were opened within 2 days of each other (2019-12-08 to 2019-12-09), where 0.6 would
        be if members were drawn by lot from these and 840 other accounts opened in those months, 8 of them
        just then (p = 2 × 10⁻⁷). A class, a campaign or a wave of newcomers is opened together, too."

    References
        Naus 1965; Kulldorff 1997 (scan statistics); Phipson and Smyth 2010 (permutation p); Clopper and
        Pearson 1934 (interval); Jones et al. 2019 and Cresci et al. 2015 (batches among bought followers).
    """

    name = "births"

    seed: Annotated[int, Meta(ge=0)] = option(1, "seed of the permutations")
    least: Annotated[int, Meta(ge=3)] = option(5, "members with a known opening date needed to ask")

    def asked(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> list[Row]:
        """One note per group and set of which a window can be tested; surges and batches of the files."""
        known = profiles(tables, engine)
        if not known.dated.any():
            return []
        # accounts that stand in no group and no set and were not asked about one by one
        places, (chosen, counted) = Places(known.names, subjects), by_opening_date(tables)
        others = places.others()
        rows: list[dict[str, Any]] = []
        for kind, subject, accounts in common.members(subjects):
            if kind == "account" or subject in chosen:
                continue
            row = self._row(known, places.marks(accounts) & known.dated, others, f"{kind} {subject}")
            if row is not None and subject in counted:
                # its q has paid for it
                row |= {"p": None, "leans": "for", "says": row["says"] + PAID}
            if row is not None:
                rows.append({"subject_kind": kind, "subject": subject, **row})
        return rows + file_rows(known, tables, engine, self.fdr)

    def _row(self, known: Profiles, members: Flags, others: Flags, subject: str) -> dict[str, Any] | None:
        if members.sum() < self.least:
            return None
        # groups may reach over platforms; each is tested on the one most of its members are on
        platform = int(np.bincount(known.platform[members]).argmax())
        near = (members | (others & known.dated)) & (known.platform == platform)
        rng = np.random.default_rng([self.seed, crc32(subject.encode())])
        found = scan(known.opened[near], members[near], rng)
        total = int((members & near).sum())
        if found is None or total < self.least:
            return None
        low, high = ratio(found)
        day = not (known.opened[near] % DAY).any()
        between = max(found.last - found.first, 0)
        apart = "on one day" if day and between < DAY else f"within {_span(between, day)} of each other"
        first, last = (words.utc(_time(moment), "day") for moment in (found.first, found.last))
        begin, end = found.start // BLOCK * BLOCK, (found.start + found.width - 1) // BLOCK * BLOCK + BLOCK
        crowd = near & ~members & (known.opened >= begin) & (known.opened < end)
        then = (known.opened >= found.first) & (known.opened <= found.last)
        when = first if first == last else f"{first} to {last}"
        return {
            "signal": self.name,
            "value": found.hits / max(found.expected, 1e-9),
            "low": low,
            "high": high,
            "p": found.p,
            "beyond": low > 1,
            "reference": f"{words.count(int(crowd.sum()), 'account')} of these files in no group "
            "or set, on the same platform, opened in the same quarter",
            "says": f"{found.hits} of {words.count(total, 'account')} were opened {apart} ({when}), where "
            f"{words.small(round(found.expected, 3))} would be if members were drawn by lot from these and "
            f"{words.count(int(crowd.sum()), 'other account')} opened in those months, "
            f"{int((crowd & then).sum()):,} of them just then (p = {words.small(found.p)})",
            "passed": ". A class, a campaign or a wave of newcomers is opened together, too.",
            "failed": ": chance explains that, with everything asked.",
        }


def ratio(found: Window) -> tuple[float, float]:
    """95 % interval of observed over expected, from that of the share (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    x, n = found.hits, found.members
    low = float(betaincinv(x, n - x + 1, 0.025)) if x else 0.0
    high = float(betaincinv(x + 1, n - x, 0.975)) if x < n else 1.0
    share = max(found.expected, 1e-9) / n
    return low / share, high / share


def _span(micros: int, day: bool) -> str:
    if day:
        return f"{micros // DAY + 1} days"
    return words.span(max(1, round(micros / 1e6)))


def _time(micros: int) -> Any:
    return np.datetime64(micros, "us").astype(object)
