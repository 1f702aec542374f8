"""Lines of a text stream, none of them longer than memory should hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from concerted.sources.frame import Frame, Spoiled
from concerted.sources.packing import broken

# Characters of one line. The longest post with all that an API says about it has about 100,000.
LONGEST = 1 << 24
TOO_LONG = f"line longer than {LONGEST >> 20} million characters"
CUT = "are cut or damaged from here on"


class Oversized(str):
    """Stands for a line too long to be kept; holds a NUL, so that no reader takes it for a record."""


class Lines:
    """A text stream, line by line. `count` is the number of lines given so far. Where the packed data break
    off, the stream ends with the last whole line, and `cut` says how."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._ahead, self._at = "", 0
        self._ended = False
        self.count = 0

    @property
    def cut(self) -> str:
        """How the packed data broke off; empty where they did not."""
        return broken(self._stream)

    def __iter__(self) -> Iterator[str]:
        while line := self.readline():
            yield line

    def readline(self) -> str:
        """The next line with its end; "" at the end of the stream, which counts as one."""
        if self._ended:
            return ""
        line = self._whole_line()
        self.count += 1
        self._ended = not line
        return line

    def _whole_line(self) -> str:
        line: str = self._kept_line() if self._ahead else self._stream.readline(LONGEST)
        if line[-1:] in ("\n", "\r"):
            return line
        if len(line) >= LONGEST:
            more = self._stream.readline(LONGEST)
            if not more:
                return "" if self.cut else line
            while more and more[-1] not in "\r\n":
                more = self._stream.readline(LONGEST)
            return Oversized("\x00\n")
        return "" if self.cut else line

    def block(self, size: int) -> str:
        """The next whole lines, about so many characters of them, or one longer line; "" at the end of the
        stream."""
        size = min(size, LONGEST)
        text: str = self._ahead[self._at :]
        text += self._stream.read(size - len(text))
        while text[-1:] == "\r" and (more := self._stream.read(1)):
            text += more  # it may be half of a line end
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        self._ahead, self._at = text[end:], 0
        if not end:
            return self.readline()
        text = text[:end]
        self.count += text.count("\n")
        if "\r" in text:
            self.count += text.count("\r") - text.count("\r\n")
        return text

    def peek(self, size: int) -> str:
        """The first characters, which stay to be read. To be called before anything is read."""
        self._ahead = self._stream.read(size)
        return self._ahead

    def _kept_line(self) -> str:
        end = self._ahead.find("\n", self._at) + 1
        if end:
            line, self._at = self._ahead[self._at : end], end
            return line
        line = self._ahead[self._at :]
        self._ahead, self._at = "", 0
        rest: str = self._stream.readline(max(LONGEST - len(line), 0))
        return line + rest

    def read(self, size: int) -> str:
        """The next characters."""
        if self._ahead:
            block = self._ahead[self._at :]
            self._ahead, self._at = "", 0
        else:
            block = self._stream.read(size)
        self.count += block.count("\n")
        return block


def with_cut(frames: Iterable[Frame], lines: Lines) -> Iterator[Frame]:
    """The frames, and one ledger entry for all that a cut archive lost, where they do not say so."""
    said = False
    for frame in frames:
        said |= any("from here on" in one.reason for one in frame.spoiled)
        yield frame
    if lines.cut and not said:
        yield Frame({}, np.array([], np.int64), (lost(lines),))


def lost(lines: Lines) -> Spoiled:
    """The one ledger entry for all that a cut archive lost."""
    return Spoiled(max(1, lines.count), f"the packed data {CUT} ({lines.cut}): this and all after it is lost")
