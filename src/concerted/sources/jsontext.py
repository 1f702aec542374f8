"""A window on a stream of JSON, moved on value by value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from concerted.sources.lines import LONGEST

SPACE = " \t\r\n"
_STEP = 1 << 20


class _Source(Protocol):
    def read(self, size: int, /) -> str: ...


class Again:
    """A stream with what was read from it put back."""

    def __init__(self, read: str, stream: _Source) -> None:
        self._kept, self._stream = read, stream

    def read(self, size: int) -> str:
        kept, self._kept = self._kept, ""
        return kept or self._stream.read(size)


class Text:
    """A window on a stream of JSON that moves on. `row` is the line at hand, the first being 1; `nuls` says
    how many NUL characters were dropped."""

    def __init__(self, stream: _Source, row: int = 1) -> None:
        self._stream = stream
        self._text, self._at, self._ended = "", 0, False
        self._decoder = json.JSONDecoder(strict=False)
        self.row, self.nuls = row, 0

    def _more(self) -> bool:
        block = "" if self._ended else self._stream.read(_STEP)
        self._ended = not block
        self.nuls += block.count("\x00")
        self._text, self._at = self._text[self._at :] + block.replace("\x00", ""), 0
        return not self._ended

    def next(self) -> str:
        """The next character that is no blank, not yet passed; "" at the end."""
        while True:
            while self._at < len(self._text):
                letter = self._text[self._at]
                if letter not in SPACE and letter != "\ufeff":
                    return letter
                self.row += letter == "\n"
                self._at += 1
            if not self._more():
                return ""

    def take(self, letters: str) -> str:
        """Passes one of these characters. Raises ValueError where another stands."""
        letter = self.next()
        if not letter or letter not in letters:
            raise ValueError(f"{letter!r} where {letters!r} must be")
        self._at += 1
        return letter

    def value(self) -> Any:
        """Passes one whole value. Raises ValueError where it is cut or no JSON."""
        self.next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("nested too deep") from None
            except ValueError:
                if len(self._text) - self._at > 4 * LONGEST or not self._more():
                    raise
                continue
            # a number may go on in the next block
            if end == len(self._text) and self._more():
                continue
            self.row += self._text.count("\n", self._at, end)
            self._at = end
            return value

    def each(self) -> Iterator[int]:
        """Stops before every item of the list at hand, with its line; the caller passes the item."""
        self.take("[")
        while self.next() != "]":
            yield self.row
            if self.next() == ",":
                self.take(",")
        self.take("]")
