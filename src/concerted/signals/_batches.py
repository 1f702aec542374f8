"""What the profiles of whole files say about openings: surges, and batches that are alike besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from concerted import words
from concerted.engines import Engine
from concerted.signals._alike import Alike, alike
from concerted.signals._exact import Flags, Floats, Ints, tail
from concerted.signals._profiles import Profiles
from concerted.signals._surge import WIDTHS, Surge, apart, surges
from concerted.table import Table

DAY = 86400 * 1_000_000
SIDES = {45: "45 days", 366: "year"}  # before and after a window that it is compared with; the next if few
FEWEST = 20  # accounts a window, and each side that there is, must hold
TWICE = 2.0  # a window holds at least this many times its usual number
COMMON = 5  # accounts of window and sides that must have a thing alike for it to be tested
TOLD = 3  # surges, and batches, that are told of one platform

BEGIN = """
select min(time) as begun
from (select time, row_number() over (order by time) as n, count(*) over () as posts from posts
      where time is not null) as ranked
where n >= 0.05 * posts
"""


@dataclass(frozen=True)
class Batch:
    """Accounts opened in [start, start + days) of which `hits` of `size` have one thing alike.

    `usual` is the share that has it nearby, 0 to 1. `p` is paid for over all windows and things.
    """

    start: int
    days: int
    hits: int
    size: int
    usual: float
    p: float
    what: str
    near: int
    reach: int


def file_rows(
    known: Profiles, tables: Mapping[str, Table], engine: Engine, fdr: float
) -> list[dict[str, Any]]:
    """Rows on the files as a whole, per platform: batches are tested, surges lean nowhere."""
    subject = _subject(tables)
    begun = (
        engine.query(BEGIN, {"posts": tables["posts"]}).to_pylist()[0]["begun"] if "posts" in tables else None
    )
    fresh = None if begun is None else int(begun.timestamp() // 86400)
    things = alike(known)
    rows: list[dict[str, Any]] = []
    for platform in np.unique(known.platform[known.dated]).tolist():
        here = np.flatnonzero(known.dated & (known.platform == platform))
        days = known.opened[here] // DAY
        found = batches(days, [Alike(one.kind, one.code[here], one.what) for one in things], fdr)
        rows += [_batch_row(subject, one) for one in found[:TOLD]]
        if not found and next(_windows(days), None):
            # looked for and not found is a test all the same
            rows.append({**_about(subject), "p": 1.0, "paid": True, "quiet": True})
        seen = surges(days, fdr)
        rows += [_surge_row(subject, one, fresh) for one in seen[:TOLD]]
        if len(seen) > TOLD:
            rows.append(_more(subject, len(seen) - TOLD))
    return rows


def batches(days: Ints, things: list[Alike], fdr: float) -> list[Batch]:
    """Windows of 1, 3 and 7 days in which a thing is alike more than on both sides, smallest p first.

    `days` holds the opening day of each account. Tested are windows with 20 accounts and twice their usual
    number, and in each every thing that five accounts of window and sides have: neither looks at what is
    tested. p is hypergeometric against the side that is less unlike, since handles that platforms propose
    change from one month to the next; times all tests made (Bonferroni). Windows that overlap are told once.
    """
    tests = 0
    found: list[Batch] = []
    for start, width in _windows(days):
        inside = (days >= start) & (days < start + width)
        reach, sides = _sides(days, start, width)
        if not sides:
            continue
        around = inside | np.logical_or.reduce(sides)
        for one in things:
            codes = one.code[around]
            count = np.bincount(codes[codes >= 0])
            kept = np.flatnonzero(count >= COMMON)
            tests += len(kept)
            if not len(kept):
                continue
            has = one.code >= 0
            hits, size = (
                np.bincount(one.code[inside & has], minlength=len(count))[kept],
                int((inside & has).sum()),
            )
            p = np.zeros(len(kept))
            others, of = np.zeros(len(kept)), 0
            for side in sides:
                beside = np.bincount(one.code[side & has], minlength=len(count))[kept]
                total = int((side & has).sum())
                p = np.maximum(p, tail(hits, hits + beside, size, size + total))
                others, of = others + beside, of + total
            best = int(np.argmin(p))
            found.append(
                Batch(
                    start,
                    width,
                    int(hits[best]),
                    size,
                    float(others[best] / max(of, 1)),
                    float(p[best]),
                    one.what(int(kept[best])),
                    of,
                    reach,
                )
            )
    paid = sorted(
        (one for one in found if one.p * tests <= fdr), key=lambda one: (one.p, one.start, one.days)
    )
    told = apart(paid)
    return [Batch(**{**vars(one), "p": one.p * tests}) for one in told]


def _sides(days: Ints, start: int, width: int) -> tuple[int, list[Flags]]:
    """Accounts opened before a window and after it, each where there are enough, and in how many days."""
    for reach in SIDES:
        sides = [
            (days >= start - reach) & (days < start),
            (days >= start + width) & (days < start + width + reach),
        ]
        if sides := [side for side in sides if side.sum() >= FEWEST]:
            break
    return reach, sides


def _windows(days: Ints) -> Iterator[tuple[int, int]]:
    """(first day, days) of windows with enough accounts and at least twice their usual number."""
    if not len(days):
        return
    first = int(days.min())
    count = np.bincount(days - first)
    total: Floats = np.concatenate(([0.0], np.cumsum(count)))

    def between(low: Ints, high: Ints) -> Floats:
        low, high = np.clip(low, 0, len(count)), np.clip(high, 0, len(count))
        return total[high] - total[low]

    near_by = min(SIDES)
    for width in WIDTHS:
        start = np.arange(max(0, len(count) - width + 1))
        held = between(start, start + width)
        near = between(start - near_by, start) + between(start + width, start + width + near_by)
        reach = np.minimum(start, near_by) + np.minimum(np.maximum(len(count) - start - width, 0), near_by)
        usual = near / np.maximum(reach, 1) * width
        for place in np.flatnonzero((held >= FEWEST) & (held >= TWICE * usual)):
            yield int(start[place]) + first, width


def _subject(tables: Mapping[str, Table]) -> str:
    files = sorted(row["file"] for row in tables["inputs"].rows()) if "inputs" in tables else []
    return files[0] if len(files) == 1 else "all files"


def _about(subject: str) -> dict[str, Any]:
    return {"subject_kind": "file", "subject": subject, "signal": "births"}


def _dates(start: int, days: int) -> str:
    first, last = np.datetime64(start, "D"), np.datetime64(start + days - 1, "D")
    return f"on {first}" if days == 1 else f"from {first} to {last}"


def _batch_row(subject: str, one: Batch) -> dict[str, Any]:
    from concerted.signals._notes import wilson

    low, high = wilson(one.hits, one.size)
    return {
        **_about(subject),
        "value": one.hits / one.size,
        "low": low,
        "high": high,
        "p": one.p,
        "paid": True,
        "beyond": low > one.usual,
        "reference": f"{words.count(one.near, 'account')} opened in the {SIDES[one.reach]} before and after",
        "says": f"Of {words.count(one.size, 'account')} opened {_dates(one.start, one.days)}, "
        f"{one.hits} {one.what}; "
        f"of those opened in the {SIDES[one.reach]} before and after {100 * one.usual:.0f} % do "
        f"(p = {words.small(one.p)}, all windows and forms paid for). Accounts made in one go look like "
        "this; so do a class or a campaign to join with a rule for names.",
    }


def _surge_row(subject: str, one: Surge, begun: int | None) -> dict[str, Any]:
    live = begun is not None and one.start + one.days > begun - 7
    caveat = (
        " They were opened while these posts were collected, or just before: live collections hold many "
        "new accounts."
        if live
        else " A wave of newcomers to the platform looks the same."
    )
    return {
        **_about(subject),
        "value": one.hits / one.expected,
        "low": one.low,
        "high": one.high,
        "p": one.p,
        "q": one.q,
        "reference": "accounts of these files opened in the 30 days before and after",
        "leans": "none",
        "says": f"{one.hits} accounts were opened {_dates(one.start, one.days)}, where the 30 days before "
        f"and after make {words.small(round(one.expected, 2))} usual (q = {words.small(one.q)}).{caveat}",
    }


def _more(subject: str, count: int) -> dict[str, Any]:
    return {
        **_about(subject),
        "value": float(count),
        "leans": "none",
        "says": f"{words.count(count, 'more surge')} of openings in these files, less "
        "marked than those listed.",
    }
