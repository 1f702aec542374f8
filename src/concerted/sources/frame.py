"""A frame: some records of one file as columns, before they become posts or accounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Fields that could identify or locate a private person. They are dropped where files are opened, so
# that no later mistake can let one through. Matched against names without case and punctuation.
_PRIVATE = re.compile(
    r""".*e?mail(s|address|addresses)?$ | .*email.* | .*phone.* | .*mobilenumber | tel$ | msisdn
    | (.*[a-z])?ip(addr(ess)?|v4|v6)$ | ip$ | .*ipaddress.* | .*useragent.* | .*device.* | imei | imsi
    | lat$ | lng$ | lon$ | long$ | .*latitude.* | .*longitude.* | longlat | latlong | .*coordinates?.*
    | geo | geo(type|enabled|id|hash|point|location|tag|json|country|city).* | .*location.*
    | place.* | .*placename
    | venue.* | poi | poi(id|name|info).* | .*address$ | contact.* | .*personalinformation.* | sessions?$
    | .*birth(day|date).* | timezone$ | utcoffset$ | .*postcode | zipcode""",
    re.VERBOSE,
)


def plain_name(name: str) -> str:
    """A column name without case and punctuation: `Post Created` and `post_created` are one."""
    return re.sub(r"[\W_]+", "", name.casefold())


@lru_cache(maxsize=16_384)
def private(name: str) -> bool:
    """Whether a column could identify or locate a private person; such columns are never loaded."""
    last = plain_name(name.rsplit(".", 1)[-1])
    return bool(_PRIVATE.match(plain_name(name)) or _PRIVATE.match(last))


def without_private(value: Any) -> Any:
    """A JSON value without the fields that could identify or locate a person, at any depth."""
    if isinstance(value, dict):
        return {
            key: without_private(inner) if isinstance(inner, _NESTED) else inner
            for key, inner in value.items()
            if not private(key)
        }
    if isinstance(value, list):
        return [without_private(inner) if isinstance(inner, _NESTED) else inner for inner in value]
    return value


_NESTED = (dict, list)


@dataclass(frozen=True)
class Spoiled:
    """A record that cannot be read at all."""

    row: int
    reason: str
    example: str | None = None


@dataclass(frozen=True)
class Frame:
    """Records as columns of equal length. `rows` says where each begins in the file, the first line or
    record being 1; `spoiled` holds the records in between that could not be read."""

    columns: dict[str, pa.Array]
    rows: Numbers
    spoiled: tuple[Spoiled, ...] = field(default=())
    # ids of the roles they play, once they are cleaned
    cleaned: dict[str, pa.Array] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> pa.Array:
        """A column; all empty where these records do not have it."""
        return self.columns.get(name, pa.nulls(len(self), pa.string()))

    def with_columns(self, more: dict[str, pa.Array]) -> Frame:
        """The same records with more columns."""
        return Frame({**self.columns, **more}, self.rows, self.spoiled)


def text_of(value: Any) -> str | None:
    """A JSON value as the text of a cell: lists and objects as JSON, whole numbers exactly."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return msgspec.json.encode(value).decode()


def text_array(values: Iterable[str | None]) -> pa.Array:
    """Cells as an Arrow array of text."""
    return pa.array(values, pa.string())
