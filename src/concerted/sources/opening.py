"""Opens one input file: what it is, how it is written, its columns, and its records frame by frame."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from concerted.errors import InputError, UnknownFormat
from concerted.sources import activity, csvfile, csvrecords, document, jsonfile, parquetfile, rdata
from concerted.sources.csvfile import Dialect
from concerted.sources.frame import Frame, private
from concerted.sources.lines import Lines, with_cut
from concerted.sources.packing import Meter
from concerted.sources.unpack import Encoding, find_encoding, head, text_lines

SAMPLE = 1_000
CHUNK = 50_000
_LINES = 400
_HEAD = 1 << 22
_BINARY = 20
_CONTROL = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
_PEEK = 1 << 18
_HTML = ("<!doctype html", "<html")
# how files begin that no export comes in, what they are and what to do
_FOREIGN = {
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it",
    b"Rar!": "a RAR archive: unpack it",
    b"%PDF": "a PDF document: ask for the data behind it",
    b"\xd0\xcf\x11\xe0": "a file of an old Office program: save each sheet as CSV UTF-8",
    b"SQLite format 3": "an SQLite database: export its tables as CSV",
    **dict.fromkeys((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zX"), "packed twice: unpack it once"),
}


@dataclass(frozen=True)
class Opened:
    """A file that could be opened. `kind` is csv, json, html, parquet, activity or r; `header` names all its
    columns, of JSON those of the first records; `dialect` is that of a CSV. `name` is its name where that is
    not the one of `path`, as of members of archives; `hashed` the hash to show for it; `meter` is told how
    many of its bytes are read. `held` is the content of an R file, whose columns can only be read whole."""

    path: Path
    kind: str
    encoding: Encoding
    dialect: Dialect | None
    header: tuple[str, ...]
    name: str = field(default="", kw_only=True)
    hashed: str = field(default="", kw_only=True)
    meter: Meter | None = field(default=None, kw_only=True, compare=False)
    held: rdata.Held | None = field(default=None, kw_only=True, compare=False)

    steady: ClassVar[bool] = True
    """Whether its frames are the same each time they are read."""

    @property
    def file(self) -> str:
        """Its name, as rows of tables carry it."""
        return self.name or self.path.name

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns without the private ones, which are never loaded."""
        return tuple(name for name in self.header if not private(name))

    @property
    def withheld(self) -> tuple[str, ...]:
        """Columns that could identify or locate a person: seen, never loaded."""
        return tuple(name for name in self.header if private(name))

    @cached_property
    def sample(self) -> Frame:
        """The first thousand records, all columns but private ones."""
        return next(self.frames(size=SAMPLE), Frame({}, np.array([], np.int64)))

    @cached_property
    def peek(self) -> list[dict[str, Any]]:
        """The first records of a JSON file as they are, nothing withheld: to recognise it, never to read it.
        Of one object that holds lists, the object with the first items of each; of other files nothing."""
        if self.kind != "json":
            return []
        with text_lines(self.path, self.encoding) as lines:
            return document.peek(lines.read(_PEEK))

    @cached_property
    def sha256(self) -> str:
        """The hash of the file's bytes as they lie on disk."""
        return sha256(self.path)

    def frames(self, wanted: Iterable[str] | None = None, size: int = CHUNK) -> Iterator[Frame]:
        """The records, `size` at a time; only the `wanted` columns where given."""
        names = None if wanted is None else frozenset(wanted)
        if self.held:
            yield from rdata.frames(self.held, names, size)
            return
        if self.kind == "parquet":
            yield from parquetfile.frames(self.path, names, size, self.meter)
            return
        with text_lines(self.path, self.encoding, self.meter) as stream:
            lines = Lines(stream)
            if self.kind == "json":
                yield from with_cut(jsonfile.frames(lines, names, size), lines)
            elif self.kind == "activity":
                yield from with_cut(activity.frames(lines, names, size), lines)
            elif self.dialect is not None:
                yield from with_cut(csvrecords.frames(lines, self.dialect, names, size), lines)

    def describe(self) -> str:
        """How the file is written, as words: `CSV, separated by ;, cp1252, guessed ...`."""
        if self.held:
            return ", ".join(("R data frame", *self.held.told))
        if self.kind == "parquet":
            return "Parquet"
        words = [self.kind.upper()]
        if self.dialect:
            words += (
                [] if self.dialect.delimiter == "," else [f"separated by {_NAMES[self.dialect.delimiter]}"]
            )
            words += ['quotes written \\"'] if self.dialect.escaped else []
            words += [f"{self.dialect.skipped} lines before the header"] if self.dialect.skipped else []
        return ", ".join([*words, *([self.encoding.says] if self.encoding.says else [])])


def sha256(path: Path) -> str:
    """The hash of a file's bytes as they lie on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_NAMES = {"\t": "tabs", ";": "semicolons", "|": "|"}


def open_file(path: Path, encoding: str = "", name: str = "", meter: Meter | None = None) -> Opened:
    """Opens a file: Parquet, CSV of any dialect, JSON lines or a JSON array, an R data frame, plain or
    packed with gzip, zstd, bzip2 or xz. `name` is what it is called, `meter` is told how much of it is read,
    later.

    Raises UnknownFormat where it is none of these or empty, InputError where it is missing or cut.
    """
    _check_file(path)
    first = head(path)
    if not first.removeprefix(codecs.BOM_UTF8).strip():
        raise UnknownFormat(f"{path}: the file is empty: there is nothing to read")

    def opened(kind: str, code: Encoding, dialect: Dialect | None, header: tuple[str, ...]) -> Opened:
        return Opened(path, kind, code, dialect, header, name=name, meter=meter)

    if first[:4] == b"PAR1":
        return opened("parquet", Encoding("utf-8"), None, parquetfile.names(path))
    for begins, what in _FOREIGN.items():
        if first.startswith(begins):
            raise UnknownFormat(f"{path}: this is {what}")
    if rdata.is_rdata(first):
        held = rdata.read(path)
        return Opened(path, "r", Encoding("utf-8"), None, held.header, name=name, meter=meter, held=held)
    code = find_encoding(path, encoding)
    with text_lines(path, code) as stream:
        begun = Lines(stream)
        lines, cut = _beginning(begun), begun.cut
    start = "".join(lines)[:10_000]
    if jsonfile.is_json(start):
        with text_lines(path, code) as stream:
            return opened("json", code, None, jsonfile.names(stream, SAMPLE))
    if start.lstrip("\ufeff \t\r\n").lower().startswith(_HTML):
        return opened("html", code, None, ())
    if sum(start.count(char, 0, 1_000) for char in _CONTROL) * _BINARY > min(len(start), 1_000):
        raise UnknownFormat(f"{path}: binary data, neither Parquet nor text: export as CSV, JSON or Parquet")
    if activity.is_activity(lines):
        return opened("activity", code, None, activity.COLUMNS)
    dialect = csvfile.find_dialect(lines)
    if dialect is None and cut:
        raise InputError(
            f"{path}: the packed data are cut or damaged ({cut}) before anything can be recognised: fetch "
            "the file again"
        )
    if dialect is None:
        raise UnknownFormat(
            f"{path}: no table is recognised in it: it must be CSV with a header row, JSON lines, a JSON "
            "array or Parquet"
        )
    return opened("csv", code, dialect, dialect.header)


def _check_file(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        raise InputError(f"{path}: this is a folder: name the files in it")
    if path.exists():
        raise InputError(f"{path}: this is a pipe or device, and files are read twice: save it as a file")
    raise InputError(f"{path}: there is no such file: check the name")


def _beginning(lines: Lines) -> list[str]:
    """The first lines. Whole arrays stand on one line, so the last may be the beginning of one."""
    return list(islice(StringIO(lines.read(_HEAD), newline=""), _LINES))
