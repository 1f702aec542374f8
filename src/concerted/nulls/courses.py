"""The table `lineage`: every found group followed through the windows of the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.nulls import windows
from concerted.nulls.found import Grouped
from concerted.nulls.lineage import Step, follow
from concerted.nulls.log import DAY, Ints


def courses(
    names: pa.Array,
    grouped: Sequence[Grouped],
    tables: tuple[pa.Table, pa.Table, pa.Table],
    first: Ints,
    length: int,
    fdr: float,
    seed: int,
    times: int,
) -> pa.Table:
    """What became of each group, window by window, from the tables touches, ties and standings.

    `names` are all accounts, `first` the days since 1970 on which windows of `length` days begin. One window
    alone shows no course, and gives no rows.
    """
    rows: dict[str, list[Any]] = {name: [] for name in schema.TABLES["lineage"]}
    if not grouped or len(first) < 2:
        return schema.empty("lineage")
    touched = windows.touched(names, *tables)
    weekly = windows.weekly(touched, first, length, fdr)
    steps = follow(weekly, touched, len(names), seed, times)
    home = _homes(steps, grouped, len(names))
    title = _titles(home)
    for one in steps:
        start = int(first[one.window]) * DAY
        rows["lineage"].append(title[one.lineage])
        rows["cluster"].append(f"G{home[one.lineage] + 1}")
        rows["start"].append(start)
        rows["finish"].append(start + length * DAY)
        rows["event"].append(one.event)
        rows["accounts"].append(_named(names, one.part.members))
        rows["joined"].append(_named(names, np.setdiff1d(one.part.members, one.before)))
        rows["quit"].append(_named(names, np.setdiff1d(one.before, one.part.members)))
        rows["pairs"].append(one.part.ties)
        rows["other"].append(title[one.other] if one.other >= 0 else None)
        rows["support"].append(one.support)
    return schema.rows("lineage", **rows)


def _named(names: pa.Array, members: Ints) -> list[str]:
    listed: list[str] = names.take(pa.array(members, pa.int64())).to_pylist()
    return listed


def _homes(steps: list[Step], grouped: Sequence[Grouped], accounts: int) -> dict[int, int]:
    """Per lineage the group of the whole files in which most of its members are, over all windows."""
    label = np.full(accounts, len(grouped))
    for number, one in enumerate(grouped):
        label[one.members] = number
    votes: dict[int, Ints] = {}
    for step in steps:
        count = np.bincount(label[step.part.members], minlength=len(grouped) + 1)
        votes[step.lineage] = votes.get(step.lineage, np.zeros(len(grouped) + 1, np.int64)) + count
    return {lineage: int(vote[:-1].argmax()) for lineage, vote in votes.items()}


def _titles(home: dict[int, int]) -> dict[int, str]:
    seen: dict[int, int] = {}
    title = {}
    for lineage in sorted(home):
        seen[home[lineage]] = seen.get(home[lineage], 0) + 1
        title[lineage] = f"G{home[lineage] + 1}.{seen[home[lineage]]}"
    return title
