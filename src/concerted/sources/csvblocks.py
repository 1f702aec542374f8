"""Blocks of a CSV parsed at once, where nothing in them is odd: as records parsed one by one, much faster."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.csvfile import Dialect
from concerted.sources.frame import Numbers

_BOM = b"\xef\xbb\xbf"
_END = "\x01"


class Parsed(NamedTuple):
    """Cells of the columns asked for, the lines before each record, and how many lines and characters are
    used: a record that a block does not end belongs to the next."""

    cells: list[pa.Array]
    before: Numbers
    lines: int
    used: int


def parse(text: str, dialect: Dialect, places: Sequence[int]) -> Parsed | None:
    """The records of whole lines; None where anything is odd that is to be judged record by record: bytes
    that are no text, records that do not fit the header, blank lines, line ends within lines, long cells.

    Both parsers take quotes for quotes at the same places, so records are the same where as many lines as
    there are were used up by records and the line ends inside their cells.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return None
    end = _whole(data, dialect.escaped)
    used = len(text) - len(data[end:].decode())
    data = data[:end] if data[end - 1 : end] in (b"\n", b"\r") else data[:end] + b"\n"
    if not end or not _plain(data, dialect):
        return None
    lines = _count(data, b"\n")
    cells = _cells(data, dialect, places)
    if cells is None:
        return None
    before = np.arange(len(cells[0]), dtype=np.int64)
    if len(before) != lines:
        every = _cells(data, dialect, range(len(dialect.header)))
        if every is None or max(_longest(cell) for cell in every) > csv.field_size_limit():
            return None
        inside = reduce(np.add, (_line_ends(cell) for cell in every))
        ends = np.cumsum(inside + 1)
        if ends[-1] != lines:
            return None
        before = ends - inside - 1
    return Parsed(cells if places else [], before, lines, used)


def _plain(data: bytes, dialect: Dialect) -> bool:
    """Whether nothing is in the lines for which records have to be looked at one by one."""
    if b"\x00" in data or data.startswith(_BOM):
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if dialect.escaped and (b"\\\n" in data or b"\\\r" in data):
        return False
    # two windows without a line end between them are less than the longest cell that is read
    window = csv.field_size_limit() // 2
    return all(data.find(b"\n", start, start + window) >= 0 for start in range(0, len(data), window))


def _whole(data: bytes, escaped: bool) -> int:
    """Where the last whole record ends, if quotes stand in pairs."""

    def odd(part: bytes) -> bool:
        if escaped:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")
        return _count(part, b'"') % 2 == 1

    end, cut = len(data), odd(data)
    while cut and end:
        at = data.rfind(b"\n", 0, end - 1) + 1
        cut, end = odd(data[at:end]) != cut, at
    return end


def _count(data: bytes, letter: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord(letter))) if data else 0


def _cells(data: bytes, dialect: Dialect, places: Sequence[int]) -> list[pa.Array] | None:
    """Columns of text; None where records do not fit the header or a quote is open at the end."""
    from pyarrow import csv as arrow

    names = [str(place) for place in range(len(dialect.header))]
    # at the end a record of its own, unless a quote is open before it
    ends = dialect.delimiter.join([_END] * len(names)) + "\n"
    wanted = [names[place] for place in places] or names[:1]
    try:
        table = arrow.read_csv(
            pa.BufferReader(data + ends.encode()),
            arrow.ReadOptions(use_threads=False, block_size=2 * len(data) + 1_000, column_names=names),
            arrow.ParseOptions(
                delimiter=dialect.delimiter,
                double_quote=not dialect.escaped,
                escape_char="\\" if dialect.escaped else False,
                newlines_in_values=True,
            ),
            arrow.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), include_columns=wanted
            ),
        )
    except pa.ArrowInvalid:
        return None
    cells = [table.column(name).combine_chunks() for name in wanted]
    if not all(len(cell) > 1 and cell[-1].as_py() == _END for cell in cells):
        return None
    return [cell.slice(0, len(cell) - 1) for cell in cells]


def _longest(cells: pa.Array) -> int:
    return pc.max(pc.binary_length(cells)).as_py() or 0


def _line_ends(cells: pa.Array) -> Numbers:
    found: Numbers = pc.count_substring(cells, "\n").to_numpy(zero_copy_only=False).astype(np.int64)
    return found
