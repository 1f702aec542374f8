"""Writes values as R's `save` and `saveRDS` do (XDR), from their description in R Internals, section 1.8."""

from __future__ import annotations

import struct

_ATTRIBUTES, _TAG, _OBJECT = 0x200, 0x400, 0x100
MISSING = -(2**31)


def i4(*numbers: int) -> bytes:
    """Whole numbers of four bytes."""
    return struct.pack(f">{len(numbers)}i", *numbers)


def text(value: str | bytes | None, flag: int = 1 << 3) -> bytes:
    """One text; `flag` says its encoding, UTF-8 by default, 0 none."""
    if value is None:
        return i4(9, -1)
    raw = value if isinstance(value, bytes) else value.encode()
    return i4(9 | flag << 12, len(raw)) + raw


def symbol(name: str) -> bytes:
    """A name, written in full each time; R would point back to the first."""
    return i4(1) + text(name)


def pairs(held: dict[str, bytes]) -> bytes:
    """A pair list with tags."""
    return b"".join(i4(2 | _TAG) + symbol(name) + value for name, value in held.items()) + i4(254)


def vector(kind: int, content: bytes, length: int, attributes: dict[str, bytes] | None = None) -> bytes:
    """Any vector of which the content is written already."""
    flags = kind | (_ATTRIBUTES | _OBJECT if attributes else 0)
    return i4(flags, length) + content + (pairs(attributes) if attributes else b"")


def strings(*texts: str | bytes | None, flag: int = 1 << 3) -> bytes:
    """A vector of texts."""
    return vector(16, b"".join(text(one, flag) for one in texts), len(texts))


def whole(*numbers: int, **attributes: bytes) -> bytes:
    """A vector of whole numbers."""
    return vector(13, i4(*numbers), len(numbers), attributes)


def flags(*numbers: int) -> bytes:
    """A vector of truth values."""
    return vector(10, i4(*numbers), len(numbers))


def real(*numbers: float, **attributes: bytes) -> bytes:
    """A vector of floats."""
    return vector(14, struct.pack(f">{len(numbers)}d", *numbers), len(numbers), attributes)


def several(*values: bytes, **attributes: bytes) -> bytes:
    """A list of values."""
    return vector(19, b"".join(values), len(values), attributes)


def short(name: str, state: bytes) -> bytes:
    """A vector in short form."""
    made = i4(2) + symbol(name) + i4(2) + symbol("base") + i4(2) + whole(13) + i4(254)
    return i4(238) + made + state + i4(254)


def dotted(first: bytes, rest: bytes) -> bytes:
    """A pair of two values."""
    return i4(2) + first + rest


def frame(columns: dict[str, bytes], *kinds: str, **attributes: bytes) -> bytes:
    """A data frame of columns written already."""
    own = {"names": strings(*columns), "class": strings(*(kinds or ("data.frame",))), **attributes}
    return several(*columns.values(), **own)


def saved(objects: dict[str, bytes], version: int = 3) -> bytes:
    """A file of `save`, not packed."""
    return f"RDX{version}\n".encode() + alone(pairs(objects), version)


def alone(value: bytes, version: int = 3) -> bytes:
    """A file of `saveRDS`, not packed."""
    encoding = i4(5) + b"UTF-8" if version == 3 else b""
    return b"X\n" + i4(version, 0x040401, 0x030500) + encoding + value
