"""All cases in turn, and their figures in words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from concerted.evaluating.case import Case
from concerted.evaluating.folder import folders
from concerted.evaluating.measuring import figures, outcome
from concerted.evaluating.simulated import simulated
from concerted.stages import Progress, silent


def cases(data: Path | None, seeds: range = range(1, 2)) -> list[Case]:
    """The simulated cases, and those of a data folder."""
    found = list(simulated(seeds))
    if data is not None:
        found += folders(data)
    return found


def evaluate(
    data: Path | None = None, progress: Progress = silent, chosen: Iterable[Case] | None = None
) -> list[dict[str, Any]]:
    """Figures of every case, one dict each."""
    todo = list(cases(data) if chosen is None else chosen)
    result = []
    for number, case in enumerate(todo):
        progress(f"evaluate {case.name}", number, len(todo))
        result.append(figures(case, outcome(case.load())))
    return result


def in_words(rows: list[dict[str, Any]]) -> str:
    """A table for a person."""
    lines = ["case  planted  found  honest"]
    lines += [f"{row['case']}  {row['planted']}  {row['found']}  {row['honest']}" for row in rows]
    return "\n".join(lines)
