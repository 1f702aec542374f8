"""Posts as version 1.1 of the X interface gave them, and as twarc and others saved them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from concerted.sources import lists, records
from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.ids import MISSING
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.x_post import PRIVATE, ROLES, cells

_NUMBERS = ("id", "in_reply_to_status_id", "in_reply_to_user_id", "quoted_status_id")
_NOTICES = {
    "delete": "a notice of deletion, not a post",
    "scrub_geo": "a notice about places, not a post",
    "status_withheld": "a notice of a withheld post, not a post",
    "user_withheld": "a notice of a withheld account, not a post",
    **dict.fromkeys(
        ("limit", "disconnect", "warning", "event", "friends", "for_user"),
        "a notice of the stream, not a post",
    ),
}


class XVersion1:
    """One post a line, an array of posts, or the answer to a search; also a table of them whose cells hold
    objects as text, as pandas writes them. Times are those in the post ids, to the millisecond."""

    name = "x_v1"
    says = "X (Twitter) API 1.1: posts as JSON lines, an array, a search answer or a table; twarc 1"
    covers = tuple(ROLES)
    clock = "the time in the post ids, in milliseconds, else `created_at`, which names its zone"

    def recognise(self, opened: Opened) -> float:
        """By `id_str`, `user` and the text of the records."""
        if opened.kind == "csv":
            return 0.95 if _is_frame(opened) else 0.0
        found: list[dict[str, Any]] = []
        for record in opened.peek:
            found += record.get("statuses") or [record]
        notices = [one for one in found if len(one) == 1 and set(one) <= set(_NOTICES)]
        posts = [one for one in found if _is_post(one)]
        if posts and 2 * len(posts) >= len(found) - len(notices):
            return 0.95
        return 0.8 if notices and len(notices) == len(found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="x", snowflakes=True)
        roles = {role: name for role, name in ROLES.items() if role != "thread"}

        class Rows(records.Records):
            """The rows of a table as records."""

            def items(self) -> Iterator[Item | Spoiled]:
                return _rows(opened)

        view = Rows if opened.kind == "csv" else records.Records
        yield from records.read(
            opened, options, self.name, _expand, recipe=recipe, roles=roles, lists=("statuses",), view=view
        )


def _is_frame(opened: Opened) -> bool:
    names = set(opened.header)
    one_of = ({"id", "id_str"}, {"user"}, {"text", "full_text"}, {"entities", "retweeted_status"})
    if not all(names & some for some in one_of):
        return False
    users = [text for text in opened.sample.column("user").to_pylist() if text]
    return bool(users) and all(text.startswith("{") for text in users)


def _rows(opened: Opened) -> Iterator[Item | Spoiled]:
    for frame in opened.frames():
        yield from frame.spoiled
        cells = {name: column.to_pylist() for name, column in frame.columns.items()}
        for place, row in enumerate(frame.rows.tolist()):
            record = {name: _cell(values[place]) for name, values in cells.items()}
            # tables keep the ids that are numbers, as text here
            named = {f"{name}_str": record.get(f"{name}_str") or record.get(name) for name in _NUMBERS}
            yield Item(row, "", {**record, **named}, {})


def _cell(text: str | None) -> Any:
    if text and text[0] in "{[":
        found = lists.objects(text)
        return (found[0] if text[0] == "{" else found) if found else None
    return None if text in MISSING else text


def _is_post(record: dict[str, Any]) -> bool:
    whole = record.get("id_str") and isinstance(record.get("user"), dict)
    return bool(whole and {"text", "full_text"} & record.keys())


def _expand(item: Item) -> Iterable[dict[str, Any] | Spoiled]:
    notice = next((says for key, says in _NOTICES.items() if key in item.record), "")
    if notice and not item.record.get("id_str"):
        yield Spoiled(item.row, notice)
    elif not item.record.get("id_str"):
        yield Spoiled(item.row, "a record without id_str: not a post")
    elif (item.record.get("user") or {}).get("protected"):
        yield Spoiled(item.row, PRIVATE)
    else:
        yield cells(item.record)
