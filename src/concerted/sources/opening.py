"""Opens one input file: what it is, how it is written, its columns, and its records frame by frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from concerted.errors import InputError, UnknownFormat
from concerted.sources import csvfile, document, jsonfile, parquetfile
from concerted.sources.csvfile import Dialect
from concerted.sources.frame import Frame, private
from concerted.sources.unpack import Encoding, find_encoding, head, text_lines

SAMPLE = 1_000
CHUNK = 50_000
_LINES = 400
_BINARY = 50
_PEEK = 1 << 18
_HTML = ("<!doctype html", "<html")


@dataclass(frozen=True)
class Opened:
    """A file that could be opened. `kind` is csv, json, html or parquet; `header` names all its columns,
    of JSON those of the first records; `dialect` is that of a CSV."""

    path: Path
    kind: str
    encoding: Encoding
    dialect: Dialect | None
    header: tuple[str, ...]

    @property
    def file(self) -> str:
        """Its name, as rows of tables carry it."""
        return self.path.name

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
        if self.kind == "parquet":
            yield from parquetfile.frames(self.path, names, size)
            return
        with text_lines(self.path, self.encoding) as lines:
            if self.kind == "json":
                yield from jsonfile.frames(lines, names, size)
            elif self.dialect is not None:
                yield from csvfile.frames(lines, self.dialect, names, size)

    def describe(self) -> str:
        """How the file is written, as words: `CSV, separated by ;, cp1252, guessed ...`."""
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


def open_file(path: Path, encoding: str = "") -> Opened:
    """Opens a file: Parquet, CSV of any dialect, JSON lines or a JSON array, plain or packed with gzip,
    zstd, bzip2 or zip.

    Raises UnknownFormat where it is none of these, InputError where it is missing, empty or cut.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file: check the name")
    first = head(path)
    if not first.strip():
        raise InputError(f"{path}: the file is empty: there is nothing to read")
    if first[:4] == b"PAR1":
        return Opened(path, "parquet", Encoding("utf-8"), None, parquetfile.names(path))
    code = find_encoding(path, encoding)
    with text_lines(path, code) as stream:
        lines = list(islice(stream, _LINES))
    if jsonfile.is_json("".join(lines)[:10_000]):
        with text_lines(path, code) as stream:
            return Opened(path, "json", code, None, jsonfile.names(stream, SAMPLE))
    if "".join(lines)[:1_000].lstrip("\ufeff \t\r\n").lower().startswith(_HTML):
        return Opened(path, "html", code, None, ())
    if "".join(lines)[:1_000].count("\x00") > _BINARY:
        raise UnknownFormat(f"{path}: binary data, neither Parquet nor text: export as CSV, JSON or Parquet")
    dialect = csvfile.find_dialect(lines)
    if dialect is None:
        raise UnknownFormat(
            f"{path}: no table is recognised in it: it must be CSV with a header row, JSON lines, a JSON "
            "array or Parquet"
        )
    return Opened(path, "csv", code, dialect, dialect.header)
