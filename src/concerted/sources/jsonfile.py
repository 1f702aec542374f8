"""JSON lines, JSON arrays and whole JSON documents, record by record, with the line each record begins on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
import numpy as np

from concerted.sources.frame import Frame, Spoiled, private, text_array, text_of, without_private
from concerted.sources.lines import LONGEST, TOO_LONG, Lines, Oversized

_DEPTH = 6
_STEP = 1 << 20
# A frame ends before its records weigh more than this: pages of posts may have megabytes each.
_BUDGET = 1 << 26
_SPOILED = 50_000
_BLANK = 1_000
# More names than any export has: a file that uses ids as names must not become a million columns.
MOST_COLUMNS = 4_096
_TOO_LONG = TOO_LONG.replace("line", "record")


def is_json(head: str) -> bool:
    """Whether the beginning of a text looks like JSON records."""
    start = head.lstrip("\ufeff \t\r\n")
    if start[:1] == "[":
        return start[1:].lstrip()[:1] in ("{", "]")
    if start[:1] != "{":
        return False
    return start[1:].lstrip()[:1] in ('"', "}")


def frames(stream: Any, wanted: Iterable[str] | None, size: int) -> Iterator[Frame]:
    """Records as text columns, nested objects as `outer.inner`; `wanted` None gives all columns but
    private ones. A frame ends early where its records weigh much."""
    flatten = _Flatten(None if wanted is None else frozenset(wanted))
    spoiled: list[Spoiled] = []
    flat: list[dict[str, str | None]] = []
    rows: list[int] = []
    weight = 0
    for row, record, weighs in _weighed(stream):
        if isinstance(record, Spoiled):
            spoiled.append(record)
        else:
            weight += weighs
            flat.append(flatten(record))
            rows.append(row)
        if len(flat) >= size or weight >= _BUDGET or len(spoiled) >= _SPOILED:
            yield _frame(flat, rows, spoiled)
            flat, rows, weight = [], [], 0
            spoiled.clear()
    if flat or spoiled:
        yield _frame(flat, rows, spoiled)


def _frame(flat: list[dict[str, str | None]], rows: list[int], spoiled: list[Spoiled]) -> Frame:
    names = list(dict.fromkeys(name for cells in flat for name in cells))
    columns = {name: text_array(cells.get(name) for cells in flat) for name in names}
    return Frame(columns, np.array(rows, np.int64), tuple(spoiled))


def names(stream: Any, size: int) -> tuple[str, ...]:
    """Names of the columns of the first `size` records, private ones too."""
    found: dict[str, None] = {}
    weight = 0
    for count, (_, record, weighs) in enumerate(records(stream, [], discreet=False), 1):
        _name(found, "", record, 0)
        weight += weighs
        if count >= size or weight >= _BUDGET or len(found) >= MOST_COLUMNS:
            break
    return tuple(found)


def _name(found: dict[str, None], prefix: str, value: Any, depth: int) -> None:
    if isinstance(value, dict) and depth < _DEPTH and not (prefix and private(prefix)):
        for key, inner in value.items():
            _name(found, f"{prefix}.{key}" if prefix else str(key), inner, depth + 1)
    elif prefix:
        found[prefix] = None


class _Flatten:
    """Turns nested objects into cells. Names are judged once: there are few, and records are many."""

    def __init__(self, wanted: frozenset[str] | None) -> None:
        self._wanted = wanted
        # an object is entered only where a wanted name lies inside it
        self._inside = {name[:at] for name in wanted or () for at, mark in enumerate(name) if mark == "."}
        self._names: dict[str, dict[str, str]] = {}
        self._count = 0

    def __call__(self, record: dict[str, Any]) -> dict[str, str | None]:
        cells: dict[str, str | None] = {}
        self._add(cells, "", record, 0)
        return cells

    def _add(self, cells: dict[str, str | None], prefix: str, record: dict[str, Any], depth: int) -> None:
        names, wanted = self._names.setdefault(prefix, {}), self._wanted
        for key, value in record.items():
            name = names.get(key)
            if name is None:
                name = self._judge(prefix, key)
            if not name:
                continue
            if type(value) is str and (wanted is None or name in wanted):
                cells[name] = value
            elif isinstance(value, dict) and depth + 1 < _DEPTH:
                self._add(cells, name, value, depth + 1)
            elif wanted is None or name in wanted:
                cells[name] = text_of(without_private(value) if isinstance(value, (dict, list)) else value)

    def _judge(self, prefix: str, key: str) -> str:
        """The name of a column, empty where it is none to read."""
        name = f"{prefix}.{key}" if prefix else key
        if private(name):
            name = ""
        elif self._wanted is not None:
            name = name if name in self._wanted or name in self._inside else ""
        elif self._count >= MOST_COLUMNS:
            return ""
        if self._count < MOST_COLUMNS:
            self._names[prefix][key] = name
            self._count += 1
        return name


def records(
    stream: Any, spoiled: list[Spoiled], discreet: bool = True
) -> Iterator[tuple[int, dict[str, Any], int]]:
    """The line a record begins on, the record and its weight in characters; what is none goes to `spoiled`.

    Where `discreet`, without fields that could identify or locate a person.
    """
    for row, record, weighs in _weighed(stream):
        if isinstance(record, Spoiled):
            spoiled.append(record)
        else:
            yield row, without_private(record) if discreet else record, weighs


def _weighed(stream: Any) -> Iterator[tuple[int, Any, int]]:
    """Rows, records and weights; what is no record as Spoiled."""
    for row, record, length in _values(stream):
        if isinstance(record, Spoiled):
            yield row, record, 0
        elif not isinstance(record, dict):
            yield row, Spoiled(row, "a JSON value that is no object"), 0
        elif weighs := length or _weight(record):
            yield row, record, weighs
        else:
            yield row, Spoiled(row, "bytes that are not in the file's encoding"), 0


def _weight(record: dict[str, Any]) -> int:
    """Its length as JSON, or 0 where it holds what no text may hold."""
    try:
        text = msgspec.json.encode(record).decode()
    except (UnicodeEncodeError, UnicodeDecodeError, msgspec.MsgspecError, ValueError, RecursionError):
        return 0
    return 0 if "\\u0000" in text else len(text)


def _values(stream: Any) -> Iterator[tuple[int, Any, int]]:
    """Values with the line they begin on and their length; 0 where their text is still to be checked."""
    stream = stream if isinstance(stream, Lines) else Lines(stream)
    first = stream.read(1)
    while first and first in "\ufeff \t":
        first = stream.read(1)
    if first == "[":
        yield from _sequence("", stream, closed=True)
        return
    line = stream.readline()
    lines = [line if isinstance(line, Oversized) else first + line]
    while lines[-1].endswith("\n") and (len(lines) == 1 or not lines[-1].strip()) and len(lines) < _BLANK:
        lines.append(stream.readline())
    if _is_document(lines[0], lines[-1]):
        yield from _sequence("".join(lines), stream, closed=False)
    else:
        yield from _lines(chain(lines, stream))


def _is_document(line: str, after: str) -> bool:
    """Whether an object goes on over several lines, rather than a line being damaged."""
    try:
        json.loads(line)
    except ValueError:
        if line.rstrip().endswith(("{", "[")):
            return True
        return bool(after.strip()) and not after.lstrip().startswith("{") and "\x00" not in line
    except RecursionError:
        return False
    return False


def _lines(lines: Iterable[str]) -> Iterator[tuple[int, Any, int]]:
    decode = msgspec.json.Decoder().decode
    for row, line in enumerate(lines, 1):
        if "\x00" in line:
            why = TOO_LONG if isinstance(line, Oversized) else "NUL byte in the record"
            yield row, Spoiled(row, why), 0
            continue
        try:
            yield row, decode(line), 0 if "\\u0000" in line else len(line)
        except RecursionError:
            yield row, Spoiled(row, "the line is nested too deep"), 0
        except (msgspec.DecodeError, UnicodeEncodeError):
            if not line.strip():
                continue
            # NaN, lone surrogates and marks of byte order are no JSON, yet some exporters write them
            try:
                yield row, json.loads(line.strip("\ufeff\x1e \t\r\n")), 0
            except (ValueError, RecursionError):
                yield row, Spoiled(row, "the line is no JSON"), 0


def _sequence(text: str, stream: Any, closed: bool) -> Iterator[tuple[int, Any, int]]:
    """Values one after another; those of an array end where it is `closed`, others with the file."""
    decoder = json.JSONDecoder()
    place, row, ended = 0, 1, False
    while True:
        while place < len(text) and text[place] in " \t\r\n,\x1e":
            row += text[place] == "\n"
            place += 1
        if place < len(text) and text[place] == "]" and closed:
            if stream.cut or (text[place + 1 :] + stream.read(_STEP)).strip():
                yield row, Spoiled(row, "something follows the end of the JSON array: it is lost"), 0
            return
        try:
            record, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            # each try reads the value anew: reading twice as much each time keeps that cheap
            hopeless = ended or isinstance(error, RecursionError) or len(text) - place > 4 * LONGEST
            more = "" if hopeless else stream.read(max(_STEP, len(text)))
            ended = not more
            if ended:
                if closed or text[place:].strip():
                    what = "array" if closed else "document"
                    yield row, Spoiled(row, f"the JSON {what} is cut or damaged from here on"), 0
                return
            text, place = text[place:] + more, 0
            continue
        yield row, Spoiled(row, _TOO_LONG) if end - place > LONGEST else record, 0
        row += text.count("\n", place, end)
        place = end
