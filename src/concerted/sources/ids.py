"""Ids as text, the missing ones known as missing, the damaged ones found.

Spreadsheets and floats keep 15 to 17 digits. What they leave is `9.06E+17`, or long ids that end in
zeros; posts and accounts then share ids, and ties between them would be invented.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.errors import DamagedIds
from concerted.sources.frame import Flags, Numbers
from concerted.sources.letters import any_of, longest, only

# What exports write where there is nothing.
MISSING = (
    "", "nan", "NaN", "NAN", "None", "null", "NULL", "NA", "N/A", "#N/A", "<NA>", "absent", "[]", "{}",
    "[deleted]", "[removed]",
)  # fmt: skip
_MISSING = pa.array(MISSING, pa.string())
_NO_PARENT = pa.array([*MISSING, "0", "-1"], pa.string())
_SCIENTIFIC = r"^-?\d(?:[.,]\d+)?[eE]\+\d+$|^-?\d[.,]\d+[eE]\d+$|^\d{16,}\.0*$"
_DIGITS = 17
_LONG = rf"^\d{{{_DIGITS},}}$"
_EXACT_FLOAT = r"^(\d{1,15})\.0*$"
_EPOCH_MS = 1_288_834_974_657
# Ids of the scheme of November 2010 are above all serial numbers given before it.
_FIRST_SNOWFLAKE = 29_700_859_248
# The largest float that still tells every whole number from its neighbours.
_EXACT = 2**53
# Long ids come from snowflakes whose low bits are mostly zero, so their last digits are multiples of 8
# (000: one in 125) or of 4 (00: one in 25). Measured on 11,306 real posts: 000 in 0.4 %, 00 in 2.3 %.
_ENDINGS = (("000", 1 / 125, 0.05), ("00", 1 / 25, 0.5))
_CHANCE = 1e-5
_KEPT = 200_000


def clean(values: pa.Array, parent: bool = False) -> pa.Array:
    """Ids as text; missing ones are null. `parent`: 0 and -1 mean that there is no parent."""
    kind = values.type
    if pa.types.is_nested(kind):
        # a list is no id, and as text it would be one that posts share
        return pa.nulls(len(values), pa.string())
    if pa.types.is_floating(kind):
        whole = values.to_numpy(zero_copy_only=False)
        text = pa.array(
            [None if math.isnan(x) else _from_float(float(x)) for x in np.nan_to_num(whole, nan=math.nan)]
        )
        values = text.cast(pa.string())
    elif not pa.types.is_string(kind):
        values = values.cast(pa.string())
    if not only(values, "!", "~"):
        values = pc.utf8_trim_whitespace(values)
    values = without(values, _NO_PARENT if parent else _MISSING)
    if any_of(values, ".0"):
        values = pc.replace_substring_regex(values, _EXACT_FLOAT, r"\1")
    return values


def without(values: pa.Array, nothing: pa.Array, told: pa.Array | None = None) -> pa.Array:
    """Values without those that say nothing: they, or what is `told` of them, are among `nothing`."""
    hit = pc.is_in(values if told is None else told, value_set=nothing)
    return pc.if_else(hit, pa.scalar(None, pa.string()), values) if pc.any(hit).as_py() else values


def _from_float(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{value:E}"


def present(values: pa.Array) -> Flags:
    """Which values are there."""
    return np.asarray(values.is_valid()).astype(bool)


def _flags(values: pa.Array) -> Flags:
    return np.asarray(values.fill_null(False)).astype(bool)


def scientific(values: pa.Array) -> Flags:
    """Which ids were written as rounded numbers."""
    if not any_of(values, "+", ".", ","):
        return np.zeros(len(values), bool)
    return _flags(pc.match_substring_regex(values, _SCIENTIFIC))


def _long(values: pa.Array) -> Flags:
    """Which ids are whole numbers that a float does not hold exactly."""
    if longest(values) < _DIGITS:
        return np.zeros(len(values), bool)
    if only(values, "0", "9"):
        return _flags(pc.greater_equal(pc.binary_length(values), _DIGITS))
    return _flags(pc.match_substring_regex(values, _LONG))


def snowflake(values: pa.Array) -> tuple[Numbers, Flags]:
    """The time in X ids, as microseconds UTC to the millisecond, and which ids can have one.

    X ids since 4 November 2010 hold the milliseconds since 1288834974657 above their low 22 bits.
    """
    fit = _flags(pc.match_substring_regex(values, r"^[1-9]\d{10,17}$|^[1-8]\d{18}$"))
    numbers = (
        pc.if_else(pa.array(fit), values, pa.scalar("0")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    )
    fit &= numbers >= _FIRST_SNOWFLAKE
    return np.where(fit, ((numbers >> 22) + _EPOCH_MS) * 1_000, 0).astype(np.int64), fit


@dataclass
class Watch:
    """Looks for damage in one id column, part by part."""

    column: str
    present: int = 0
    rounded: int = 0
    long: int = 0
    _first: tuple[int, str] | None = None
    _seen: set[str] = field(default_factory=set)
    _ending: dict[str, tuple[int, str]] = field(default_factory=dict)
    _judged: tuple[int, str] | None = None

    def look(self, values: pa.Array, rows: Numbers) -> None:
        """Counts damage in cleaned ids."""
        self.present += len(values) - values.null_count
        hit = scientific(values)
        if hit.any():
            self.rounded += int(hit.sum())
            at = int(np.flatnonzero(hit)[0])
            self._first = self._first or (int(rows[at]), values[at].as_py()[:60])
        far = _long(values)
        if far.any():
            self.long += int(far.sum())
            if len(self._seen) < _KEPT:
                self._seen.update(pc.unique(values.filter(pa.array(far))).to_pylist())
            for ending, _, _ in _ENDINGS:
                at = int(np.argmax(far & _flags(pc.ends_with(values, ending))))
                if ending not in self._ending and far[at] and values[at].as_py().endswith(ending):
                    self._ending[ending] = (int(rows[at]), values[at].as_py()[:60])

    @property
    def ending(self) -> str:
        """As `_judge`, which looks at every id, once for all that was seen."""
        if self._judged is None or self._judged[0] != self.long:
            self._judged = (self.long, self._judge())
        return self._judged[1]

    def _judge(self) -> str:
        """The zeros that too many distinct long ids end in, or nothing.

        With chance p for one id, k of n distinct ids by chance has probability at most
        (n p / k)^k e^(k - n p) (Chernoff); zeros count as damage below 1e-5, and only where they are a
        sizeable share, since some id schemes favour some digits a little.
        """
        count = len(self._seen)
        for ending, chance, share in _ENDINGS:
            hits = sum(text.endswith(ending) for text in self._seen)
            if hits < 3 or hits < share * count or hits <= count * chance:
                continue
            bound = hits * math.log(count * chance / hits) + hits - count * chance
            if bound < math.log(_CHANCE):
                return ending
        return ""

    @property
    def says(self) -> str:
        """What is damaged, in words; nothing where the column is sound."""
        if self.rounded:
            row, example = self._first or (0, "")
            return (
                f"{self.rounded} of {self.present} ids in {self.column!r} were rounded ({example}, row {row})"
            )
        if self.ending:
            row, example = self._ending[self.ending]
            return (
                f"too many long ids in {self.column!r} end in {self.ending} ({example}, row {row}): rounded"
            )
        return ""

    def damaged(self, values: pa.Array) -> Flags:
        """Which cleaned ids are damaged, once the whole column has been looked at."""
        hit = scientific(values)
        if self.ending:
            hit |= _long(values) & _flags(pc.ends_with(values, self.ending))
        return hit

    def refuse(self, file: str, what: str) -> DamagedIds:
        """The error to raise: what, where, what instead."""
        return DamagedIds(
            f"{file}: {self.says}; distinct {what}s now share an id, and ties between them would be "
            f"invented. Ask for an export with {self.column!r} as text that no spreadsheet or float has "
            f"touched; or set damaged rows aside with --skip-damaged; or do without the column: --map {what}="
        )
