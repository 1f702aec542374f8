"""CSV of any dialect, record by record, with the line each record begins on. No record is lost:
what does not fit the header comes out as spoiled."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pyarrow as pa

from concerted.sources.csvfile import Dialect
from concerted.sources.frame import Frame, Spoiled, private, text_array
from concerted.sources.lines import TOO_LONG, Oversized

_NUL = "\x00"
_END = "\x01\n"
# Lines are judged by the block; a block in which anything is odd is read again record by record.
_BLOCK, _CHARACTERS = 4_096, 1 << 22
# A frame ends before its records hold more characters than this.
_BUDGET = 1 << 26
_SPOILED = 50_000

Block = tuple[list[int], list[list[str]], int]


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

    def take(self, most: int) -> list[str]:
        """The next lines, as many as a block should hold; they count once `skip` says how many were used."""
        taken: list[str] = []
        size = 0
        for line in chain(iter(self._popped, None), self._lines):
            taken.append(line)
            size += len(line)
            if len(taken) >= most or size >= _CHARACTERS:
                break
        return taken

    def _popped(self) -> str | None:
        return self._back.popleft() if self._back else None

    def skip(self, lines: list[str], used: int) -> None:
        """The first `used` lines taken are dealt with; the others are read again."""
        self._back.extendleft(reversed(lines[used:]))
        self.begins += used

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
    but private ones. A frame ends early where its records are long."""
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
    next(dialect.reader(source), None)
    feed.done()
    rows: list[int] = []
    parts: list[list[pa.Array]] = [[] for _ in keep]
    weight = 0
    while True:
        begins, records, weighs = _block(feed, dialect, discreet, spoiled, size - len(rows))
        rows += begins
        if records:
            # at once, so that no more than a block of Python objects is alive
            cells = list(zip(*records, strict=True))
            for part, (place, _) in zip(parts, keep, strict=True):
                part.append(text_array(cells[place]))
        weight += weighs
        if not weighs or len(rows) >= size or weight >= _BUDGET or len(spoiled) >= _SPOILED:
            if rows or spoiled:
                columns = {
                    name: pa.concat_arrays(part) if part else text_array([])
                    for part, (_, name) in zip(parts, keep, strict=True)
                }
                yield Frame(columns, np.array(rows, np.int64), tuple(spoiled))
            if not weighs:
                return
            rows, parts, weight = [], [[] for _ in keep], 0
            spoiled.clear()


def _block(feed: _Feed, dialect: Dialect, discreet: bool, spoiled: list[Spoiled], most: int) -> Block:
    """The next records, at most so many: the lines they begin on, their cells, and how many characters were
    read for them, which is 0 at the end."""
    lines = feed.take(min(_BLOCK, most))
    weighs = sum(map(len, lines))
    begins, records, used = _sound(lines, dialect)
    if used or not lines:
        begins = [feed.begins + before for before in begins]
        feed.skip(lines, used)
        return begins, records, weighs
    feed.skip(lines, 0)
    single = list(_records(feed, dialect, discreet, spoiled, feed.begins + len(lines)))
    return [row for row, _ in single], [cells for _, cells in single], weighs


def _sound(lines: list[str], dialect: Dialect) -> Block:
    """The records of lines in which all fit the header, the lines before each, and how many lines they use:
    the last record may go on in the next block. None, if anything at all is odd."""
    nothing: Block = ([], [], 0)
    if _unclean("".join(lines)):
        return nothing
    width = len(dialect.header)
    begins: list[int] = []
    records: list[list[str]] = []
    used = 0
    # the line added at the end becomes a record of its own unless a quote is open before it
    reader = csv.reader(chain(lines, (_END,)), **dialect.keywords)
    try:
        for cells in reader:
            if reader.line_num > len(lines):
                break
            if len(cells) != width and cells:
                if len(cells) < width or any(cells[width:]):
                    return nothing
                cells = cells[:width]
            if cells:
                begins.append(used)
                records.append(cells)
            used = reader.line_num
    except csv.Error:
        return nothing
    return begins, records, used


def _records(
    feed: _Feed, dialect: Dialect, discreet: bool, spoiled: list[Spoiled], until: int
) -> Iterator[tuple[int, list[str]]]:
    """Records one by one up to that line, and what is none to `spoiled`."""
    width = len(dialect.header)
    reader = dialect.reader(iter(feed))
    while feed.begins < until:
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
        if any(isinstance(line, Oversized) for line in feed.current):
            reason = TOO_LONG
        elif len(feed.current) == 1 and len(feed.current[0]) > csv.field_size_limit():
            reason = f"a cell longer than {csv.field_size_limit():,} characters"
        example = None if discreet else "".join(feed.current)[:80].strip().replace(_NUL, "\\0")
        spoiled.append(Spoiled(feed.begins, reason, _printable(example)))
        if not _swallowed(feed.current, dialect):
            feed.done()
            continue
        feed.done_first()
        # what was given back is read by a new reader: the old one may be past its end
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
