"""JSON lines and JSON arrays, record by record, with the line each record begins on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

import msgspec
import numpy as np

from concerted.sources.frame import Frame, Spoiled, private, text_array, text_of

_DEPTH = 6
_STEP = 1 << 20


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
    records = _records(stream, spoiled)
    while True:
        part = list(islice(records, size))
        if not part and not spoiled:
            return
        flat = [_flatten(record, wanted) for _, record in part]
        names = list(dict.fromkeys(name for cells in flat for name in cells))
        columns = {name: text_array(cells.get(name) for cells in flat) for name in names}
        yield Frame(columns, np.array([row for row, _ in part], np.int64), tuple(spoiled))
        spoiled.clear()
        if len(part) < size:
            return


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


def _records(stream: IO[str], spoiled: list[Spoiled]) -> Iterator[tuple[int, dict[str, Any]]]:
    first = stream.read(1)
    while first and first in "\ufeff \t":
        first = stream.read(1)
    source = _array(stream) if first == "[" else _lines(first, stream, spoiled)
    for row, record in source:
        if isinstance(record, Spoiled):
            spoiled.append(record)
        elif not isinstance(record, dict):
            spoiled.append(Spoiled(row, "a JSON value that is no object"))
        elif not _clean(record):
            spoiled.append(Spoiled(row, "bytes that are not in the file's encoding"))
        else:
            yield row, record


def _clean(record: dict[str, Any]) -> bool:
    try:
        text = msgspec.json.encode(record).decode()
    except (UnicodeEncodeError, UnicodeDecodeError, msgspec.MsgspecError, ValueError):
        return False
    return "\\u0000" not in text


def _lines(first: str, stream: IO[str], spoiled: list[Spoiled]) -> Iterator[tuple[int, Any]]:
    decode = msgspec.json.Decoder().decode
    for row, line in enumerate(stream, 1):
        whole = first + line if row == 1 else line
        if not whole.strip():
            continue
        if "\x00" in whole:
            spoiled.append(Spoiled(row, "NUL byte in the record"))
            continue
        try:
            yield row, decode(whole)
        except (msgspec.DecodeError, UnicodeEncodeError):
            # NaN and lone surrogates are no JSON, yet some exporters write them
            try:
                yield row, json.loads(whole)
            except ValueError:
                spoiled.append(Spoiled(row, "the line is no JSON"))


def _array(stream: IO[str]) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder()
    text, place, row, ended = stream.read(_STEP), 0, 1, False
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            row += text[place] == "\n"
            place += 1
        if place < len(text) and text[place] == "]":
            return
        try:
            record, end = decoder.raw_decode(text, place)
        except ValueError:
            more = "" if ended else stream.read(_STEP)
            ended = not more
            if ended:
                yield row, Spoiled(row, "the JSON array is cut or damaged from here on")
                return
            text, place = text[place:] + more, 0
            continue
        yield row, record
        row += text.count("\n", place, end)
        place = end
