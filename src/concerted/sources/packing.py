"""The bytes inside a packed file, watched: a cut archive ends where it is cut, a bomb is refused."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from concerted.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

Meter = Callable[[int, int], None]

STEP = 1 << 20
# Dumps of whole platforms are packed with a window of 2 GiB, which decoders refuse unless told.
_LONG_WINDOW = 31
# Posts pack 3 to 50 times. A file that swells this much, once it is large, holds nothing worth reading.
BOMB_RATIO, BOMB_BYTES = 250, 1 << 28
CUT = (
    EOFError, zstd.ZstdError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, ValueError,
    OSError,
)  # fmt: skip


class Watched(io.RawIOBase):
    """Bytes of `inner`, which unpacks `outer`, a file of `size` bytes.

    Where the packed data are cut or damaged it ends, and `broken` says how. Raises InputError for data that
    swell more than `BOMB_RATIO` times beyond `BOMB_BYTES`, or that break before the first byte.
    """

    def __init__(
        self, path: Path, inner: IO[bytes], outer: IO[bytes], size: int, meter: Meter | None
    ) -> None:
        self.broken = ""
        self._path, self._inner, self._outer, self._size, self._meter = path, inner, outer, size, meter
        self._given = 0
        # `read` would fill its buffer, and lose it where the data break
        self._read = getattr(inner, "read1", inner.read)

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer as far as there are bytes; 0 at the end or where the data break."""
        if self.broken:
            return 0
        try:
            block = self._read(len(buffer))
        except CUT as error:
            if of_disk(error):
                raise
            if not self._given:
                raise InputError(
                    f"{self._path}: the packed data are cut or damaged ({_said(error)}): fetch the file again"
                ) from None
            self.broken = _said(error)
            return 0
        self._given += len(block)
        used = self._outer.tell()
        if self._given > BOMB_BYTES and self._given > BOMB_RATIO * max(used, 1):
            raise InputError(
                f"{self._path}: unpacks to more than {BOMB_RATIO} times its size, as no export does, "
                "and may fill any disk: unpack it yourself and pass the result if you trust it"
            )
        if self._meter:
            self._meter(used, self._size)
        buffer[: len(block)] = block
        return len(block)


def of_disk(error: BaseException) -> bool:
    """Whether an error is the disk's or the system's, rather than one of the packed data."""
    # damaged zips ask for places before the beginning of the file
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


def _said(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__


@contextmanager
def unpacked(path: Path, meter: Meter | None = None) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked if they are gzip, zstd, bzip2 or xz.

    `meter` is told how many bytes of the packed file are used, and of how many. Raises InputError that names
    the file where nothing can be unpacked.
    """
    with path.open("rb") as outer:
        magic = outer.read(4)
        outer.seek(0)
        try:
            inner = _unpacker(magic, outer)
        except CUT as error:
            raise InputError(
                f"{path}: the packed data are damaged ({_said(error)}): fetch it again"
            ) from None
        watched = Watched(path, inner, outer, os.fstat(outer.fileno()).st_size, meter)
        with io.BufferedReader(watched, STEP) as stream:
            yield cast(IO[bytes], stream)


def _unpacker(magic: bytes, outer: IO[bytes]) -> IO[bytes]:
    if magic[:2] == b"\x1f\x8b":
        return cast(IO[bytes], gzip.GzipFile(fileobj=outer))
    if magic == b"\x28\xb5\x2f\xfd":
        window = {int(zstd.DecompressionParameter.window_log_max): _LONG_WINDOW}
        return cast(IO[bytes], zstd.ZstdFile(outer, options=window))
    if magic[:3] == b"BZh":
        return cast(IO[bytes], bz2.BZ2File(outer))
    if magic == b"\xfd7zX":
        return cast(IO[bytes], lzma.LZMAFile(outer))
    return outer


def broken(stream: Any) -> str:
    """How the packed data under a text or binary stream broke off; empty where they did not."""
    raw = getattr(getattr(stream, "buffer", stream), "raw", None)
    return raw.broken if isinstance(raw, Watched) else ""
