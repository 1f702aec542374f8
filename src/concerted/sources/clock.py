"""Times of one column: their format, zone and resolution found from the whole file, then read to UTC.

Never the machine's zone: a time without one needs a declared zone, or is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

import numpy as np
import pyarrow as pa

from concerted.errors import BadTime, SettingError
from concerted.sources.frame import Flags, Numbers

SECOND = 1_000_000
DAY = 86_400 * SECOND
# Times before 2000 or after 2100 in an export of posts are a wrong unit, not a time; columns whose unit
# is declared are taken as they are.
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800

_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(.*)$"
)
_DAY_FIRST = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:,?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?)?\s*(.*)$"
)
_C_TIME = re.compile(r"(?:\w{3},? )?(\w{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (.*?) ?(\d{4})$")
_RFC = re.compile(r"(?:\w{3},? )?(\d{1,2}) (\w{3})\w* (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? ?(.*)$")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?$")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?$")
_MONTHS = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
# Names with one meaning: RFC 822's, and Europe's, which nobody else uses. IST, BST, AST, MSK and others
# have several, or changed theirs.
_NAMED = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip


class _Ambiguous(ValueError):
    """A zone name with several meanings."""


@lru_cache(maxsize=4096)
def _offset(text: str) -> int | None:
    """Minutes east of UTC; None where there is no zone. Raises _Ambiguous."""
    text = text.strip().strip("()")
    if not text:
        return None
    if text.upper() in _NAMED:
        return _NAMED[text.upper()]
    match = _OFFSET.match(text)
    if not match:
        raise _Ambiguous(text)
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes


def find_zone(name: str) -> tzinfo:
    """A zone by name: UTC, +02:00, EST or Europe/Berlin. Raises SettingError."""
    try:
        minutes = _offset(name)
        if minutes is not None:
            return timezone(timedelta(minutes=minutes)) if minutes else UTC
    except _Ambiguous:
        pass
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(
            f"timezone {name!r} is not known: give UTC, an offset such as +02:00 or a name such as Europe/Berlin"
        ) from None


@lru_cache(maxsize=65_536)
def _midnight(year: int, month: int, day: int) -> int:
    return (datetime(year, month, day).toordinal() - 719_163) * 86_400  # noqa: DTZ001


@dataclass
class Clock:
    """One column of times. Call `look` for every part of the file, then `settle`, then `read`.

    `zone` is declared for times that carry none; `unit` is that of numbers (s, ms, us; found if empty);
    `order` is DMY or MDY (found if empty); `form` is a format of strptime. `lenient` clocks never refuse:
    what they cannot read is missing, and times without a zone are taken as UTC.
    """

    column: str
    zone: str = ""
    unit: str = ""
    order: str = ""
    form: str = ""
    lenient: bool = False
    naive: int = 0
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
            self._measure(_micros(values))
        elif pa.types.is_date(kind):
            self._steps.update(date=len(values) - values.null_count)
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
            numbers = values.drop_null().to_numpy(zero_copy_only=False).astype(float)
            self._note_numbers(numbers[np.isfinite(numbers)])
        elif pa.types.is_string(kind):
            self._look_at_texts(values.to_pylist(), rows)

    def _learn_zone(self, values: pa.Array, rows: Numbers, has: bool) -> None:
        count = len(values) - values.null_count
        self.zoned += count if has else 0
        if not has and count:
            self.naive += count
            at = int(np.flatnonzero(np.asarray(values.is_valid()))[0])
            self._naive_at = self._naive_at or (int(rows[at]), str(values[at]))

    def _note_numbers(self, numbers: np.ndarray) -> None:
        if not len(numbers):
            return
        self.zoned += len(numbers)
        self._numbers += [float(np.median(np.abs(numbers)))]
        scale = _scale(self.unit or _unit(float(np.median(np.abs(numbers)))))
        self._measure(np.round(numbers * scale).astype(np.int64))

    def _look_at_texts(self, texts: list[str | None], rows: Numbers) -> None:
        numbers, steps = [], self._steps
        for place, text in enumerate(texts):
            if not text:
                continue
            if self.form:
                moment = self._by_form(text)
                if moment is None:
                    self._note_unread(int(rows[place]), text)
                    continue
                naive, second, micro, hour, minute = (
                    moment.tzinfo is None, moment.second, moment.microsecond, moment.hour, moment.minute,
                )  # fmt: skip
                steps[_step(hour, minute, second, micro)] += 1
            elif _NUMBER.match(text):
                numbers.append(float(text))
                continue
            else:
                parts = self._parts(text)
                if parts is None:
                    self._note_unread(int(rows[place]), text)
                    continue
                (_, _, _), clock, tail, slashed = parts
                steps["date" if clock is None else _step(*clock)] += 1
                if slashed:
                    self._firsts = max(self._firsts, slashed[0])
                    self._seconds = max(self._seconds, slashed[1])
                    self._slashed = self._slashed or (int(rows[place]), text)
                try:
                    naive = _offset(tail) is None
                except _Ambiguous:
                    self._vague_at = self._vague_at or (int(rows[place]), text)
                    continue
            if naive:
                self.naive += 1
                self._naive_at = self._naive_at or (int(rows[place]), text)
            else:
                self.zoned += 1
        self._note_numbers(np.array(numbers))

    def _note_unread(self, row: int, text: str) -> None:
        self._unread += 1
        self._unread_at = self._unread_at or (row, text)

    def _by_form(self, text: str) -> datetime | None:
        try:
            return datetime.strptime(text, self.form)  # noqa: DTZ007
        except ValueError:
            return None

    def _parts(self, text: str) -> _Parts | None:
        """Year, month, day; hour, minute, second, microsecond; the zone's text; the two first numbers of a
        date whose order is not certain."""
        match = _ISO.match(text)
        if match:
            year, _, month, day, hour, minute, second, fraction, tail = match.groups()
            return (int(year), int(month), int(day)), _clock(hour, minute, second, fraction, None), tail, None
        match = _DAY_FIRST.match(text)
        if match:
            one, mark, two, year, hour, minute, second, fraction, half, tail = match.groups()
            full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
            first, then = int(one), int(two)
            day, month = (then, first) if self.order == "MDY" and mark != "." else (first, then)
            slashed = None if mark == "." else (first, then)
            return (full, month, day), _clock(hour, minute, second, fraction, half), tail, slashed
        match = _C_TIME.match(text)
        if match and match[1].lower() in _MONTHS:
            name, day, hour, minute, second, tail, year = match.groups()
            date = int(year), _MONTHS[name.lower()], int(day)
            return date, _clock(hour, minute, second, None, None), tail, None
        match = _RFC.match(text)
        if match and match[2].lower() in _MONTHS:
            day, name, year, hour, minute, second, tail = match.groups()
            date = int(year), _MONTHS[name.lower()], int(day)
            return date, _clock(hour, minute, second, None, None), tail, None
        return None

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
            self.unit = _unit(float(np.median(self._numbers)))
        if self._slashed and not self.order and not self.form:
            if self._firsts > 12 >= self._seconds:
                self.order = "DMY"
            elif self._seconds > 12 >= self._firsts:
                self.order = "MDY"
            elif not self.lenient:
                row, text = self._slashed
                raise BadTime(
                    f"{file}, row {row}, column {self.column!r}: {text!r} may be day/month or month/day, and the "
                    "file does not tell: say which with --time-format, such as '%d/%m/%Y %H:%M' or '%m/%d/%Y %H:%M'"
                )
        if self._vague_at and not self.lenient:
            row, text = self._vague_at
            raise BadTime(
                f"{file}, row {row}, column {self.column!r}: the zone in {text!r} has no fixed meaning: write times "
                "with an offset such as +02:00"
            )
        if self.naive and not self.zone and not self.lenient:
            row, text = self._naive_at or (0, "")
            raise BadTime(
                f"{file}, row {row}, column {self.column!r}: {text!r} does not say its time zone: ask whoever made "
                "the file and give it with --timezone, such as --timezone UTC or --timezone Europe/Berlin"
            )
        self.resolution_s = self._resolution()

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
        where = f"zone {self.zone} as declared" if self.naive else "zone in the values"
        order = f", {self.order[0]}/{self.order[1]} dates" if self.order and self._slashed else ""
        return f"{self.column}: {where}{order}"

    def read(self, values: pa.Array) -> tuple[Numbers, Flags]:
        """Microseconds since 1970 UTC, and which of them are known."""
        kind, length = values.type, len(values)
        known: Flags = np.zeros(length, bool)
        micros: Numbers = np.zeros(length, np.int64)
        if pa.types.is_null(kind):
            return micros, known
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            known = np.array(values.is_valid())
            micros = _micros(values.fill_null(0) if pa.types.is_timestamp(kind) else values)
            if pa.types.is_timestamp(kind) and kind.tz is None and self.zone not in ("", "UTC"):
                zone = find_zone(self.zone)
                shifted = [
                    _from_local(int(m), zone) if k else None for m, k in zip(micros, known, strict=True)
                ]
                known = np.array([m is not None for m in shifted], bool)
                micros = np.array([m or 0 for m in shifted], np.int64)
            return np.where(known, micros, 0), known
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            known = np.array(values.is_valid())
            return self._from_numbers(values.fill_null(0), known)
        zone = find_zone(self.zone) if self.zone else UTC
        for place, text in enumerate(values.to_pylist()):
            if text:
                moment = self._one(text, zone)
                if moment is not None:
                    known[place], micros[place] = True, moment
        return micros, known

    def _from_numbers(self, values: pa.Array, known: Flags) -> tuple[Numbers, Flags]:
        scale = _scale(self.unit or "s")
        raw = values.to_numpy(zero_copy_only=False)
        if pa.types.is_integer(values.type):
            micros = raw.astype(np.int64) * scale if scale >= 1 else raw.astype(np.int64) // 1000
        else:
            known &= np.isfinite(raw)
            micros = np.round(np.where(known, raw, 0) * scale).astype(np.int64)
        return np.where(known, micros, 0).astype(np.int64), known

    def _one(self, text: str, zone: tzinfo) -> int | None:
        try:
            if self.form:
                moment = self._by_form(text)
                if moment is None:
                    return None
                if moment.tzinfo is not None:
                    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
                seconds = _midnight(moment.year, moment.month, moment.day)
                seconds += moment.hour * 3600 + moment.minute * 60 + moment.second
                return _from_local(seconds * SECOND + moment.microsecond, zone)
            if _NUMBER.match(text):
                return (
                    round(float(text) * _scale(self.unit or "s")) if "." in text else _whole(text, self.unit)
                )
            parts = self._parts(text)
            if parts is None:
                return None
            date, clock, tail, _ = parts
            hour, minute, second, micro = clock or (0, 0, 0, 0)
            if hour > 24 or minute > 59 or second > 60:
                return None
            local = (_midnight(*date) + hour * 3600 + minute * 60 + second) * SECOND + micro
            minutes = _offset(tail)
        except (ValueError, OverflowError):
            return None
        return _from_local(local, zone) if minutes is None else local - minutes * 60 * SECOND


_Parts = tuple[tuple[int, int, int], tuple[int, int, int, int] | None, str, tuple[int, int] | None]


def _clock(
    hour: str | None, minute: str | None, second: str | None, fraction: str | None, half: str | None
) -> tuple[int, int, int, int] | None:
    if hour is None or minute is None:
        return None
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    return hours, int(minute), int(second or 0), micro


def _step(hour: int, minute: int, second: int, micro: int) -> str:
    if micro:
        return "fraction"
    if second:
        return "second"
    if minute:
        return "minute"
    return "hour" if hour else "midnight"


def _unit(size: float) -> str:
    """The unit of epoch numbers, by which one makes them times of this century."""
    for unit in ("s", "ms", "us", "ns"):
        if size * _scale(unit) / SECOND < _LATEST:
            return unit
    return "ns"


def _scale(unit: str) -> float:
    return {"s": SECOND, "ms": 1_000, "us": 1, "ns": 0.001}[unit]


def _whole(text: str, unit: str) -> int:
    scale = _scale(unit or "s")
    return int(text) * int(scale) if scale >= 1 else int(text) // 1000


def _micros(values: pa.Array) -> Numbers:
    target = (
        pa.timestamp("us", tz=values.type.tz) if pa.types.is_timestamp(values.type) else pa.timestamp("us")
    )
    whole = values.cast(target, safe=False).cast(pa.int64())
    return whole.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def _from_local(micros: int, zone: tzinfo) -> int | None:
    """UTC from a local time; None where the clock change makes it two moments or none."""
    if zone is UTC:
        return micros
    naive = datetime(1970, 1, 1) + timedelta(microseconds=micros)  # noqa: DTZ001
    early, late = naive.replace(tzinfo=zone).utcoffset(), naive.replace(tzinfo=zone, fold=1).utcoffset()
    if early != late or early is None:
        return None
    return micros - early // timedelta(microseconds=1)


def plausible(micros: Numbers) -> Flags:
    """Which times can be those of posts: 2000 to 2100."""
    return (micros >= _EARLIEST * SECOND) & (micros < _LATEST * SECOND)
