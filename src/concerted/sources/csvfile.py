"""CSV of any dialect, record by record, with the line each record begins on. No record is lost:
what does not fit the header comes out as spoiled."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from concerted.sources.frame import Frame, Spoiled, private, text_array

_DELIMITERS = ",\t;|"
_NUL = "\x00"


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

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """A CSV reader of this dialect."""
        return csv.reader(lines, **self.keywords)


def find_dialect(lines: list[str]) -> Dialect | None:
    """The dialect of a CSV from its first lines, or None where they are no table.

    Every delimiter and both ways of quoting are tried; the one under which most records have the same
    number of cells, and most cells, wins.
    """
    best: tuple[float, int, bool, Dialect] | None = None
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
        name = raw.strip().lstrip("\ufeff")
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return tuple(names)


class _Feed:
    """Lines for a CSV reader that remembers those of the current record and takes lines back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self.current: list[str] = []
        self.begins = 1
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        self.ended = False
        while True:
            while self._back:
                line = self._back.popleft()
                self.current.append(line)
                yield line
            for line in self._lines:
                self.current.append(line)
                yield line
                if self._back:
                    break
            else:
                self.ended = True
                return

    @property
    def given_back(self) -> bool:
        """Whether lines wait to be read again."""
        return bool(self._back)

    def done(self) -> None:
        """The lines of the current record are dealt with."""
        self.begins += len(self.current)
        self.current.clear()

    def done_first(self) -> None:
        """Only the first line of the current record is dealt with; the others are read again."""
        self._back.extendleft(reversed(self.current[1:]))
        self.begins += 1
        self.current.clear()


def frames(
    lines: Iterable[str], dialect: Dialect, wanted: Iterable[str] | None, size: int
) -> Iterator[Frame]:
    """The records after the header, `size` at a time, as text columns; `wanted` None gives all columns
    but private ones."""
    keep = [
        (place, name)
        for place, name in enumerate(dialect.header)
        if not private(name) and (wanted is None or name in wanted)
    ]
    discreet = any(private(name) for name in dialect.header)
    feed = _Feed(lines)
    spoiled: list[Spoiled] = []
    source = iter(feed)
    for _ in range(dialect.skipped):
        example = None if discreet else _printable(next(source).strip()[:80])
        spoiled.append(Spoiled(feed.begins, "line before the header", example))
        feed.done()
    reader = dialect.reader(source)
    next(reader, None)
    feed.done()
    records = _records(reader, feed, dialect, discreet, spoiled)
    while True:
        part = list(islice(records, size))
        if not part and not spoiled:
            return
        cells = list(zip(*(record for _, record in part), strict=True)) if part else []
        columns = {name: text_array(cells[place] if cells else []) for place, name in keep}
        yield Frame(columns, np.array([row for row, _ in part], np.int64), tuple(spoiled))
        spoiled.clear()
        if len(part) < size:
            return


def _records(
    reader: Iterator[list[str]], feed: _Feed, dialect: Dialect, discreet: bool, spoiled: list[Spoiled]
) -> Iterator[tuple[int, list[str]]]:
    width = len(dialect.header)
    while True:
        reason = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells, reason = [], "a quoted cell that never ends"
        if not cells and not reason:
            feed.done()
            continue
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if not reason and len(cells) != width:
            reason = "more cells than the header" if len(cells) > width else "fewer cells than the header"
        if not reason and feed.ended and _open_quote(feed.current, dialect):
            reason = "cut in the middle of a cell"
        if not reason:
            reason = _unclean("".join(cells))
        if not reason:
            yield feed.begins, cells
            feed.done()
            continue
        example = None if discreet else "".join(feed.current)[:80].strip().replace(_NUL, "\\0")
        spoiled.append(Spoiled(feed.begins, reason, _printable(example)))
        if not _swallowed(feed.current, dialect):
            feed.done()
            continue
        feed.done_first()
        if feed.ended and feed.given_back:
            # the reader is past its end: go on with a new one over the lines given back
            reader = dialect.reader(iter(feed))


def _open_quote(lines: list[str], dialect: Dialect) -> bool:
    text = "".join(lines)
    if dialect.escaped:
        text = text.replace("\\\\", "").replace('\\"', "")
    if text.count('"') % 2 == 0:
        return False
    # quotes inside unquoted cells are legal and may be odd in number: ask a strict reader
    try:
        list(csv.reader(lines, strict=True, **dialect.keywords))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _swallowed(lines: list[str], dialect: Dialect) -> bool:
    """Whether a broken record ate whole ones: read without its first line, records appear again."""
    if len(lines) < 2:
        return False
    try:
        again = [cells for cells in dialect.reader(iter(lines[1:])) if cells]
    except csv.Error:
        return True
    good = sum(len(cells) == len(dialect.header) for cells in again)
    return good > 0 and good * 2 >= len(again)


def _unclean(text: str) -> str:
    if _NUL in text:
        return "NUL byte in the record"
    if text.isascii():
        return ""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "bytes that are not in the file's encoding"
    return ""


def _printable(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode()
