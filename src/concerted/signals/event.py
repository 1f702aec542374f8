"""Signal: everything happened while the whole file was loud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta

from concerted import words
from concerted.engines import Engine
from concerted.settings import option
from concerted.signals import _notes as common
from concerted.table import Table

HOURS = """
select cast(floor(epoch(time) / 3600) as bigint) as hour, count(*) as posts
from posts group by hour order by hour
"""
SPANS = """
with touched as (
    select 'cluster' as kind, cluster as subject, time from evidence where success and cluster <> ''
    union all
    select 'set' as kind, cluster as subject, time from evidence where success and cluster <> ''
    union all
    select 'account' as kind, a as subject, time from evidence where success and cluster = ''
    union all
    select 'account' as kind, b as subject, time from evidence where success and cluster = ''
)
select kind, subject, min(time) as first, max(time) as last from touched group by kind, subject
"""


@dataclass(frozen=True)
class Event:
    """Everything happened within one short event.

    What it sees
        Whether all co-acts of a group, set or account fall within one span of at most six hours, during
        which the whole file was at least five times as busy as in its median hour.

    Null model
        None: the value is how many times busier the file was than in its median hour with any post.

    Innocent explanations
        It is one itself: a match, a debate, an earthquake or a broadcast makes strangers act at once. What
        happens in a crowd that large is inside the null of the test already; the note tells a reader that
        there was one occasion only.

    Example
        Twelve accounts reshare the same nine posts within ten seconds of each other between 20:00 and 22:10
        UTC on the evening of a final, when the file holds 14 times as many posts an hour as usual.

    References
        Kulldorff 1997 (a surge in one window against the rest).
    """

    name = "event"

    hours: Annotated[float, Meta(gt=0)] = option(6.0, "longest span of one event, in hours")
    surge: Annotated[float, Meta(gt=1)] = option(
        5.0, "how many times busier than the median hour the file is"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` beside `posts`."""
        hours = {r["hour"]: r["posts"] for r in engine.query(HOURS, {"posts": tables["posts"]}).to_pylist()}
        spans = engine.query(SPANS, {"evidence": tables["evidence"]}).to_pylist()
        span = {(row["kind"], row["subject"]): row for row in spans}
        rows: list[dict[str, Any]] = []
        for kind, subject, _ in common.members(subjects):
            seen = span.get((kind, subject))
            if seen is None or (seen["last"] - seen["first"]).total_seconds() > self.hours * 3600:
                continue
            first, last = (int(seen[end].timestamp() // 3600) for end in ("first", "last"))
            rate = sum(hours.get(hour, 0) for hour in range(first, last + 1)) / (last - first + 1)
            ratio = rate / median(hours.values())
            if ratio >= self.surge:
                rows.append(
                    {
                        "subject_kind": kind,
                        "subject": subject,
                        "signal": self.name,
                        "value": ratio,
                        "reference": "median hour of all posts read",
                        "leans": "against",
                        "says": f"All of it happened from {words.utc(seen['first'])} to "
                        f"{words.utc(seen['last'])}, when everybody in the data posted {ratio:.0f} times as "
                        "much as in a usual hour: one event brings strangers together too.",
                    }
                )
        return common.table(rows)
