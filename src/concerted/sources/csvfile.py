"""How a CSV is written: its delimiter, its quoting, its header."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from concerted.sources.naming import shown

_DELIMITERS = ",\t;|"


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written. `skipped` lines stand before the header (0 usually)."""

    delimiter: str
    escaped: bool
    skipped: int
    header: tuple[str, ...]

    @property
    def keywords(self) -> dict[str, Any]:
        """The dialect in the words of the standard library."""
        if self.escaped:
            return {"delimiter": self.delimiter, "doublequote": False, "escapechar": "\\"}
        return {"delimiter": self.delimiter}

    @property
    def twice(self) -> tuple[str, ...]:
        """Columns that bear the name of another, as `text.2` stands for a second `text`."""
        parted = ((name, *name.rpartition(".")) for name in self.header)
        return tuple(name for name, own, _, number in parted if number.isdigit() and own in self.header)

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """A CSV reader of this dialect."""
        return csv.reader(lines, **self.keywords)


def find_dialect(lines: list[str]) -> Dialect | None:
    """The dialect of a CSV from its first lines, or None where they are no table.

    Every delimiter and both ways of quoting are tried; the one under which most records have the same
    number of cells, and most cells, wins.
    """
    best: tuple[float, int, bool, Dialect] | None = None
    lines = [line for line in lines if len(line) <= csv.field_size_limit()]
    for delimiter in _DELIMITERS:
        for escaped in (False, True):
            if escaped and not any('\\"' in line for line in lines):
                continue
            trial = Dialect(delimiter, escaped, 0, ())
            try:
                records = _numbered(trial, lines)
            except csv.Error:
                continue
            counts = Counter(len(cells) for _, cells in records[:-1] or records)
            if not counts:
                continue
            width, agree = max(counts.items(), key=lambda item: (item[1], item[0]))
            share = agree / sum(counts.values())
            if width < 2 or share < 0.5:
                continue
            found = _with_header(trial, records, width)
            if found and (best is None or (share, width, _strict(trial, lines)) > best[:3]):
                best = (share, width, _strict(trial, lines), found)
    return best[3] if best else None


def _strict(trial: Dialect, lines: list[str]) -> bool:
    """Whether quotes stand only where the dialect allows them; the last record may be cut."""
    try:
        deque(csv.reader(iter(lines), strict=True, **trial.keywords), maxlen=0)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return True


def _numbered(trial: Dialect, lines: list[str]) -> list[tuple[int, list[str]]]:
    """Records that are not blank, each with the number of lines before it."""
    numbered, before = [], 0
    reader = csv.reader(iter(lines), **trial.keywords)
    for cells in reader:
        if cells:
            numbered.append((before, cells))
        before = reader.line_num
    return numbered


def _with_header(trial: Dialect, records: list[tuple[int, list[str]]], width: int) -> Dialect | None:
    for place, (before, cells) in enumerate(records[:20]):
        # R writes row names without a name above them: the header is then one cell short
        short = len(cells) == width - 1 and place == 0 and all(cells)
        if len(cells) == width or short:
            header = ("", *cells) if short else tuple(cells)
            return Dialect(trial.delimiter, trial.escaped, before, _unique(header))
    return None


def _unique(header: Iterable[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names = []
    for raw in header:
        name = shown(raw.strip().lstrip("\ufeff"))
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return tuple(names)
