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
select cast(floor(epoch_s(time) / 3600) as bigint) as hour, count(*) as posts
from posts where account not in (select account from subjects) group by hour order by hour
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
        which the accounts outside the findings were at least five times as busy as in their median hour. A
        surge that the accounts found make themselves is no event.

    Null model
        None: the value is how many times busier the others were than in their median hour with any post,
        with its 95 % interval (Poisson); the lower end must be at least five.

    Innocent explanations
        It is one itself: a match, a debate, an earthquake or a broadcast makes strangers act at once. What
        happens in a crowd that large is inside the null of the test already; the note tells a reader that
        there was one occasion only.

    Example
        Twelve accounts reshare the same nine posts within ten seconds of each other between 20:00 and 22:10
        UTC on the evening of a final, when everybody else posts 14 times as much an hour as usual.

    References
        Kulldorff 1997 (a surge in one window against the rest); Garwood 1936 (interval of a count).
    """

    name = "event"

    hours: Annotated[float, Meta(gt=0)] = option(6.0, "longest span of one event, in hours")
    surge: Annotated[float, Meta(gt=1)] = option(
        5.0, "how many times busier than their median hour the others are at least"
    )

    def notes(self, subjects: pa.Table, tables: Mapping[str, Table], engine: Engine) -> pa.Table:
        """At most one note per subject. Reads `evidence` beside `posts`."""
        bound = {"posts": tables["posts"], "subjects": Table("query", subjects)}
        hours = {row["hour"]: row["posts"] for row in engine.query(HOURS, bound).to_pylist()}
        usual = median(hours.values()) if hours else 0
        spans = engine.query(SPANS, {"evidence": tables["evidence"]}).to_pylist()
        span = {(row["kind"], row["subject"]): row for row in spans}
        rows: list[dict[str, Any]] = []
        for kind, subject, _ in common.members(subjects):
            seen = span.get((kind, subject))
            if seen is None or (seen["last"] - seen["first"]).total_seconds() > self.hours * 3600:
                continue
            first, last = (int(seen[end].timestamp() // 3600) for end in ("first", "last"))
            posts = sum(hours.get(hour, 0) for hour in range(first, last + 1))
            low, ratio, high = (
                (one / (last - first + 1) / usual for one in _counted(posts)) if usual else (0, 0, 0)
            )
            if low >= self.surge:
                rows.append(
                    {
                        "subject_kind": kind,
                        "subject": subject,
                        "signal": self.name,
                        "value": ratio,
                        "low": low,
                        "high": high,
                        "reference": "median hour of the accounts outside the findings",
                        "leans": "against",
                        "says": f"All of it happened from {words.utc(seen['first'])} to "
                        f"{words.utc(seen['last'])}, when the accounts outside the findings posted "
                        f"{ratio:.0f} times as much as in a usual hour: one event brings strangers "
                        "together too.",
                    }
                )
        return common.table(rows)


def _counted(count: int) -> tuple[float, float, float]:
    """A count with the 95 % interval of its expectation (Garwood 1936): lower end, count, upper end."""
    low, high = common.garwood(count)
    return low, float(count), high
