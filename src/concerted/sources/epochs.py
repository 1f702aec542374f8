"""Numbers that count time since 1970, and their units."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from concerted.sources.frame import Numbers

SECOND = 1_000_000
# Times before 2000 or after 2100 in an export of posts are a wrong unit, not a time; columns whose unit
# is declared are taken as they are.
EARLIEST, LATEST = 946_684_800, 4_102_444_800


def unit(size: float) -> str:
    """The unit of epoch numbers, by which one makes them times of this century."""
    for name in ("s", "ms", "us", "ns"):
        if size * scale(name) / SECOND < LATEST:
            return name
    return "ns"


def scale(unit: str) -> float:
    """Microseconds of one unit."""
    return {"s": SECOND, "ms": 1_000, "us": 1, "ns": 0.001}[unit]


def whole(text: str, unit: str) -> int:
    """Microseconds of a whole number of units, exactly."""
    size = scale(unit or "s")
    return int(text) * int(size) if size >= 1 else int(text) // 1000


def micros(values: pa.Array) -> Numbers:
    """Microseconds of an Arrow array of times; 0 where there is none."""
    target = (
        pa.timestamp("us", tz=values.type.tz) if pa.types.is_timestamp(values.type) else pa.timestamp("us")
    )
    cast = values.cast(target, safe=False).cast(pa.int64())
    found: Numbers = cast.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return found
