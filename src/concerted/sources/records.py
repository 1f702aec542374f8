"""Records of JSON (or other nested) exports, turned into flat cells by a function of the family."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

import msgspec
import numpy as np
import pyarrow as pa

from concerted import schema
from concerted.sources import document, shaping
from concerted.sources.document import Item
from concerted.sources.frame import Frame, Spoiled, text_array, text_of, without_private
from concerted.sources.lines import Lines, lost
from concerted.sources.opening import CHUNK, SAMPLE, Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import LISTS, PARENTS, Options, Recipe
from concerted.sources.unpack import text_lines

Cells = dict[str, Any]
# A record becomes posts (cells by role: `account`, `time`, `reshare` ...), or a reason to leave it out.
Expand = Callable[[Item], Iterable[Cells | Spoiled]]

_LINK = re.compile(r"https?://[^\s<>\"'“”«»\\]+")
_TAG = re.compile(r"(?<![\w&/])[#＃](\w*[^\W\d_]\w*)")


@dataclass(frozen=True)
class Records(Opened):
    """A file seen through `expand`. Its columns are the roles, under the names `shown` gives them.

    `told` takes up, while it is read, what people must know about the file.
    """

    expand: Expand = field(default=lambda item: (), compare=False)
    lists: Collection[str] = ()
    shown: Mapping[str, str] = field(default_factory=dict, compare=False)
    told: dict[str, int] = field(default_factory=dict, compare=False)

    # what `expand` has seen of a file by its end, such as deletions, it knows when it is read again
    steady: ClassVar[bool] = False

    def frames(self, wanted: Iterable[str] | None = None, size: int = CHUNK) -> Iterator[Frame]:
        """The cells, `size` records at a time; only the `wanted` columns where given."""
        names = None if wanted is None else frozenset(wanted)
        made = self._made()
        while part := list(islice(made, size)):
            cells = [(row, one) for row, one in part if not isinstance(one, Spoiled)]
            roles = dict.fromkeys(role for _, one in cells for role in one)
            columns = {
                name: _array(role, [one.get(role) for _, one in cells])
                for role in roles
                if (name := self.shown.get(role, role)) and (names is None or name in names)
            }
            lost = tuple(one for _, one in part if isinstance(one, Spoiled))
            yield Frame(columns, np.array([row for row, _ in cells], np.int64), lost)

    def _made(self) -> Iterator[tuple[int, Cells | Spoiled]]:
        self.told.clear()
        for item in self.items():
            if isinstance(item, Spoiled):
                yield item.row, item
                continue
            try:
                made = list(self.expand(item._replace(record=without_private(item.record))))
            except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
                made = [Spoiled(item.row, "the record is not built as its format says")]
            for one in made:
                yield item.row, one if isinstance(one, Spoiled) else _whole(item.row, one)

    def items(self) -> Iterator[Item | Spoiled]:
        """The records as they stand in the file."""
        with text_lines(self.path, self.encoding, self.meter) as stream:
            lines, said = Lines(stream), False
            for item in document.items(lines, self.lists, self.told):
                said |= isinstance(item, Spoiled) and "from here on" in item.reason
                yield item
            if lines.cut and not said:
                yield lost(lines)

    @cached_property
    def sample(self) -> Frame:
        """The first thousand records."""
        return next(self.frames(size=SAMPLE), Frame({}, np.array([], np.int64)))


def read(
    opened: Opened,
    options: Options,
    source: str,
    expand: Expand,
    *,
    recipe: Recipe,
    roles: Mapping[str, str],
    lists: Collection[str] = (),
    view: type[Records] = Records,
) -> Iterator[tuple[str, pa.Table]]:
    """Rows of the tables, by a function that makes cells of records.

    `roles`: which roles the cells fill -> where the export has them, as people read it. `lists`: where in
    an object the records are. `recipe`: what else the family declares; its columns are not looked at.
    Raises DamagedIds and BadTime.
    """
    # what is withheld of the file itself is named to people, too
    header = (*roles.values(), *opened.withheld)
    file = view(
        opened.path, opened.kind, opened.encoding, None, header, expand, lists, dict(roles),
        name=opened.name, hashed=opened.hashed, meter=opened.meter,
    )  # fmt: skip
    columns = {role: (name,) for role, name in roles.items()}
    whole = checked(replace(recipe, columns=columns), file, options)
    for name, chunk in shaping.read(file, whole, options, source):
        yield name, _noted(chunk, file.told) if name == "inputs" else chunk


def noted(inputs: pa.Table, notes: Iterable[str]) -> pa.Table:
    """A row of inputs with more notes for people in it."""
    place = inputs.schema.get_field_index("capability")
    lines = [*inputs["capability"].to_pylist()[0], *(f"note: {note}" for note in notes)]
    return inputs.set_column(place, "capability", pa.array([lines], schema.TEXTS))


def _noted(inputs: pa.Table, told: Mapping[str, int]) -> pa.Table:
    return noted(inputs, [f"{count} {says}" for says, count in sorted(told.items())])


def _whole(row: int, cells: Cells) -> Cells | Spoiled:
    with suppress(UnicodeEncodeError, msgspec.MsgspecError, TypeError, ValueError, OverflowError):
        # far faster than looking at every text, where nothing is odd
        if b"\\u0000" not in msgspec.json.encode(cells):
            return cells
    texts = "".join(text for value in cells.values() for text in _texts(value))
    if "\x00" in texts:
        return Spoiled(row, "NUL character in the record")
    try:
        texts.encode()
    except UnicodeEncodeError:
        return Spoiled(row, "bytes that are not in the file's encoding")
    return cells


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in _texts(inner))
    elif isinstance(value, list):
        yield from (text for inner in value for text in _texts(inner))


def _array(role: str, values: list[Any]) -> pa.Array:
    if role in LISTS:
        # an exporter may write one value where it writes a list elsewhere, or a number as one
        listed = (cell if isinstance(cell, (list, tuple)) else [cell] for cell in values)
        texts = ([str(x) for x in cell if isinstance(x, (str, int)) and x] for cell in listed)
        return pa.array([list(dict.fromkeys(cell)) for cell in texts], schema.TEXTS)
    if role in _IDS:
        # neither an object nor a flag is an id, and as text it would be one that posts share
        values = [None if isinstance(value, (dict, list, bool)) else value for value in values]
    return text_array(text_of(value) for value in values)


_IDS = frozenset(
    ("post", "account", "parent", "thread", *PARENTS, *(f"{parent}_account" for parent in PARENTS))
)


def at(record: Any, path: str) -> Any:
    """The value at a dotted path of nested objects; None where it is not there."""
    for key in path.split("."):
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def links_in(text: str | None) -> list[str]:
    """Addresses written out in a text, without the punctuation that ends a sentence."""
    return [link.rstrip(".,;:!?)]}…'") for link in _LINK.findall(text or "")]


def tags_in(text: str | None) -> list[str]:
    """Hashtags written out in a text, without #."""
    return _TAG.findall(text or "")


def media(*found: tuple[Any, str, Any, str | None]) -> list[dict[str, Any]]:
    """Media as rows of posts hold them, from (id, kind, hash, kind of hash); what has neither is dropped."""
    return [
        {"id": None if name is None else str(name), "kind": kind, "hash": value, "hash_kind": scheme}
        for name, kind, value, scheme in found
        if name is not None or value is not None
    ]
