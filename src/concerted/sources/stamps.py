"""One written time, taken apart: ISO, day and month by numbers, the C library's and e-mail's formats."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(.*)$"
)
_NUMBERS = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:,?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?)?\s*(.*)$"
)
_C_TIME = re.compile(r"(?:\w{3},? )?(\w{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (.*?) ?(\d{4})$")
_MAIL = re.compile(r"(?:\w{3},? )?(\d{1,2}) (\w{3})\w* (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? ?(.*)$")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}


class Stamp(NamedTuple):
    """`date` is year, month, day; `clock` hour, minute, second, microsecond, or None where only a day is
    written; `zone` its text; `slashed` the first two numbers where their order is not certain."""

    date: tuple[int, int, int]
    clock: tuple[int, int, int, int] | None
    zone: str
    slashed: tuple[int, int] | None = None

    def micros(self) -> int:
        """Microseconds since 1970 by the clock on the wall. Raises ValueError for a day or hour there is
        not."""
        hour, minute, second, micro = self.clock or (0, 0, 0, 0)
        if hour > 24 or minute > 59 or second > 60:
            raise ValueError("no such time of day")
        return (midnight(*self.date) + hour * 3600 + minute * 60 + second) * 1_000_000 + micro

    def step(self) -> str:
        """The finest unit that is not zero."""
        if self.clock is None:
            return "date"
        return step(*self.clock)


def step(hour: int, minute: int, second: int, micro: int) -> str:
    """The finest unit of a time of day that is not zero."""
    if micro:
        return "fraction"
    if second:
        return "second"
    if minute:
        return "minute"
    return "hour" if hour else "midnight"


@lru_cache(maxsize=65_536)
def midnight(year: int, month: int, day: int) -> int:
    """Seconds since 1970 at the beginning of a day. Raises ValueError for a day there is not."""
    return (datetime(year, month, day).toordinal() - 719_163) * 86_400  # noqa: DTZ001


def take_apart(text: str, order: str = "") -> Stamp | None:
    """A written time, or None where it is none. `order` MDY reads 3/4/2020 as 4 March; with dots the day
    always comes first."""
    match = _ISO.match(text)
    if match:
        year, _, month, day, hour, minute, second, fraction, zone = match.groups()
        return Stamp((int(year), int(month), int(day)), _clock(hour, minute, second, fraction), zone)
    match = _NUMBERS.match(text)
    if match:
        one, mark, two, year, hour, minute, second, fraction, half, zone = match.groups()
        full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
        first, then = int(one), int(two)
        day_month = (then, first) if order == "MDY" and mark != "." else (first, then)
        slashed = None if mark == "." else (first, then)
        return Stamp(
            (full, day_month[1], day_month[0]), _clock(hour, minute, second, fraction, half), zone, slashed
        )
    match = _C_TIME.match(text)
    if match and match[1].lower() in _MONTHS:
        name, day, hour, minute, second, zone, year = match.groups()
        return Stamp((int(year), _MONTHS[name.lower()], int(day)), _clock(hour, minute, second), zone)
    match = _MAIL.match(text)
    if match and match[2].lower() in _MONTHS:
        day, name, year, hour, minute, second, zone = match.groups()
        return Stamp((int(year), _MONTHS[name.lower()], int(day)), _clock(hour, minute, second), zone)
    return None


def _clock(
    hour: str | None,
    minute: str | None,
    second: str | None,
    fraction: str | None = None,
    half: str | None = None,
) -> tuple[int, int, int, int] | None:
    if hour is None or minute is None:
        return None
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return hours, int(minute), int(second or 0), int((fraction or "0")[:6].ljust(6, "0"))
