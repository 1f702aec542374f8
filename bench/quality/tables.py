"""What the parts of the page are made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
PLOTS = DOCS / "calibration"


def prose(text: str) -> list[str]:
    """A paragraph, and an empty line after it."""
    return [*textwrap.wrap(" ".join(text.split()), 108), ""]


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> list[str]:
    """A table of a page; the first column is words, the others figures."""
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "| --- |" + " ---: |" * (len(names) - 1)]
    return lines + ["| " + " | ".join(_cell(one) for one in row) + " |" for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def families(full: dict[str, Any], *kinds: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Cases of these kinds by family: real ones first, then simulated ones, by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in full["cases"].values():
        if row["kind"] in kinds:
            found.setdefault(row["family"], []).append(row)
    for name in sorted(found, key=lambda one: (found[one][0]["says"] != "simulated", one)):
        yield name, found[name]


def mean(values: list[float | None]) -> float | None:
    """Mean of the values there are; None without any."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def plot(name: str, svg: str) -> None:
    """Writes a plot beside the page."""
    (PLOTS / f"{name}.svg").write_text(svg, "utf-8", newline="\n")
