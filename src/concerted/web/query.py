"""Filters as they stand in an address, so that every filtered page has a link of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from concerted.errors import InputError
from concerted.exports import _show
from concerted.findings import Act, CoAct

LONGEST = 200  # characters of any one value


@dataclass(frozen=True)
class Query:
    """What is asked for. `first` and `last` bound times, both ends included; `least` and `most` the number
    of accounts; `q` is the largest q; `place` is the number of rows to skip."""

    trace: str = ""
    first: datetime | None = None
    last: datetime | None = None
    least: int | None = None
    most: int | None = None
    q: float | None = None
    account: str = ""
    verdict: str = ""
    text: str = ""
    place: int = 0

    def holds(self, act: CoAct) -> bool:
        """Whether two acts are of the trace asked for, and one of them within the times."""
        if self.trace and act.trace != self.trace:
            return False
        return any(self.within(one) for one in (act.first, act.second))

    def within(self, act: Act) -> bool:
        """Whether an act lies within the times."""
        return (self.first is None or act.time >= self.first) and (self.last is None or act.time <= self.last)

    @property
    def narrow(self) -> bool:
        """Whether anything is filtered out."""
        return any(
            getattr(self, name) != getattr(Query(), name) for name in NAMES.values() if name != "place"
        )

    def address(self, **changed: Any) -> str:
        """This query as it stands in an address, with some values changed; "" where nothing is asked."""
        values = {name: changed.get(field, getattr(self, field)) for name, field in NAMES.items()}
        kept = {
            name: _written(value)
            for name, value in values.items()
            if value not in (None, "") and (name, value) != ("skip", 0)
        }
        return f"?{urlencode(kept)}" if kept else ""


NAMES = {
    "trace": "trace",
    "from": "first",
    "to": "last",
    "min": "least",
    "max": "most",
    "q": "q",
    "account": "account",
    "verdict": "verdict",
    "text": "text",
    "skip": "place",
}


def read(given: Mapping[str, str]) -> Query:
    """The query in an address; names it does not know are left alone.

    Raises InputError naming the value that cannot be used.
    """
    values: dict[str, Any] = {}
    for name, field in NAMES.items():
        # the value stands in the page again, where nothing may turn the direction of what follows
        raw = _show.UNSAYABLE.sub("", _show.HIDDEN.sub("", given.get(name, ""))).strip()
        if not raw:
            continue
        if len(raw) > LONGEST:
            raise InputError(f"{name} is longer than {LONGEST} characters: ask for less")
        values[field] = _value(name, raw)
    return Query(**values)


def _value(name: str, raw: str) -> Any:
    try:
        if name in ("from", "to"):
            return _time(raw, end=name == "to")
        if name in ("min", "max", "skip"):
            return max(0, int(raw))
        if name == "q":
            return _share(raw)
    except (ValueError, OverflowError):
        wanted = {
            "from": "a time in UTC such as 2025-03-03T10:30:00",
            "to": "a time in UTC such as 2025-03-03T10:30:00",
            "q": "a number from 0 to 1",
        }.get(name, "a whole number")
        raise InputError(f"{name} = {raw!r} cannot be used: give {wanted}") from None
    return raw


def _share(raw: str) -> float:
    value = float(raw)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def _time(raw: str, end: bool) -> datetime:
    """A day stands for all of it; a time without seconds for its whole minute, at the end of a span."""
    time = datetime.fromisoformat(raw)
    time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    if end:
        step = timedelta(days=1) if len(raw) == 10 else timedelta(seconds=60 if len(raw) == 16 else 1)
        return time + step - timedelta(microseconds=1)
    return time


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{value:g}" if isinstance(value, float) else str(value)
