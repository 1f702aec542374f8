"""A stream of lines, kept as files of lines.

Lines go to disk as they come, into a file that is renamed once it is full or old. So a process that is
killed loses no line that it had taken whole from the pipe: the next one finds the file and goes on behind
it. What was in the pipe is the sender's to send again; a post that is sent twice counts once, by its id.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 20
LONGEST = 1 << 24  # bytes of a line that are waited for; a longer one is written as it comes
OPEN = "open.part"


class Spool:
    """Files `stream-000001.ndjson`, or `.csv` with the header of the stream in each, in a folder.

    A file is closed after `lines` lines or `seconds` seconds, whichever comes first, between two records.
    """

    def __init__(self, folder: Path, lines: int, seconds: float) -> None:
        self._folder = folder
        self._lines, self._seconds = lines, seconds
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._since = 0.0
        self._room = 0
        self._header = b""
        self._ending = ""
        self._quoted = False  # within a quoted field of a CSV, where a line end ends no record
        self.ended = False
        self.error: BaseException | None = None
        folder.mkdir(exist_ok=True)
        self._recover()

    def follow(self, stream: BinaryIO) -> None:
        """Take lines from a stream until it ends, in a thread of its own."""
        threading.Thread(target=self._follow, args=(stream,), name="spool", daemon=True).start()

    def turn(self) -> None:
        """Close the open file if it is old."""
        with self._lock:
            if self._file is not None and not self._quoted and time.monotonic() - self._since > self._seconds:
                self._close()

    def _follow(self, stream: BinaryIO) -> None:
        rest = b""
        try:
            while block := os.read(stream.fileno(), BLOCK):
                rest += block
                whole = len(rest) if len(rest) > LONGEST else rest.rfind(b"\n") + 1
                with self._lock:
                    self._take(rest[:whole])
                rest = rest[whole:]
            with self._lock:
                self._take(rest + b"\n" if rest else b"")
                self._close()
        except BaseException as error:  # handed to the thread that waits for files
            self.error = error
        self.ended = True

    def _take(self, data: bytes) -> None:
        if data and not self._ending:
            data = self._begin(data)
        while data:
            if self._file is None:
                self._open()
            assert self._file is not None
            cut = self._cut(data)
            self._file.write(data[:cut])
            data = data[cut:]
            if self._room <= 0:
                self._close()

    def _begin(self, data: bytes) -> bytes:
        """What follows the header, once it is known whether there is one."""
        data = data.lstrip(b"\xef\xbb\xbf \t\r\n")
        if not data:
            return data
        if data[:1] in b"{[":
            self._ending = "ndjson"
            return data
        self._ending = "csv"
        self._header, _, rest = data.partition(b"\n")
        self._header += b"\n"
        return rest

    def _cut(self, data: bytes) -> int:
        """How much of the data belongs into the open file."""
        if self._ending != "csv":
            lines = data.count(b"\n")
            if lines < self._room:
                self._room -= lines
                return len(data)
            at = 0
            for _ in range(self._room):
                at = data.index(b"\n", at) + 1
            self._room = 0
            return at
        at = 0
        while self._room > 0 and (end := data.find(b"\n", at) + 1):
            self._quoted ^= data.count(b'"', at, end) % 2 == 1
            self._room -= not self._quoted
            at = end
        return at if self._room <= 0 else len(data)

    def _open(self) -> None:
        self._file = (self._folder / OPEN).open("wb", buffering=0)
        self._file.write(self._header)
        self._since = time.monotonic()
        self._room = self._lines

    def _close(self) -> None:
        if self._file is None:
            return
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        (self._folder / OPEN).rename(self._next(self._ending))

    def _next(self, ending: str) -> Path:
        number = max((int(path.stem.partition("-")[2]) for path in self._folder.glob("stream-*")), default=0)
        return self._folder / f"stream-{number + 1:06d}.{ending}"

    def _recover(self) -> None:
        """Close what a killed process left open, up to its last whole record."""
        left = self._folder / OPEN
        if not left.exists():
            return
        data = left.read_bytes()
        csv = data[:1] not in (b"{", b"[")
        end = data.rfind(b"\n") + 1
        while csv and data.count(b'"', 0, end) % 2:
            end = data.rfind(b"\n", 0, end - 1) + 1
        data = data[:end]
        if data.count(b"\n") <= csv:
            left.unlink()
            return
        with left.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        left.rename(self._next("csv" if csv else "ndjson"))
