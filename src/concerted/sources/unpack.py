"""The bytes of a file as readable text: the encoding is found from content."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from concerted.errors import InputError
from concerted.sources.packing import STEP, Meter, unpacked

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# A detector told cp1250 from cp1252 wrongly on short files; below this many bytes outside ASCII the
# far more frequent cp1252 is the better bet.
_FEW_BYTES = 200


class Encoding(NamedTuple):
    """`name` as Python knows it; `says` how it was found, for people; empty for plain UTF-8."""

    name: str
    says: str = ""


def head(path: Path, size: int = STEP) -> bytes:
    """The first bytes of the unpacked file."""
    with unpacked(path) as stream:
        return stream.read(size)


def find_encoding(path: Path, declared: str = "") -> Encoding:
    """The encoding of a text file: declared, by byte order mark, UTF-8, or else a guess that is shown.

    The whole file is looked at, since one foreign byte may stand anywhere.
    """
    if declared:
        try:
            codecs.lookup(declared)
        except LookupError:
            raise InputError(
                f"{path}: no encoding is called {declared!r}: try utf-8, cp1252 or utf-16"
            ) from None
        return Encoding(declared, f"{declared}, as told")
    with unpacked(path) as stream:
        first = stream.read(STEP)
        for mark, name in _BOMS:
            if first.startswith(mark):
                return Encoding(name, "" if name == "utf-8-sig" else f"{name}, by its byte order mark")
        # half of the bytes of plain text in UTF-16 are zero, all in the same half of each pair
        pairs = min(len(first), 1_000) // 2
        if first[: 2 * pairs : 2].count(0) > 0.8 * pairs > first[1 : 2 * pairs : 2].count(0):
            return Encoding("utf-16-be", "utf-16-be, by its zero bytes")
        if first[1 : 2 * pairs : 2].count(0) > 0.8 * pairs > first[: 2 * pairs : 2].count(0):
            return Encoding("utf-16-le", "utf-16-le, by its zero bytes")
        sample, foreign, broken = _beyond_ascii(first, stream)
    if not broken:
        return Encoding("utf-8")
    # In other encodings hardly a sixth of the letters are sound UTF-8 by chance. Where a third is, the file
    # is UTF-8 that was damaged, or joined to another encoding, which must not spoil the rest.
    if 3 * broken < 2 * foreign:
        return Encoding("utf-8", "utf-8 with damaged places: those records are left out")
    return _guess(sample)


def _beyond_ascii(first: bytes, stream: IO[bytes]) -> tuple[bytes, int, int]:
    """Lines with bytes outside ASCII, the number of characters in them, and how many are no UTF-8."""
    sample, foreign, broken, rest, block = bytearray(), 0, 0, b"", first
    while block or rest:
        if block and block.isascii() and rest.isascii():
            line = block.rfind(b"\n") + 1
            rest, block = block[line:] if line else b"", stream.read(STEP)
            continue
        whole, cut, after = (rest + block).rpartition(b"\n")
        whole, rest = (whole, after) if cut and block else (rest + block, b"")
        if not whole.isascii():
            # every character outside ASCII has one leading byte from 0xC0 on
            foreign += int(np.count_nonzero(np.frombuffer(whole, np.uint8) >= 0xC0))
            try:
                whole.decode()
            except UnicodeDecodeError:
                broken += whole.decode("utf-8", "replace").count("\ufffd") - whole.count(b"\xef\xbf\xbd")
            if len(sample) < STEP // 4:
                sample += b"\n".join(line for line in whole.split(b"\n") if not line.isascii())[: STEP // 4]
        block = stream.read(STEP) if block else b""
    return bytes(sample), foreign, broken


def _guess(sample: bytes) -> Encoding:
    beyond = sum(byte >= 0x80 for byte in sample)
    if beyond < _FEW_BYTES:
        try:
            sample.decode("cp1252")
            return Encoding("cp1252", "cp1252, guessed from few bytes: check accented letters")
        except UnicodeDecodeError:
            pass
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    name = best.encoding if best else "cp1252"
    return Encoding(name, f"{name}, guessed: check accented letters, or name it with --encoding")


@contextmanager
def text_lines(path: Path, encoding: Encoding, meter: Meter | None = None) -> Iterator[io.TextIOWrapper]:
    """The file as text with its line ends kept; bytes that do not fit become lone surrogates."""
    with unpacked(path, meter) as stream:
        # utf-16 knows no surrogateescape on every version; a damaged pair becomes U+FFFD there
        errors = "replace" if encoding.name.startswith("utf-16") else "surrogateescape"
        yield io.TextIOWrapper(stream, encoding=encoding.name, errors=errors, newline="")
