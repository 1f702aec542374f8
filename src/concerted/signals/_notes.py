"""What all signals share: members by subject, an interval for a share, rows of notes."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import pyarrow as pa

from concerted import schema

Z = 1.959963984540054
MOST = 0.5  # an explanation has to cover more than half of what it explains
MOST_SAYS = "share of what was shared that the lower end of the interval must exceed"


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 where there is nothing to count."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = hits / total, Z * Z
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z / (1 + z2 / total) * sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    # where all or none hit, rounding may leave the share itself just outside
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def exceeds(hits: int, total: int, share: float = MOST) -> bool:
    """Whether the lower end of the interval of hits / total is above a share."""
    return wilson(hits, total)[0] > share


def garwood(count: int) -> tuple[float, float]:
    """The 95 % interval of a count's expectation (Garwood 1936)."""
    from scipy.special import gammaincinv

    low = float(gammaincinv(count, 0.025)) if count else 0.0
    return low, float(gammaincinv(count + 1, 0.975))


def members(subjects: pa.Table) -> Iterator[tuple[str, str, list[str]]]:
    """(subject_kind, subject, its accounts) in sorted order."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in subjects.to_pylist():
        found.setdefault((row["subject_kind"], row["subject"]), set()).add(row["account"])
    for kind, subject in sorted(found):
        yield kind, subject, sorted(found[kind, subject])


def against(subject: tuple[str, str], signal: str, hits: int, total: int, says: str) -> dict[str, Any]:
    """A row of notes that leans against: a share with its interval. `subject` is (subject_kind, subject)."""
    low, high = wilson(hits, total)
    return {
        "subject_kind": subject[0],
        "subject": subject[1],
        "signal": signal,
        "value": hits / total,
        "low": low,
        "high": high,
        "leans": "against",
        "says": says,
    }


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of notes; columns not given are null."""
    return pa.Table.from_pylist(rows, schema=schema.arrow("notes"))
