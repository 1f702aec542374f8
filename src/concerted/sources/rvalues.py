"""Values in R's binary serialisation, as `save` and `saveRDS` write it (XDR, versions 2 and 3).

Source: R Internals, section 1.8 "Serialization Formats". Code, environments and pointers are passed over;
only vectors and lists keep their content.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from concerted.sources import rcompact

NULL, SYMBOL, PAIRS, TEXT, LOGICAL, INTEGER, REAL, STRINGS, LIST = 0, 1, 2, 9, 10, 13, 14, 16, 19
_LIKE_PAIRS = (PAIRS, 3, 5, 6, 17)
_ENVIRONMENT, _COMPLEX, _RAW, _OBJECT = 4, 15, 24, 25
_POINTER, _WEAK, _COMPACT, _REFERENCE = 22, 23, 238, 255
_BUILTIN = (7, 8)
_NAMED = (247, 248, 249)
_CONSTANTS = (254, 253, 252, 251, 250, 242, 241)
_CODE = (21, 243, 244, 239, 240)
_HAS_ATTRIBUTES, _HAS_TAG = 0x200, 0x400
_LATIN1, _UTF8 = 1 << 2, 1 << 3
_DEEPEST = 100
_NUMBER = struct.Struct(">i")
_TWO = struct.Struct(">ii")


class Damaged(Exception):
    """The bytes are not what the format allows; the text says how."""


@dataclass
class Value:
    """One value of R. `data`: an array of numbers (missing whole numbers and truth values are the smallest
    32-bit number), a list of texts or of values, pairs of tag and value, a name, or nothing."""

    kind: int
    data: Any = None
    attributes: dict[str, Value] = field(default_factory=dict)

    def strings(self, name: str) -> list[str | None]:
        """An attribute that holds texts; empty where there is none."""
        held = self.attributes.get(name)
        return held.data if held is not None and held.kind == STRINGS else []


class Content(NamedTuple):
    """What a file holds. `guessed`: texts in no declared encoding were read as cp1252."""

    value: Value
    guessed: bool


def read_values(data: bytes) -> Content:
    """The value serialised in `data`, which begins with its format, `X` and a line end.

    Raises Damaged where it is cut, damaged, or holds compiled code.
    """
    reader = _Reader(data)
    value = reader.whole()
    return Content(value, reader.guessed)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._depth = data, 2, 0
        self._seen: list[Value] = []
        self.guessed = False

    def whole(self) -> Value:
        if not self._data.startswith(b"X\n"):
            raise Damaged("it is damaged: its beginning is not that of R's format")
        version, _, _ = self._number(), self._number(), self._number()
        if version not in (2, 3):
            raise Damaged(f"it is written in version {version} of R's format, and 2 and 3 are known")
        if version == 3:
            self._bytes(self._number())
        return self._value()

    def _bytes(self, size: int) -> bytes:
        begin, end = self._at, self._at + size
        if size < 0 or end > len(self._data):
            raise Damaged(f"it ends or is damaged at byte {begin:,} of its unpacked content")
        self._at = end
        return self._data[begin:end]

    def _number(self) -> int:
        return int(_NUMBER.unpack(self._bytes(4))[0])

    def _length(self, each: int) -> int:
        """A length; `each` is the fewest bytes of one element, so that no damaged length fills memory."""
        length = self._number()
        if length == -1:
            high, low = _TWO.unpack(self._bytes(8))
            length = (high << 32) + (low & 0xFFFFFFFF)
        if length < 0 or length * each > len(self._data) - self._at:
            raise Damaged(f"it is damaged: a length at byte {self._at:,} reaches beyond its end")
        return int(length)

    def _value(self) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Damaged(f"values are nested more than {_DEEPEST} deep")
        value = self._one(self._number())
        self._depth -= 1
        return value

    def _one(self, flags: int) -> Value:
        kind = flags & 0xFF
        if kind in _LIKE_PAIRS:
            return self._pairs(flags)
        if kind == _REFERENCE:
            place = (flags >> 8 & 0xFFFFFF) or self._number()
            if not 0 < place <= len(self._seen):
                raise Damaged(f"it is damaged: at byte {self._at:,} it points to a value that is not there")
            return self._seen[place - 1]
        if kind == _COMPACT:
            return self._compact()
        if kind in _SIMPLE:
            value = Value(kind, _SIMPLE[kind](self))
        elif kind == TEXT:
            return Value(TEXT, self._text(flags))
        elif kind == SYMBOL:
            return self._keep(Value(SYMBOL, self._value().data))
        elif kind in _CONSTANTS or kind == NULL:
            return Value(NULL)
        elif kind == _ENVIRONMENT:
            value = self._keep(Value(kind))
            self._number()
            for _ in range(4):
                self._value()
            return value
        elif kind in (_POINTER, _WEAK):
            value = self._keep(Value(kind))
            for _ in range(2 if kind == _POINTER else 0):
                self._value()
        elif kind in _NAMED:
            self._number()
            self._strings()
            return self._keep(Value(kind))
        elif kind in _CODE:
            raise Damaged("it holds functions, not only data")
        else:
            raise Damaged(f"it is damaged: at byte {self._at:,} there is no value of R")
        if flags & _HAS_ATTRIBUTES:
            value.attributes = self._attributes()
        return value

    def _keep(self, value: Value) -> Value:
        self._seen.append(value)
        return value

    def _pairs(self, flags: int) -> Value:
        pairs: list[tuple[str, Value]] = []
        first: dict[str, Value] = {}
        while flags & 0xFF in _LIKE_PAIRS:
            held = self._attributes() if flags & _HAS_ATTRIBUTES else {}
            first = first or held
            tag = self._value().data if flags & _HAS_TAG else ""
            pairs.append((tag if isinstance(tag, str) else "", self._value()))
            flags = self._number()
        rest = self._one(flags)
        if rest.kind != NULL:
            pairs.append(("", rest))
        return Value(PAIRS, pairs, first)

    def _attributes(self) -> dict[str, Value]:
        held = self._value()
        return dict(held.data) if held.kind == PAIRS else {}

    def _compact(self) -> Value:
        """A vector that R keeps in short form, such as 1 to n."""
        made, state, held = self._value(), self._value(), self._value()
        name = made.data[0][1].data if made.kind == PAIRS else None
        parts = [value for _, value in state.data] if state.kind == PAIRS else state.data
        try:
            whole = [one.data for one in parts] if state.kind in (PAIRS, LIST) else parts
            kind, data = rcompact.expand(str(name), whole)
        except (ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
            raise Damaged(
                f"it holds a vector in a short form that cannot be read ({name}: {error})"
            ) from None
        own = dict(held.data) if held.kind == PAIRS else {}
        return Value(kind, data, own) if kind else Value(parts[0].kind, data, {**parts[0].attributes, **own})

    def _text(self, flags: int) -> str | None:
        length = self._number()
        if length == -1:
            return None
        raw = self._bytes(length)
        if b"\x00" in raw:
            raise Damaged(f"it is damaged: there is a NUL in the text before byte {self._at:,}")
        if flags >> 12 & _LATIN1:
            return raw.decode("latin-1")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            if flags >> 12 & _UTF8:
                raise Damaged(f"it is damaged: the text before byte {self._at:,} is not UTF-8") from None
        self.guessed = True
        return raw.decode("cp1252", "replace")

    def _strings(self) -> list[str | None]:
        texts = []
        for _ in range(self._length(8)):
            flags = self._number()
            if flags & 0xFF != TEXT:
                raise Damaged(f"it is damaged: at byte {self._at:,} there should be a text")
            texts.append(self._text(flags))
        return texts

    def _array(self, kind: str) -> Any:
        size = np.dtype(kind).itemsize
        raw = self._bytes(size * self._length(size))
        return np.frombuffer(raw, kind).astype(np.dtype(kind).newbyteorder("="))

    def _list(self) -> list[Value]:
        return [self._value() for _ in range(self._length(4))]


_SIMPLE: dict[int, Callable[[_Reader], Any]] = {
    LOGICAL: lambda self: self._array(">i4"),
    INTEGER: lambda self: self._array(">i4"),
    REAL: lambda self: self._array(">f8"),
    _COMPLEX: lambda self: self._array(">c16"),
    STRINGS: _Reader._strings,
    LIST: _Reader._list,
    20: _Reader._list,
    _RAW: lambda self: self._bytes(self._length(1)),
    _OBJECT: lambda self: None,
    **dict.fromkeys(_BUILTIN, lambda self: self._bytes(self._length(1))),
}
