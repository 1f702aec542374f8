"""Columns whose times are all written one way, read at once: the common case, forty times faster."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import Flags, Numbers

_ISO = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
_UTC = r"(Z| ?\+00:?00| UTC)$"
_C_TIME = r"^[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} \+0000 [12][0-9]{3}$"
_MONTHS = pa.array(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
_NUMBERS = pa.array([f"{number:02d}" for number in range(1, 13)])


class Uniform(NamedTuple):
    """Microseconds since 1970 by the clock as written, which cells hold one, and whether UTC is written."""

    micros: Numbers
    known: Flags
    zoned: bool


def read_uniform(values: pa.Array) -> Uniform | None:
    """The times of a text column if all cells that are not empty are ISO 8601 with seconds, all in UTC or all
    without a zone, or all as C writes them in UTC (`Wed Oct 10 20:19:24 +0000 2018`); None otherwise."""
    values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    filled = values.drop_null()
    if not len(filled):
        return None
    for pattern, zoned in ((_ISO + _UTC, True), (_ISO + "$", False), (_C_TIME, True)):
        # a look at one cell tells most columns apart
        one = filled.slice(0, 1)
        if not _all(one, pattern) or not _all(filled, pattern):
            continue
        iso = _from_c(values) if pattern == _C_TIME else values
        if pattern != _C_TIME and zoned:
            iso = pc.replace_substring_regex(iso, _UTC, "")
        try:
            moments = iso.cast(pa.timestamp("us"))
        except pa.ArrowInvalid:
            return None
        known: Flags = np.asarray(moments.is_valid()).astype(bool)
        micros: Numbers = moments.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return Uniform(micros, known, zoned)
    return None


def _all(values: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _from_c(values: pa.Array) -> pa.Array:
    month = _NUMBERS.take(pc.index_in(pc.utf8_slice_codeunits(values, 4, 7), value_set=_MONTHS))
    year, day = pc.utf8_slice_codeunits(values, 26, 30), pc.utf8_slice_codeunits(values, 8, 10)
    date = pc.binary_join_element_wise(year, month, day, "-")
    return pc.binary_join_element_wise(date, pc.utf8_slice_codeunits(values, 11, 19), "T")
