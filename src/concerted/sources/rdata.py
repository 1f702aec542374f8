"""R's own files (.rda, .RData, .rds): the data frame in them as an Arrow table, held whole in memory.

Columns are stored one after the other, so of a cut file no record is whole and it is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.errors import InputError, UnknownFormat
from concerted.sources.frame import Frame, private
from concerted.sources.packing import broken, unpacked
from concerted.sources.rvalues import (
    INTEGER,
    LIST,
    LOGICAL,
    NULL,
    PAIRS,
    REAL,
    STRINGS,
    Damaged,
    Value,
    read_values,
)

_SAVED = (b"RDX2\n", b"RDX3\n")
_OTHER = (b"RDA2\n", b"RDA3\n", b"RDB2\n", b"RDB3\n", b"RDX1\n")
_SINGLE = (b"X\n\x00\x00\x00\x02", b"X\n\x00\x00\x00\x03")
_MISSING = -(2**31)
_AGAIN = "save the data frame again from R, or as CSV"


class Held(NamedTuple):
    """The data frame of a file. `header` names all its columns, private ones and those that `unread` names
    too: these hold what is no column of texts, numbers, truth values, times or lists of texts. `guessed`:
    texts in no declared encoding were read as cp1252."""

    table: pa.Table
    header: tuple[str, ...]
    unread: tuple[str, ...]
    guessed: bool

    @property
    def told(self) -> list[str]:
        """What people must know about how it is written."""
        unread = [f"columns of other kinds are not read: {', '.join(self.unread)}"] if self.unread else []
        return [*unread, *(["cp1252, guessed: check accented letters"] if self.guessed else [])]


def is_rdata(first: bytes) -> bool:
    """Whether a file that begins so is R's."""
    return first.startswith((*_SAVED, *_OTHER, *_SINGLE))


def read(path: Path) -> Held:
    """The only data frame of an R file. Raises InputError where the file is cut or damaged or holds several
    data frames, UnknownFormat where it holds none or is written in a form other than XDR, R's usual one."""
    with unpacked(path) as stream:
        data = stream.read()
        cut = broken(stream)
    if cut:
        raise InputError(f"{path}: the R file is cut or damaged ({cut}): fetch it again")
    if data.startswith(_OTHER):
        raise UnknownFormat(f"{path}: an R file in an unusual form: save it with ascii = FALSE, or as CSV")
    try:
        value, guessed = read_values(data[5:] if data.startswith(_SAVED) else data)
        frames = _frames(value)
        if len(frames) != 1:
            names = ", ".join(name for name, _ in frames)
            told = f"holds several data frames ({names})" if frames else "holds no data frame"
            raise (InputError if frames else UnknownFormat)(
                f"{path}: the R file {told}: save the one with the posts in a file of its own"
            )
        return _held(frames[0][1], guessed)
    except Damaged as error:
        raise InputError(f"{path}: the R file cannot be read: {error}: {_AGAIN}") from None


def frames(held: Held, wanted: Iterable[str] | None, size: int) -> Iterator[Frame]:
    """The records, `size` at a time; `wanted` None gives all columns but private ones."""
    table = held.table
    keep = [name for name in table.column_names if wanted is None or name in wanted]
    for start in range(0, table.num_rows, size):
        part = table.slice(start, size)
        rows = np.arange(start + 1, start + 1 + part.num_rows, dtype=np.int64)
        yield Frame({name: part[name].combine_chunks() for name in keep}, rows)


def _frames(value: Value) -> list[tuple[str, Value]]:
    """Data frames among saved objects, or the one object saved alone."""
    found = value.data if value.kind == PAIRS else [("data", value)]
    return [(name, one) for name, one in found if one.kind == LIST and "data.frame" in one.strings("class")]


def _held(frame: Value, guessed: bool) -> Held:
    names = _unique(frame.strings("names"))
    if len(names) != len(frame.data):
        raise Damaged("its columns do not have a name each")
    columns: dict[str, pa.Array] = {}
    unread = []
    for name, value in zip(names, frame.data, strict=True):
        if private(name):
            continue
        column = _column(value)
        if column is None:
            unread.append(name)
        else:
            columns[name] = column
    if len({len(column) for column in columns.values()}) > 1:
        raise Damaged("its columns are not of the same length")
    return Held(pa.table(columns), tuple(names), tuple(unread), guessed)


def _unique(names: list[str | None]) -> list[str]:
    """R allows two columns of one name; the second is called name.2, as in a CSV."""
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        name = name or ""
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return made


def _column(value: Value) -> pa.Array | None:
    classes, data = value.strings("class"), value.data
    if value.kind == STRINGS:
        return pa.array(data, pa.string())
    if value.kind == LIST:
        return _lists(data)
    if value.kind not in (LOGICAL, INTEGER, REAL):
        return None
    if value.kind == REAL and "integer64" in classes:
        whole = data.view(np.int64)
        return pa.array(whole, mask=whole == np.iinfo(np.int64).min)
    missing = np.isnan(data) if value.kind == REAL else data == _MISSING
    # what stands for a missing float makes every sum warn
    data = np.where(missing, 0, data)
    if "factor" in classes:
        levels = value.strings("levels")
        if value.kind != INTEGER:
            raise Damaged("a factor is not made of whole numbers")
        codes = np.where(missing, 1, data).astype(np.int64) - 1
        if len(codes) and not (codes.min() >= 0 and codes.max() < max(1, len(levels))):
            raise Damaged("a factor has values without a level")
        return pa.array(levels or [None], pa.string()).take(pa.array(codes, mask=missing))
    if "POSIXct" in classes:
        return _moments(data, missing, 1e6)
    if "Date" in classes:
        return _moments(np.floor(data), missing, 86_400e6).cast(pa.date32())
    if value.kind == LOGICAL:
        return pa.array(data != 0, mask=missing)
    if value.kind == REAL and not missing.all() and _whole(data[~missing]):
        return pa.array(data.astype(np.int64), mask=missing)
    return pa.array(data, mask=missing)


def _moments(numbers: Any, missing: Any, unit: float) -> pa.Array:
    """Times counted from 1970 in units of so many microseconds; those out of all reach are missing."""
    with np.errstate(all="ignore"):
        micros = numbers.astype(float) * unit
    sound = np.isfinite(micros) & (np.abs(micros) < 1e17)
    whole = np.round(np.where(sound, micros, 0)).astype(np.int64)
    return pa.array(whole, mask=missing | ~sound).cast(schema.TIME)


def _whole(numbers: Any) -> bool:
    """R keeps whole numbers as floats; below 2**53 they are exact, above they may have been rounded."""
    return bool(
        (np.isfinite(numbers) & (np.abs(numbers) < 2**53)).all() and (numbers == np.floor(numbers)).all()
    )


def _lists(cells: list[Value]) -> pa.Array | None:
    """A column of lists, as those of hashtags; None where a cell holds anything but texts."""
    made: list[list[str] | None] = []
    for cell in cells:
        if cell.kind == STRINGS:
            made.append([text for text in cell.data if text is not None])
        elif cell.kind == NULL or (cell.kind == LOGICAL and bool((cell.data == _MISSING).all())):
            made.append([])
        else:
            return None
    return pa.array(made, pa.list_(pa.string()))
