"""Signal: since when a group acts together, who came and went, what merged and what parted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.signals._matched import percent
from concerted.table import Table

SHOWN = 3  # pauses that are told by their date
Row = dict[str, Any]
ABSENT = ("dormant", "end")


@dataclass(frozen=True)
class Lineage:
    """Since when a group acts together, who came and went, what merged and what parted.

    What it sees
        The co-acts of every found pair are tested again in windows of four weeks, a new one every week, with
        the chances they had on the whole. Pairs that pass in a window are grouped as on the whole, and the
        groups of one window are matched with those before by their core: members weigh by their ties. Told
        are the windows in which a group is seen, how many members it has in them, who came and went, pauses,
        and where two parts became one or one became two.

    Null model
        In each window that of the ties themselves, at the false discovery rate of the run over all found
        pairs in all windows. The note describes and leans nowhere, since the ties count already. Merges and
        splits are told where at least `firm` of the resamples of the objects show them.

    Innocent explanations
        A project that gains and loses staff; a campaign with a beginning and an end; holidays; a fan club
        that two others join. A member missing in a window may have had too little to do in it, and a
        collection that was searched by other words from a day on looks like a change of the group; windows
        without any act of others are left out.

    Example
        "Seen acting together in 20 windows of 28 days, from 2024-01-08 to 2024-06-30: 5 accounts in the
        first, 12 at most, 9 in the last; 7 joined after the first and 3 of all were not among them in the
        last."

    References
        Palla, Barabási and Vicsek 2007; Greene, Doyle and Cunningham 2010 (matching of dynamic groups);
        Yekutieli 2008 (hierarchies of tests); Efron 1979 (resampling).
    """

    name = "lineage"

    firm: Annotated[float, Meta(gt=0, le=1)] = option(
        0.8, "share of resamples that must show a merge or split for it to be told, 0 to 1"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per group. Reads `lineage`."""
        asked = {subject for kind, subject, _ in common.members(subjects) if kind == "cluster"}
        courses: dict[str, list[Row]] = {}
        for row in tables["lineage"].rows():
            if row["cluster"] in asked:
                courses.setdefault(row["cluster"], []).append(row)
        return common.table([self._note(cluster, rows) for cluster, rows in sorted(courses.items())])

    def _note(self, cluster: str, rows: list[Row]) -> Row:
        seen = [row for row in rows if row["event"] not in ABSENT]
        there: dict[Any, set[str]] = {}
        for row in seen:
            there.setdefault(row["start"], set()).update(row["accounts"])
        says = [_span(seen, there), *self._turns(seen), *_pauses(rows, there)]
        return {
            "subject_kind": "cluster",
            "subject": cluster,
            "signal": self.name,
            "value": float(len(there)),
            "leans": "none",
            "says": " ".join(says),
        }

    def _turns(self, seen: list[Row]) -> list[str]:
        """Merges and splits that hold in enough resamples, and how many do not."""
        says, loose = [], 0
        for row in seen:
            if row["event"] not in ("merge", "split"):
                continue
            if (row["support"] or 0.0) < self.firm:
                loose += 1
                continue
            share = percent(row["support"])
            until = words.utc(row["finish"] - timedelta(days=1), "day")
            window = f"{words.utc(row['start'], 'day')} to {until}"
            size = words.count(len(row["accounts"]), "account")
            if row["event"] == "merge":
                says.append(
                    f"In the window {window} two parts that had acted apart first act as one, of {size} "
                    f"(so in {share} of resamples)."
                )
            else:
                says.append(
                    f"In the window {window} {size} first act apart from the rest of the group "
                    f"(so in {share} of resamples)."
                )
        if loose:
            says.append(
                f"{words.count(loose, 'further merge or split', 'further merges or splits')} would rest on "
                f"few objects: fewer than {percent(self.firm)} of resamples show so."
            )
        return says


def _span(seen: list[Row], there: dict[Any, set[str]]) -> str:
    starts = sorted(there)
    first, last = there[starts[0]], there[starts[-1]]
    length = (seen[0]["finish"] - seen[0]["start"]).days
    until = max(row["finish"] for row in seen) - timedelta(days=1)
    says = (
        f"Seen acting together in {words.count(len(starts), 'window')} of {words.count(length, 'day')}, from "
        f"{words.utc(starts[0], 'day')} to {words.utc(until, 'day')}"
    )
    if len(starts) == 1:
        return f"{says}: {words.count(len(first), 'account')}."
    ever = set().union(*there.values())
    parts = max(Counter(row["start"] for row in seen if row["event"] != "merge").values(), default=1)
    apart = f", in up to {parts} parts" if parts > 1 else ""
    if all(accounts == ever for accounts in there.values()):
        return f"{says}: the same {words.count(len(first), 'account')} in all of them{apart}."
    most = max(len(accounts) for accounts in there.values())
    moves = [f"{len(ever - first):,} joined after the first"] if ever - first else []
    moves += [f"{len(ever - last):,} of all were not among them in the last"] if ever - last else []
    return (
        f"{says}: {words.count(len(first), 'account')} in the first, {most:,} at most, {len(last):,} in the "
        f"last{apart}{'; ' if moves else ''}{' and '.join(moves)}."
    )


def _pauses(rows: list[Row], there: dict[Any, set[str]]) -> list[str]:
    """Windows without the group between windows with it, and after them."""
    breaks = sorted({row["start"] for row in rows if row["event"] == "dormant"} - there.keys())
    again = sorted(there)
    paused = [day for day in breaks if again[0] < day < again[-1]]
    says = []
    if paused:
        listed = ", ".join(words.utc(day, "day") for day in paused[:SHOWN])
        more = f" and {len(paused) - SHOWN:,} more" if len(paused) > SHOWN else ""
        says.append(f"Not seen in between from the windows of {listed}{more} on.")
    if any(day > again[-1] for day in breaks):
        says.append("Not seen after that, though the files go on.")
    if says:
        says.append("Members may have had too little to do in a window for it to show.")
    return says
