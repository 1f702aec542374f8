"""Zip and tar: each member is read as a file of its own, called archive.zip/member."""

from __future__ import annotations

import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, NamedTuple

from concerted.errors import InputError, UnknownFormat
from concerted.sources.naming import shown
from concerted.sources.packing import BOMB_BYTES, BOMB_RATIO, CUT, broken, of_disk, unpacked, zstd

# More members than any export has; a listing of millions of empty ones would only fill memory.
MOST = 20_000
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zX", b"PAR1")
_BLOCK, _LONG = 1 << 16, 1 << 24
_LOCKED = 1
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE = {
    "xl/workbook.xml": "an Excel workbook: save each sheet as CSV UTF-8",
    "word/document.xml": "a Word file",
}
# what the standard library raises over damaged, locked or exotic archives
_DAMAGED = (*CUT, RuntimeError, LookupError, ArithmeticError, struct.error, tarfile.TarError)


class Member(NamedTuple):
    """A file to read: where its bytes lie, and its name as tables carry it. `why` says why it is not read."""

    path: Path
    name: str
    why: str = ""


def members(path: Path, name: str = "") -> Iterator[Member]:
    """The files in a zip or tar, one at a time, in the order of their names in a zip and as they stand in a
    tar; any other file is its own only member. `name` is what the file is called, if not as in `path`.

    A member's bytes lie in a temporary folder until the next is asked for. A cut archive ends with a member
    that says so. Raises InputError where nothing can be read in it.
    """
    kind, name = _kind(path), shown(name or path.name)
    if not kind:
        yield Member(path, name)
        return
    with tempfile.TemporaryDirectory(prefix="concerted-") as folder:
        place = Path(folder) / "member"
        try:
            yield from _in_zip(path, name, place) if kind == "zip" else _in_tar(path, name, place)
        except _DAMAGED as error:
            if of_disk(error):
                raise
            raise InputError(f"{path}: the zip is cut or damaged ({error}): fetch it again") from None


def _kind(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        first = file.read(4)
    if first in _ZIP:
        return "zip"
    if not first:
        return ""
    with unpacked(path) as stream:
        block = stream.read(512)
    return "tar" if block[257:262] == b"ustar" else ""


def _in_zip(path: Path, called: str, place: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        listed = sorted((one for one in archive.infolist() if not one.is_dir()), key=lambda one: one.filename)
        for name, what in _OFFICE.items():
            if any(one.filename == name for one in listed):
                raise UnknownFormat(f"{path}: this is {what}")
        _check_count(path, len(listed))
        for one in listed:
            name = f"{called}/{shown(one.filename)}"
            if one.file_size > BOMB_BYTES and one.file_size > BOMB_RATIO * max(one.compress_size, 1):
                yield Member(place, name, f"unpacks to more than {BOMB_RATIO} times its size")
                continue
            if why := _passed_over(one.filename):
                yield Member(place, name, why)
                continue
            if one.flag_bits & _LOCKED:
                yield Member(place, name, "it is locked with a password: unpack the archive with it first")
                continue
            try:
                with archive.open(one) as stream:
                    whole = _copy(stream, place)
            except _DAMAGED as error:
                if of_disk(error):
                    raise
                yield Member(place, name, f"it cannot be unpacked ({error}): unpack it with another program")
                continue
            yield Member(place, name)
            if whole:
                yield Member(place, f"{name} (rest)", whole)


def _in_tar(path: Path, called: str, place: Path) -> Iterator[Member]:
    count = 0
    with unpacked(path) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for one in archive:
                    name = f"{called}/{shown(one.name)}"
                    if one.isdir():
                        continue
                    count += 1
                    _check_count(path, count)
                    why = _passed_over(one.name) if one.isreg() else "it is a link or device, no file"
                    packed = archive.extractfile(one) if one.isreg() and not why else None
                    if packed is None:
                        yield Member(place, name, why or "it is no file")
                        continue
                    whole = _copy(packed, place)
                    yield Member(place, name)
                    if whole:
                        yield Member(place, f"{name} (rest)", whole)
                        return
        except (tarfile.TarError, EOFError) as error:
            yield Member(place, f"{called} (rest)", _cut(error))
            return
        if how := broken(stream):
            yield Member(place, f"{called} (rest)", _cut(how))


def _cut(how: object) -> str:
    return f"the archive is cut or damaged from here on ({how}): fetch it again"


def _check_count(path: Path, count: int) -> None:
    if count > MOST:
        raise InputError(
            f"{path}: the archive holds more than {MOST:,} files: unpack it and pass the ones you mean"
        )


def _passed_over(name: str) -> str:
    """Why a member is not even looked at; what macOS adds to zips is no part of an export."""
    parts = Path(name).parts
    if "__MACOSX" in parts or any(part.startswith(".") and part not in (".", "..") for part in parts):
        return "it is a hidden file"
    return ""


def _copy(stream: IO[bytes], place: Path) -> str:
    """Copies a member beside, packed again so that a folder in memory holds it; says how it broke off.

    What is packed already, and Parquet, which is read from its end, stays as it is.
    """
    with place.open("wb") as file:
        first = stream.read(_BLOCK)
        packed = first.startswith(_PACKED)
        with nullcontext(file) if packed else zstd.ZstdFile(file, "wb", level=1) as target:
            rest, block = b"", first
            try:
                while block:
                    # where data break off, the line at hand is not whole: it is written once it is
                    whole, end, after = (rest + block).rpartition(b"\n")
                    if packed or len(after) > _LONG:
                        whole, end, after = rest + block, b"", b""
                    target.write(whole + end)
                    rest, block = after, stream.read(_BLOCK)
            except (*CUT, tarfile.TarError) as error:
                if of_disk(error):
                    raise
                return _cut(error)
            target.write(rest)
    return ""


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar, packed or not."""
    return bool(_kind(path))
