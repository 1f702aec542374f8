"""Times of one column: their format, zone and resolution found from the whole file, then read to UTC.

Never the machine's zone: a time without one needs a declared zone, or is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from concerted.errors import BadTime
from concerted.sources import epochs
from concerted.sources.frame import Flags, Numbers
from concerted.sources.letters import whole_numbers
from concerted.sources.stamps import Stamp, take_apart
from concerted.sources.uniform import Uniform, read_uniform
from concerted.sources.zones import AmbiguousZone, find_zone, offset, to_utc

SECOND = epochs.SECOND
DAY = 86_400 * SECOND

_DIGITS = 18  # of whole numbers that 64 bits hold
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?$")
# Microseconds beyond this are no time of anything, and do not fit where times are kept.
_FAR = 2.0**62
# One odd time in so many is damage of that record; more are a habit of the file, which must be asked about.
_RARE = 100


@dataclass
class Clock:
    """One column of times. Call `look` for every part of the file, then `settle`, then `read`.

    `zone` is declared for times that carry none; `unit` is that of numbers (s, ms, us; found if empty);
    `order` is DMY or MDY (found if empty); `form` is a format of strptime. `lenient` clocks never refuse:
    what they cannot read is missing, and times without a zone are taken as UTC. Others refuse a file that
    leaves its zone open; where hardly any time does, those alone are missing.
    """

    column: str
    zone: str = ""
    unit: str = ""
    order: str = ""
    form: str = ""
    lenient: bool = False
    zone_from: str = " as declared"
    naive: int = 0
    vague: int = 0
    zoned: int = 0
    resolution_s: float = 1.0
    _firsts: int = 0
    _seconds: int = 0
    _slashed: tuple[int, str] | None = None
    _naive_at: tuple[int, str] | None = None
    _vague_at: tuple[int, str] | None = None
    _unread_at: tuple[int, str] | None = None
    _unread: int = 0
    _numbers: list[float] = field(default_factory=list)
    _steps: Counter[str] = field(default_factory=Counter)

    def look(self, values: pa.Array, rows: Numbers) -> None:
        """Learns from a part of the column. `rows` says where its records stand."""
        kind = values.type
        if pa.types.is_timestamp(kind):
            self._learn_zone(values, rows, kind.tz is not None)
            self._measure(epochs.micros(values))
        elif pa.types.is_date(kind):
            self._steps.update(date=len(values) - values.null_count)
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
            numbers = values.drop_null().to_numpy(zero_copy_only=False).astype(float)
            self._note_numbers(numbers[np.isfinite(numbers)])
        elif pa.types.is_string(kind):
            numbers = None if self.form else whole_numbers(values, _DIGITS)
            uniform = None if self.form or numbers is not None else read_uniform(values)
            if numbers is not None:
                self._note_numbers(numbers.drop_null().to_numpy().astype(float))
            elif uniform is not None:
                self._learn(values, rows, uniform)
            else:
                self._look_at_texts(values.to_pylist(), rows)

    def _learn(self, values: pa.Array, rows: Numbers, uniform: Uniform) -> None:
        count = int(uniform.known.sum())
        self.zoned += count if uniform.zoned else 0
        if not uniform.zoned:
            self.naive += count
            at = int(np.argmax(uniform.known))
            self._naive_at = self._naive_at or (int(rows[at]), values[at].as_py())
        self._measure(uniform.micros[uniform.known])

    def _learn_zone(self, values: pa.Array, rows: Numbers, has: bool) -> None:
        count = len(values) - values.null_count
        self.zoned += count if has else 0
        if not has and count:
            self.naive += count
            at = int(np.flatnonzero(np.asarray(values.is_valid()))[0])
            self._naive_at = self._naive_at or (int(rows[at]), str(values[at]))

    def _note_numbers(self, numbers: npt.NDArray[np.float64]) -> None:
        if not len(numbers):
            return
        self.zoned += len(numbers)
        self._numbers += [float(np.median(np.abs(numbers)))]
        scale = epochs.scale(self.unit or epochs.unit(float(np.median(np.abs(numbers)))))
        micros = numbers * scale
        self._measure(np.round(micros[np.abs(micros) < _FAR]).astype(np.int64))

    def _look_at_texts(self, texts: list[str | None], rows: Numbers) -> None:
        numbers = []
        for place, text in enumerate(texts):
            if not text:
                continue
            if not self.form and _NUMBER.match(text):
                numbers.append(float(text))
                continue
            stamp = self._stamp(text)
            if stamp is None:
                self._unread += 1
                self._unread_at = self._unread_at or (int(rows[place]), text)
                continue
            self._steps[stamp.step()] += 1
            if stamp.slashed:
                self._firsts = max(self._firsts, stamp.slashed[0])
                self._seconds = max(self._seconds, stamp.slashed[1])
                self._slashed = self._slashed or (int(rows[place]), text)
            try:
                naive = offset(stamp.zone) is None
            except AmbiguousZone:
                self.vague += 1
                self._vague_at = self._vague_at or (int(rows[place]), text)
                continue
            self.zoned += not naive
            self.naive += naive
            if naive:
                self._naive_at = self._naive_at or (int(rows[place]), text)
        self._note_numbers(np.array(numbers))

    def _stamp(self, text: str) -> Stamp | None:
        if not self.form:
            return take_apart(text, self.order)
        try:
            moment = datetime.strptime(text, self.form)  # noqa: DTZ007
        except ValueError:
            return None
        zone = moment.strftime("%z")[:5]
        date = (moment.year, moment.month, moment.day)
        return Stamp(date, (moment.hour, moment.minute, moment.second, moment.microsecond), zone)

    def _measure(self, micros: Numbers) -> None:
        if not len(micros):
            return
        fraction = int(np.count_nonzero(micros % SECOND))
        second = int(np.count_nonzero(micros % (60 * SECOND))) - fraction
        minute = int(np.count_nonzero(micros % (3600 * SECOND))) - fraction - second
        hour = int(np.count_nonzero(micros % DAY)) - fraction - second - minute
        rest = len(micros) - fraction - max(second, 0) - max(minute, 0) - max(hour, 0)
        self._steps.update(fraction=fraction, second=max(second, 0), minute=max(minute, 0), hour=max(hour, 0))
        self._steps.update(midnight=max(rest, 0))

    def settle(self, file: str) -> None:
        """Decides unit, order, zone and resolution. Raises BadTime where that is not safe."""
        if self._numbers and not self.unit:
            self.unit = epochs.unit(float(np.median(self._numbers)))
        if self._slashed and not self.order and not self.form:
            if self._firsts > 12 >= self._seconds:
                self.order = "DMY"
            elif self._seconds > 12 >= self._firsts:
                self.order = "MDY"
            else:
                self._refuse(
                    file,
                    self._slashed,
                    "may be day/month or month/day, and the file does not tell: say which with "
                    "--time-format, such as '%d/%m/%Y %H:%M' or '%m/%d/%Y %H:%M'",
                )
        if self._often(self.vague):
            self._refuse(
                file,
                self._vague_at,
                "names a zone without a fixed meaning: write times with an offset such as +02:00",
            )
        if self._unread > self.naive + self.zoned:
            self._refuse(
                file,
                self._unread_at,
                "cannot be read as a time: give its format with --time-format, such as '%d/%m/%Y %H:%M'",
            )
        if not self.zone and self._often(self.naive):
            self._refuse(
                file,
                self._naive_at,
                "does not say its time zone: ask whoever made the file and give it with --timezone, such as "
                "--timezone UTC or --timezone Europe/Berlin",
            )
        self.resolution_s = self._resolution()

    def _often(self, count: int) -> bool:
        return count * _RARE > self.naive + self.zoned + self.vague

    def _refuse(self, file: str, at: tuple[int, str] | None, why: str) -> None:
        if at and not self.lenient:
            raise BadTime(f"{file}, row {at[0]}, column {self.column!r}: {at[1][:60]!r} {why}")

    def _resolution(self) -> float:
        steps = self._steps
        shown = sum(steps.values())
        if steps["fraction"]:
            return 0.001
        if steps["second"]:
            return 1.0
        # Few values may fall on full minutes or hours by accident. The coarser reading only costs power,
        # the finer one would invent precision; full hours and midnights still need a few values to count.
        if steps["minute"] or (steps["hour"] and shown < 5) or (steps["midnight"] and shown < 3):
            return 60.0
        if steps["hour"]:
            return 3600.0
        return 86_400.0 if steps["midnight"] or steps["date"] else 1.0

    @property
    def says(self) -> str:
        """Where times and their zone come from, as words."""
        if self._numbers:
            return f"{self.column}: epoch numbers in {self.unit or 's'} (UTC)"
        where = f"zone {self.zone}{self.zone_from}" if self.naive else "zone in the values"
        order = f", {self.order[0]}/{self.order[1]} dates" if self.order and self._slashed else ""
        return f"{self.column}: {where}{order}"

    def read(self, values: pa.Array) -> tuple[Numbers, Flags]:
        """Microseconds since 1970 UTC, and which of them are known."""
        kind, length = values.type, len(values)
        known: Flags = np.zeros(length, bool)
        micros: Numbers = np.zeros(length, np.int64)
        if pa.types.is_null(kind) or pa.types.is_nested(kind):
            return micros, known
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            known = np.array(values.is_valid())
            micros = epochs.micros(values.fill_null(0) if pa.types.is_timestamp(kind) else values)
            if pa.types.is_timestamp(kind) and kind.tz is None and self.zone not in ("", "UTC"):
                zone = find_zone(self.zone)
                shifted = [to_utc(int(m), zone) if k else None for m, k in zip(micros, known, strict=True)]
                known = np.array([m is not None for m in shifted], bool)
                micros = np.array([m or 0 for m in shifted], np.int64)
            return np.where(known, micros, 0), known
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            known = np.array(values.is_valid())
            return self._from_numbers(values.fill_null(0), known)
        zone = find_zone(self.zone) if self.zone else UTC
        numbers = None if self.form else whole_numbers(values, _DIGITS)
        if numbers is not None:
            return self._from_numbers(numbers.fill_null(0), np.array(numbers.is_valid()))
        uniform = None if self.form else read_uniform(values)
        unsaid = not self.zone and not self.lenient
        if uniform is not None and (uniform.zoned or zone is UTC):
            return uniform.micros, uniform.known & (uniform.zoned or not unsaid)
        for place, text in enumerate(values.to_pylist()):
            if text:
                moment = self._one(text, None if unsaid else zone)
                if moment is not None and abs(moment) < _FAR:
                    known[place], micros[place] = True, moment
        return micros, known

    def _from_numbers(self, values: pa.Array, known: Flags) -> tuple[Numbers, Flags]:
        scale = epochs.scale(self.unit or "s")
        raw = values.to_numpy(zero_copy_only=False)
        known = known & (np.abs(raw.astype(float) * scale) < _FAR)
        raw = np.where(known, raw, 0)
        if pa.types.is_integer(values.type):
            micros = raw.astype(np.int64) * scale if scale >= 1 else raw.astype(np.int64) // 1000
        else:
            micros = np.round(raw * scale).astype(np.int64)
        return np.where(known, micros, 0).astype(np.int64), known

    def _one(self, text: str, zone: tzinfo | None) -> int | None:
        try:
            if not self.form and _NUMBER.match(text):
                return (
                    round(float(text) * epochs.scale(self.unit or "s"))
                    if "." in text
                    else epochs.whole(text, self.unit)
                )
            stamp = self._stamp(text)
            if stamp is None:
                return None
            local, minutes = stamp.micros(), offset(stamp.zone)
        except (ValueError, OverflowError):
            return None
        if minutes is None:
            return None if zone is None else to_utc(local, zone)
        return local - minutes * 60 * SECOND


def plausible(micros: Numbers) -> Flags:
    """Which times can be those of posts: 2000 to 2100."""
    return (micros >= epochs.EARLIEST * SECOND) & (micros < epochs.LATEST * SECOND)
