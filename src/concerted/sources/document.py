"""JSON documents: lists of records inside objects, read record by record.

Many interfaces answer with one object that holds the records in a list, as `{"items": [...]}`, written over
many lines or on one; some tools write one such object a line. Read without holding the whole file, except
for the line or record at hand.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from concerted.sources.frame import Spoiled
from concerted.sources.lines import LONGEST, TOO_LONG, Lines, Oversized

_STEP = 1 << 20
_SPACE = " \t\r\n"
_DAMAGED = "the JSON document is cut or damaged from here on"
_PEEK, _FEW = 20, 5


class Item(NamedTuple):
    """One record. `row` is the line it begins on, `path` the list it was in ("" for lines and plain arrays,
    `data.videos`, `chats.list[].messages`), `above` the texts, numbers and flags of the object that holds
    the list, as far as they stand before it."""

    row: int
    path: str
    record: Any
    above: dict[str, Any]


class _Source(Protocol):
    def read(self, size: int, /) -> str: ...


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
                if letter not in _SPACE and letter != "\ufeff":
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


def items(stream: Any, lists: Collection[str], told: dict[str, int]) -> Iterator[Item | Spoiled]:
    """The records of a JSON file: lines, an array, or an object (or one a line) that holds them in `lists`.

    A line without any of the lists is a record itself; without `lists`, so is every object. What cannot be
    read comes as Spoiled. `told` takes up what was changed to make the file readable.
    """
    stream = stream if isinstance(stream, Lines) else Lines(stream)
    row, first = 1, stream.readline()
    while first and not first.strip("\ufeff" + _SPACE):
        row, first = row + 1, stream.readline()
    second = stream.readline()
    if _has_lines(first, second):
        yield from _lines(row, (first, second), stream, lists)
        return
    text = Text(_Again(first + second, stream), row)
    try:
        if text.next() == "[":
            for at in _each(text):
                yield _held(at, "", text.value(), {})
        elif lists:
            yield from _inside(text, "", lists)
        else:
            while text.next():
                yield _held(text.row, "", text.value(), {})
    except ValueError:
        yield Spoiled(text.row, _DAMAGED)
    if text.nuls:
        told["NUL bytes were removed"] = text.nuls


class _Again:
    """A stream with what was read from it put back."""

    def __init__(self, read: str, stream: _Source) -> None:
        self._kept, self._stream = read, stream

    def read(self, size: int) -> str:
        kept, self._kept = self._kept, ""
        return kept or self._stream.read(size)


def _has_lines(first: str, second: str) -> bool:
    """Whether every line is a record, rather than one value going on over lines. One of the first two may be
    damaged."""
    start = first.lstrip("\ufeff" + _SPACE)
    if start[:1] == "[":
        return isinstance(_read(start), list) and isinstance(_read(second), list)
    one, two = (isinstance(_read(line), dict) for line in (start, second))
    return one or two or (bool(second.strip()) and start.rstrip().endswith("}"))


def _lines(
    row: int, begun: tuple[str, ...], stream: Iterable[str], lists: Collection[str]
) -> Iterator[Item | Spoiled]:
    for at, line in enumerate(chain(begun, stream), row):
        if "\x00" in line:
            yield Spoiled(at, TOO_LONG if isinstance(line, Oversized) else "NUL byte in the record")
        elif line.strip():
            try:
                record = json.loads(line.lstrip("\ufeff"))
            except ValueError:
                yield Spoiled(at, "the line is no JSON")
            else:
                held = list(spread(record, lists, at))
                yield from held or [_held(at, "", record, {})]


def spread(record: Any, lists: Collection[str], row: int, path: str = "") -> Iterator[Item | Spoiled]:
    """The records in the `lists` of one object."""
    if not isinstance(record, dict):
        return
    above = {key: value for key, value in record.items() if not isinstance(value, (dict, list))}
    for key, value in record.items():
        full = f"{path}.{key}" if path else key
        if isinstance(value, list) and full in lists:
            for inner in value:
                yield _held(row, full, inner, above)
        elif isinstance(value, list) and _leads(full + "[]", lists):
            for inner in value:
                yield from spread(inner, lists, row, full + "[]")
        elif isinstance(value, dict) and _leads(full, lists):
            yield from spread(value, lists, row, full)


def _held(row: int, path: str, record: Any, above: dict[str, Any]) -> Item | Spoiled:
    if not isinstance(record, dict):
        return Spoiled(row, "a JSON value that is no object")
    return Item(row, path, record, above)


def _leads(path: str, lists: Collection[str]) -> bool:
    return any(one.startswith(path + ".") for one in lists)


def _inside(text: Text, path: str, lists: Collection[str]) -> Iterator[Item | Spoiled]:
    """The records inside the object at hand, passing it."""
    above: dict[str, Any] = {}
    text.take("{")
    while text.next() != "}":
        key = text.value()
        text.take(":")
        full = f"{path}.{key}" if path else str(key)
        mark = text.next()
        if mark == "[" and full in lists:
            for row in _each(text):
                yield _held(row, full, text.value(), above)
        elif mark == "[" and _leads(full + "[]", lists):
            for _ in _each(text):
                if text.next() == "{":
                    yield from _inside(text, full + "[]", lists)
                else:
                    text.value()
        elif mark == "{" and _leads(full, lists):
            yield from _inside(text, full, lists)
        else:
            value = text.value()
            if not isinstance(value, (dict, list)):
                above[str(key)] = value
        if text.next() == ",":
            text.take(",")
    text.take("}")


def _each(text: Text) -> Iterator[int]:
    """Stops before every item of the list at hand; the caller passes the item."""
    text.take("[")
    while text.next() != "]":
        yield text.row
        if text.next() == ",":
            text.take(",")
    text.take("]")


def peek(head: str) -> list[dict[str, Any]]:
    """What the beginning of a JSON file holds: its first records, or its one object with the first items of
    every list, as far as the beginning goes."""
    start = head.lstrip("\ufeff" + _SPACE)
    found: list[dict[str, Any]] = []
    if start[:1] == "[":
        text = Text(_Again(start, io.StringIO()))
        with suppress(ValueError):
            for _ in islice(_each(text), _PEEK):
                if isinstance(record := text.value(), dict):
                    found.append(record)
        return found
    first, _, rest = start.partition("\n")
    if _has_lines(first, rest.partition("\n")[0]):
        return [record for line in start.split("\n")[:_PEEK] if isinstance(record := _read(line), dict)]
    sketch: dict[str, Any] = {}
    _sketch(Text(_Again(start, io.StringIO())), sketch)
    return [sketch]


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _sketch(text: Text, into: dict[str, Any]) -> bool:
    """Fills in the object at hand as far as it is there; says whether it was whole."""
    try:
        text.take("{")
        while text.next() != "}":
            key = str(text.value())
            text.take(":")
            mark = text.next()
            if mark == "{":
                into[key] = {}
                if not _sketch(text, into[key]):
                    return False
            elif mark == "[":
                into[key] = []
                for _ in _each(text):
                    if text.next() == "{":
                        one: dict[str, Any] = {}
                        if len(into[key]) < _FEW:
                            into[key].append(one)
                        if not _sketch(text, one):
                            return False
                    else:
                        text.value()
            else:
                into[key] = text.value()
            if text.next() == ",":
                text.take(",")
        text.take("}")
    except ValueError:
        return False
    return True
