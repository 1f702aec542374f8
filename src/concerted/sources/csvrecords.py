"""CSV of any dialect, record by record, with the line each record begins on. No record is lost:
what does not fit the header comes out as spoiled."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from concerted.parallel import ahead
from concerted.sources import csvblocks
from concerted.sources.csvfeed import Feed
from concerted.sources.csvfile import Dialect
from concerted.sources.frame import Frame, Numbers, Spoiled, private, text_array
from concerted.sources.lines import TOO_LONG, Lines, Oversized

_NUL = "\x00"
_END = "\x01\n"
# Characters of a block that is parsed at once. One in which anything is odd is read again by fewer lines, and
# of these, those in which anything is odd record by record.
_AT_ONCE, _LINES = 1 << 20, 4_096
# A frame ends before its records hold more characters than this.
_BUDGET = 1 << 26
_SPOILED = 50_000


class _Block(NamedTuple):
    """Some records: the lines they begin on, their cells by column, how many characters they took, and what
    among them is no record."""

    rows: Numbers
    cells: list[pa.Array]
    weighs: int
    spoiled: tuple[Spoiled, ...] = ()


def frames(lines: Lines, dialect: Dialect, wanted: Iterable[str] | None, size: int) -> Iterator[Frame]:
    """The records after the header, `size` at a time, as text columns; `wanted` None gives all columns
    but private ones. A frame ends early where its records are long."""
    keep = {
        name: place
        for place, name in enumerate(dialect.header)
        if not private(name) and (wanted is None or name in wanted)
    }
    discreet = any(private(name) for name in dialect.header)
    feed = Feed(lines)
    spoiled: list[Spoiled] = []
    source = iter(feed)
    for _ in range(dialect.skipped):
        example = None if discreet else _printable(next(source).strip()[:80])
        spoiled.append(Spoiled(feed.begins, "line before the header", example))
        feed.done()
    next(dialect.reader(source), None)
    feed.done()
    waiting: list[_Block] = []
    count = weight = 0
    for block in ahead(_blocks(feed, dialect, discreet, list(keep.values()))):
        waiting.append(block)
        spoiled += block.spoiled
        count, weight = count + len(block.rows), weight + block.weighs
        while count >= size or weight >= _BUDGET or len(spoiled) >= _SPOILED:
            frame, left = _frame(waiting, keep, spoiled, size)
            yield frame
            waiting, count, weight = [left], len(left.rows), left.weighs
            spoiled.clear()
    if count or spoiled:
        yield _frame(waiting, keep, spoiled, size)[0]


def _frame(
    blocks: list[_Block], keep: Iterable[str], spoiled: Iterable[Spoiled], size: int
) -> tuple[Frame, _Block]:
    """The first `size` records of blocks as a frame, and the others."""
    rows = np.concatenate([np.array([], np.int64), *(block.rows for block in blocks)])
    columns = [
        pa.concat_arrays(list(cells)) for cells in zip(*(block.cells for block in blocks), strict=True)
    ] or [text_array([]) for _ in keep]
    left = [column.slice(size) for column in columns]
    frame = Frame(
        {name: column.slice(0, size) for name, column in zip(keep, columns, strict=True)},
        rows[:size],
        tuple(spoiled),
    )
    weighs = blocks[-1].weighs * len(rows[size:]) // max(1, len(blocks[-1].rows)) if blocks else 0
    return frame, _Block(rows[size:], left, weighs)


def _blocks(feed: Feed, dialect: Dialect, discreet: bool, places: list[int]) -> Iterator[_Block]:
    """All records, some thousand at a time."""
    while True:
        if not feed.given_back:
            text = feed.block(_AT_ONCE)
            begins, parsed = feed.begins, csvblocks.parse(text, dialect, places)
            feed.use(text, parsed)
            if parsed:
                yield _Block(parsed.before + begins, parsed.cells, parsed.used)
                continue
        lines = feed.take(_LINES)
        if not lines:
            return
        before, records, used = _sound(lines, dialect)
        rows = [feed.begins + one for one in before]
        feed.skip(lines, used)
        spoiled: list[Spoiled] = []
        if not used:
            until = feed.begins + len(lines)
            single = list(_records(feed, dialect, discreet, spoiled, until))
            rows, records = [row for row, _ in single], [cells for _, cells in single]
        cells = list(zip(*records, strict=True)) or [()] * len(dialect.header)
        columns = [text_array(cells[place]) for place in places]
        yield _Block(np.array(rows, np.int64), columns, sum(map(len, lines)), tuple(spoiled))


def _sound(lines: list[str], dialect: Dialect) -> tuple[list[int], list[list[str]], int]:
    """The records of lines in which all fit the header, the lines before each, and how many lines they use:
    the last record may go on in the next block. None, if anything at all is odd."""
    nothing: tuple[list[int], list[list[str]], int] = ([], [], 0)
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
    feed: Feed, dialect: Dialect, discreet: bool, spoiled: list[Spoiled], until: int
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
