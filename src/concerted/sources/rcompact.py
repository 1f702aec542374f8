"""Vectors that R saves in short form: sequences, texts made of numbers on demand, wrapped vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

INTEGER, REAL, STRINGS = 13, 14, 16
# A file of a hundred bytes can announce a sequence of any length.
MOST = 1 << 24
_DIGITS = 15
_NO_NUMBER = -(2**31)


def expand(name: str, state: Any) -> tuple[int, Any]:
    """The kind and content of a vector in the short form called `name`; kind 0 stands for that of the first
    part of `state`.

    Raises ValueError where the form is unknown or the vector longer than 16 million, TypeError or IndexError
    where its state is damaged.
    """
    if name in ("compact_intseq", "compact_realseq"):
        length, first, step = (float(number) for number in state)
        if not 0 <= length <= MOST:
            raise ValueError(f"{length:,.0f} numbers are too many: save the data as CSV or Parquet")
        if not abs(first) + abs(step) * length < 2**53:
            raise ValueError("its numbers are too large")
        kind, form = (INTEGER, np.int64) if name == "compact_intseq" else (REAL, np.float64)
        return kind, (first + step * np.arange(int(length))).astype(form)
    if name == "deferred_string":
        numbers, effort = state[0], state[1]
        return STRINGS, _texts(np.asarray(numbers), int(effort[0]))
    if name.startswith("wrap_"):
        return 0, state[0]
    raise ValueError("unknown")


def _texts(numbers: npt.NDArray[Any], effort: int) -> list[str | None]:
    """Numbers as R writes them: 15 digits, scientific where that is shorter by more than `effort`."""
    if numbers.dtype.kind == "i":
        return [None if number == _NO_NUMBER else str(number) for number in numbers.tolist()]
    return [_text(number, effort) for number in numbers.astype(float).tolist()]


def _text(number: float, effort: int) -> str | None:
    if number != number:
        return None
    if abs(number) == float("inf"):
        return "Inf" if number > 0 else "-Inf"
    digits, _, power = f"{number:.{_DIGITS - 1}e}".partition("e")
    digits = digits.rstrip("0").rstrip(".")
    exponent = int(power)
    kept = sum(one.isdigit() for one in digits)
    scientific = f"{digits}e{exponent:+03d}"
    fixed = f"{number:.{max(0, kept - 1 - exponent)}f}"
    return fixed if len(fixed) <= len(scientific) + effort else scientific
