"""JSON lines, JSON arrays and whole JSON documents, record by record, with the line each record begins on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any

import msgspec
import numpy as np

from concerted.sources.frame import Frame, Spoiled, private, text_array, text_of, without_private

_DEPTH = 6
_STEP = 1 << 20
# A frame ends before its records weigh more than this: pages of posts may have megabytes each.
_BUDGET = 1 << 26


def is_json(head: str) -> bool:
    """Whether the beginning of a text looks like JSON records."""
    start = head.lstrip("\ufeff \t\r\n")
    if start[:1] == "[":
        return start[1:].lstrip()[:1] in ("{", "]")
    if start[:1] != "{":
        return False
    return start[1:].lstrip()[:1] in ('"', "}")


def frames(stream: IO[str], wanted: Iterable[str] | None, size: int) -> Iterator[Frame]:
    """Records as text columns, nested objects as `outer.inner`; `wanted` None gives all columns but
    private ones."""
    wanted = None if wanted is None else frozenset(wanted)
    spoiled: list[Spoiled] = []
    flat: list[dict[str, str | None]] = []
    rows: list[int] = []
    weight = 0
    for row, record, weighs in records(stream, spoiled):
        weight += weighs
        flat.append(_flatten(record, wanted))
        rows.append(row)
        if len(flat) >= size or weight >= _BUDGET:
            yield _frame(flat, rows, spoiled)
            flat, rows, weight = [], [], 0
            spoiled.clear()
    if flat or spoiled:
        yield _frame(flat, rows, spoiled)


def _frame(flat: list[dict[str, str | None]], rows: list[int], spoiled: list[Spoiled]) -> Frame:
    names = list(dict.fromkeys(name for cells in flat for name in cells))
    columns = {name: text_array(cells.get(name) for cells in flat) for name in names}
    return Frame(columns, np.array(rows, np.int64), tuple(spoiled))


def names(stream: IO[str], size: int) -> tuple[str, ...]:
    """Names of the columns of the first `size` records, private ones too."""
    found: dict[str, None] = {}
    weight = 0
    for count, (_, record, weighs) in enumerate(records(stream, [], discreet=False), 1):
        _name(found, "", record, 0)
        weight += weighs
        if count >= size or weight >= _BUDGET:
            break
    return tuple(found)


def _name(found: dict[str, None], prefix: str, value: Any, depth: int) -> None:
    if isinstance(value, dict) and depth < _DEPTH and not (prefix and private(prefix)):
        for key, inner in value.items():
            _name(found, f"{prefix}.{key}" if prefix else str(key), inner, depth + 1)
    elif prefix:
        found[prefix] = None


def _flatten(record: dict[str, Any], wanted: frozenset[str] | None) -> dict[str, str | None]:
    cells: dict[str, str | None] = {}

    def add(prefix: str, value: Any, depth: int) -> None:
        if isinstance(value, dict) and depth < _DEPTH:
            for key, inner in value.items():
                name = f"{prefix}.{key}" if prefix else str(key)
                if not private(name):
                    add(name, inner, depth + 1)
        elif prefix and (wanted is None or prefix in wanted):
            cells[prefix] = text_of(value)

    add("", record, 0)
    return cells


def records(
    stream: IO[str], spoiled: list[Spoiled], discreet: bool = True
) -> Iterator[tuple[int, dict[str, Any], int]]:
    """The line a record begins on, the record and its weight in bytes; what is none goes to `spoiled`.

    Where `discreet`, without fields that could identify or locate a person.
    """
    for row, record in _values(stream):
        if isinstance(record, Spoiled):
            spoiled.append(record)
        elif not isinstance(record, dict):
            spoiled.append(Spoiled(row, "a JSON value that is no object"))
        elif not (weighs := _weight(record)):
            spoiled.append(Spoiled(row, "bytes that are not in the file's encoding"))
        else:
            yield row, without_private(record) if discreet else record, weighs


def _weight(record: dict[str, Any]) -> int:
    """Its length as JSON, or 0 where it holds what no text may hold."""
    try:
        text = msgspec.json.encode(record).decode()
    except (UnicodeEncodeError, UnicodeDecodeError, msgspec.MsgspecError, ValueError, RecursionError):
        return 0
    return 0 if "\\u0000" in text else len(text)


def _values(stream: IO[str]) -> Iterator[tuple[int, Any]]:
    first = stream.read(1)
    while first and first in "\ufeff \t":
        first = stream.read(1)
    if first == "[":
        yield from _sequence("", stream, closed=True)
        return
    lines = [first + stream.readline()]
    while lines[-1].endswith("\n") and (len(lines) == 1 or not lines[-1].strip()):
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


def _lines(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    decode = msgspec.json.Decoder().decode
    for row, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if "\x00" in line:
            yield row, Spoiled(row, "NUL byte in the record")
            continue
        try:
            yield row, decode(line)
        except RecursionError:
            yield row, Spoiled(row, "the line is nested too deep")
        except (msgspec.DecodeError, UnicodeEncodeError):
            # NaN and lone surrogates are no JSON, yet some exporters write them
            try:
                yield row, json.loads(line)
            except (ValueError, RecursionError):
                yield row, Spoiled(row, "the line is no JSON")


def _sequence(text: str, stream: IO[str], closed: bool) -> Iterator[tuple[int, Any]]:
    """Values one after another; those of an array end where it is `closed`, others with the file."""
    decoder = json.JSONDecoder()
    place, row, ended = 0, 1, False
    while True:
        while place < len(text) and text[place] in " \t\r\n,\x1e":
            row += text[place] == "\n"
            place += 1
        if place < len(text) and text[place] == "]" and closed:
            return
        try:
            record, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            # each try reads the value anew: reading twice as much each time keeps that cheap
            more = "" if ended or isinstance(error, RecursionError) else stream.read(max(_STEP, len(text)))
            ended = not more
            if ended:
                if closed or text[place:].strip():
                    what = "array" if closed else "document"
                    yield row, Spoiled(row, f"the JSON {what} is cut or damaged from here on")
                return
            text, place = text[place:] + more, 0
            continue
        yield row, record
        row += text.count("\n", place, end)
        place = end
