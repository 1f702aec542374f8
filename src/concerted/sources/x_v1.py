"""Posts as version 1.1 of the X interface gave them, and as twarc and others saved them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from concerted.sources import records
from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.x_post import PRIVATE, ROLES, cells

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
    """One post a line, an array of posts, or the answer to a search. Times are those in the post ids, to the
    millisecond."""

    name = "x_v1"
    says = "X (Twitter) API 1.1: posts as JSON lines, an array or a search answer; twarc 1"
    covers = tuple(ROLES)
    clock = "the time in the post ids, in milliseconds, else `created_at`, which names its zone"

    def recognise(self, opened: Opened) -> float:
        """By `id_str`, `user` and the text of the records."""
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
        yield from records.read(
            opened, options, self.name, _expand, recipe=recipe, roles=roles, lists=("statuses",)
        )


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
