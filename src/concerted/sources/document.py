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
from typing import Any, NamedTuple

import msgspec

from concerted.sources.frame import Spoiled
from concerted.sources.jsontext import SPACE, Again, Text
from concerted.sources.lines import TOO_LONG, Lines, Oversized

_DAMAGED = "the JSON document is cut or damaged from here on"
_ONE_LINE = 1 << 20
_PEEK, _FEW = 20, 5


class Item(NamedTuple):
    """One record. `row` is the line it begins on, `path` the list it was in ("" for lines and plain arrays,
    `data.videos`, `chats.list[].messages`), `above` the texts, numbers and flags of the object that holds
    the list, as far as they stand before it."""

    row: int
    path: str
    record: Any
    above: dict[str, Any]


def items(stream: Any, lists: Collection[str], told: dict[str, int]) -> Iterator[Item | Spoiled]:
    """The records of a JSON file: lines, an array, or an object (or one a line) that holds them in `lists`.

    A name in `lists` may also be that of an object, which is then a record. A line, or one of several objects
    after each other, is a record itself where it has none of the lists. What cannot be read comes as Spoiled.
    `told` takes up what was changed to make the file readable.
    """
    stream = stream if isinstance(stream, Lines) else Lines(stream)
    if "\n" not in (start := stream.peek(_ONE_LINE)).strip() and len(start) >= _ONE_LINE:
        # all of it stands on one line, which may be too long to be held as one
        row, first, second = 1, "", ""
    else:
        row, first = 1, stream.readline()
    while first and not first.strip("\ufeff" + SPACE):
        row, first = row + 1, stream.readline()
    second = stream.readline() if first else ""
    if first and _has_lines(first, second):
        yield from _lines(row, (first, second), stream, lists)
        return
    text = Text(Again(first + second, stream), row)
    try:
        if text.next() == "[":
            for at in text.each():
                yield _held(at, "", text.value(), {})
        else:
            while text.next():
                if lists and text.next() == "{":
                    yield from _object(text, lists)
                else:
                    yield _held(text.row, "", text.value(), {})
    except ValueError:
        yield Spoiled(text.row, _DAMAGED)
    if text.nuls:
        told["NUL bytes were removed"] = text.nuls


def _has_lines(first: str, second: str) -> bool:
    """Whether every line is a record, rather than one value going on over lines. One of the first two may be
    damaged."""
    start = first.lstrip("\ufeff" + SPACE)
    if start[:1] == "[":
        return isinstance(_read(start), list) and isinstance(_read(second), list)
    one, two = (isinstance(_read(line), dict) for line in (start, second))
    return one or two or (bool(second.strip()) and start.rstrip().endswith("}"))


def _lines(
    row: int, begun: tuple[str, ...], stream: Iterable[str], lists: Collection[str]
) -> Iterator[Item | Spoiled]:
    decode = msgspec.json.Decoder().decode
    for at, line in enumerate(chain(begun, stream), row):
        if "\x00" in line:
            yield Spoiled(at, TOO_LONG if isinstance(line, Oversized) else "NUL byte in the record")
        elif line.strip():
            try:
                record = decode(line.lstrip("\ufeff"))
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                # slower, and takes NaN and lone surrogates, which are no JSON yet are written by some
                record = _read(line.lstrip("\ufeff"))
            if record is None:
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
        elif isinstance(value, dict) and full in lists:
            yield _held(row, full, value, above)


def _held(row: int, path: str, record: Any, above: dict[str, Any]) -> Item | Spoiled:
    if not isinstance(record, dict):
        return Spoiled(row, "a JSON value that is no object")
    return Item(row, path, record, above)


def _leads(path: str, lists: Collection[str]) -> bool:
    return any(one.startswith(path + ".") for one in lists)


def _object(text: Text, lists: Collection[str]) -> Iterator[Item | Spoiled]:
    """The records inside the object at hand, or the object where it has none of the lists, passing it."""
    row, kept = text.row, _Kept()
    yield from _inside(text, "", lists, kept, kept.values)
    if not kept.found:
        yield Item(row, "", kept.values, {})


class _Kept:
    """What an object holds, kept until one of the lists turns up: only then is it no record itself."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.found = False

    def drop(self) -> None:
        self.found = True
        self.values.clear()


def _inside(
    text: Text, path: str, lists: Collection[str], kept: _Kept, values: dict[str, Any]
) -> Iterator[Item | Spoiled]:
    """The records inside the object at hand, passing it. `values` takes up the rest of it."""
    above: dict[str, Any] = {}
    text.take("{")
    while text.next() != "}":
        key = str(text.value())
        text.take(":")
        full = f"{path}.{key}" if path else key
        mark = text.next()
        if mark == "[" and full in lists:
            kept.drop()
            for row in text.each():
                yield _held(row, full, text.value(), above)
        elif mark == "[" and _leads(full + "[]", lists):
            kept.drop()
            for _ in text.each():
                if text.next() == "{":
                    yield from _inside(text, full + "[]", lists, kept, {})
                else:
                    text.value()
        elif mark == "{" and _leads(full, lists):
            inner: dict[str, Any] = {}
            values[key] = inner
            yield from _inside(text, full, lists, kept, inner)
        elif mark == "{" and full in lists:
            kept.drop()
            yield _held(text.row, full, text.value(), above)
        else:
            value = text.value()
            if not kept.found:
                values[key] = value
            if not isinstance(value, (dict, list)):
                above[key] = value
        if text.next() == ",":
            text.take(",")
    text.take("}")


def peek(head: str) -> list[dict[str, Any]]:
    """What the beginning of a JSON file holds: its first records, or its one object with the first items of
    every list, as far as the beginning goes."""
    start = head.lstrip("\ufeff" + SPACE)
    found: list[dict[str, Any]] = []
    if start[:1] == "[":
        text = Text(Again(start, io.StringIO()))
        with suppress(ValueError):
            for _ in islice(text.each(), _PEEK):
                if isinstance(record := text.value(), dict):
                    found.append(record)
        return found
    first, _, rest = start.partition("\n")
    if _has_lines(first, rest.partition("\n")[0]):
        return [record for line in start.split("\n")[:_PEEK] if isinstance(record := _read(line), dict)]
    sketch: dict[str, Any] = {}
    with suppress(RecursionError):
        _sketch(Text(Again(start, io.StringIO())), sketch)
    return [sketch]


def _read(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
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
                for _ in text.each():
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
    except (ValueError, RecursionError):
        return False
    return True
