"""Time zones by name or offset. Never the machine's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from concerted.errors import SettingError

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?$")
# Names with one meaning: RFC 822's, and Europe's, which nobody else uses. IST, BST, AST, MSK and others
# have several, or changed theirs.
_NAMED = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120,
    "EEST": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420,
}  # fmt: skip


class AmbiguousZone(ValueError):
    """A zone name with several meanings, or none."""


@lru_cache(maxsize=4096)
def offset(text: str) -> int | None:
    """Minutes east of UTC; None where there is no zone. Raises AmbiguousZone."""
    text = text.strip().strip("()")
    if not text:
        return None
    if text.upper() in _NAMED:
        return _NAMED[text.upper()]
    match = _OFFSET.match(text)
    if not match:
        raise AmbiguousZone(text)
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes


def find_zone(name: str) -> tzinfo:
    """A zone by name: UTC, +02:00, EST or Europe/Berlin. Raises SettingError."""
    try:
        minutes = offset(name)
        if minutes is not None:
            return timezone(timedelta(minutes=minutes)) if minutes else UTC
    except AmbiguousZone:
        pass
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(
            f"timezone {name!r} is not known: give UTC, an offset such as +02:00 or a name such as "
            "Europe/Berlin"
        ) from None


def to_utc(micros: int, zone: tzinfo) -> int | None:
    """Microseconds UTC from those of a local clock; None where a clock change makes them two moments or
    none."""
    if zone is UTC:
        return micros
    naive = datetime(1970, 1, 1) + timedelta(microseconds=micros)  # noqa: DTZ001
    early, late = naive.replace(tzinfo=zone).utcoffset(), naive.replace(tzinfo=zone, fold=1).utcoffset()
    if early != late or early is None:
        return None
    return micros - early // timedelta(microseconds=1)
