"""What bytes a column of text is made of: one look at all of them spares most columns what concerns few."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def letters(values: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of all cells of an array of text, one after the other, in UTF-8."""
    data = values.buffers()[2]
    if data is None or not data.size or not len(values):
        return np.array([], np.uint8)
    at = starts(values)
    return np.frombuffer(data, np.uint8)[at[0] : at[-1]]


def starts(values: pa.Array) -> npt.NDArray[np.int32]:
    """Where cells begin among the bytes of their buffer, and where the last one ends."""
    at = np.frombuffer(values.buffers()[1], np.int32)
    return at[values.offset : values.offset + len(values) + 1]


def only(values: pa.Array, first: str, last: str) -> bool:
    """Whether all cells are made of the characters of ASCII from `first` to `last`."""
    found = letters(values)
    return not len(found) or bool(ord(first) <= found.min() and found.max() <= ord(last))


def any_of(values: pa.Array, *parts: str) -> bool:
    """Whether one of these texts may stand in a cell; where none does, none stands in any."""
    data = letters(values).tobytes()
    plain = data.isascii()
    return any(part.encode() in data for part in parts if part.isascii() or not plain)


def longest(values: pa.Array) -> int:
    """Bytes of the longest cell."""
    return pc.max(pc.binary_length(values)).as_py() or 0


def whole_numbers(values: pa.Array, digits: int) -> pa.Array | None:
    """Cells as whole numbers, null where empty; None where a cell holds anything but so many digits."""
    if not only(values, "0", "9") or longest(values) > digits:
        return None
    if (np.diff(starts(values)) == 0).any():
        values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    return values.cast(pa.int64())
