"""Posts as version 2 of the X interface gave them: pages, streams, and pages flattened by twarc."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from concerted.sources import records
from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.x_post import PRIVATE
from concerted.sources.x_v2_post import ROLES, Included, cells

_OF_X = {
    "conversation_id", "referenced_tweets", "edit_history_tweet_ids", "in_reply_to_user_id", "author_id",
    "possibly_sensitive", "reply_settings",
}  # fmt: skip
_USER = "an account, not a post: pages of accounts hold no acts"
_NOTICE = "a notice that a post or an account was deleted or changed, not a post"


class XVersion2:
    """Pages of posts with what they refer to, one post of a stream a line, or flattened posts. Of a page only
    `data` are posts; `includes` serves to fill in authors, originals and media."""

    name = "x_v2"
    says = "X (Twitter) API 2: pages, streams and flattened posts as JSON; twarc 2"
    covers = tuple(ROLES)
    clock = "the time in the post ids, in milliseconds, else `created_at`, which names its zone"

    def recognise(self, opened: Opened) -> float:
        """By the fields of the records in `data`, or of the records themselves."""
        known = [sure for record in opened.peek if (sure := _sure(record)) is not None]
        return sum(known) / len(known) if known else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="x", snowflakes=True)
        yield from records.read(opened, options, self.name, _expand, recipe=recipe, roles=ROLES)


def _sure(record: dict[str, Any]) -> float | None:
    """How surely a record is of this format; None where it holds nothing to tell by."""
    data = record.get("data", record)
    if isinstance(data, list):
        data = data[0] if data else {}
    if not isinstance(data, dict) or not data:
        return None
    page = bool({"includes", "meta", "__twarc", "matching_rules"} & record.keys())
    if _is_notice(data):
        return 0.9
    if _is_user(data):
        return 0.9 if page or "public_metrics" in data else 0.0
    if not {"id", "text"} <= data.keys() or isinstance(data["id"], dict):
        return 0.0
    mine = len(_OF_X & data.keys()) + ("retweet_count" in str(data.get("public_metrics")))
    return 0.95 if mine >= 2 or (mine and page) else 0.6 if page else 0.0


def _is_user(record: dict[str, Any]) -> bool:
    return "username" in record and "text" not in record


def _is_notice(record: dict[str, Any]) -> bool:
    return {"id", "action"} <= record.keys() and bool({"reason", "redacted_at"} & record.keys())


def _expand(item: Item) -> Iterable[dict[str, Any] | Spoiled]:
    record = item.record
    if "data" not in record:
        if "text" in record or _is_user(record) or _is_notice(record):
            yield _one(item.row, record, Included({}), record)
        elif "errors" in record:
            yield Spoiled(item.row, "an error the interface returned, not a post")
        elif "meta" in record:
            yield Spoiled(item.row, "a page without posts")
        else:
            yield Spoiled(item.row, "a record without text: not a post")
        return
    included = Included(record.get("includes") or {})
    data = record["data"]
    for one in data if isinstance(data, list) else [data]:
        yield _one(item.row, one, included, record)


def _one(
    row: int, post: dict[str, Any], included: Included, page: dict[str, Any]
) -> dict[str, Any] | Spoiled:
    if _is_notice(post):
        return Spoiled(row, _NOTICE)
    if _is_user(post):
        return Spoiled(row, _USER)
    if "text" not in post:
        return Spoiled(row, "a record without text: not a post")
    author = post.get("author") or included.users.get(str(post.get("author_id"))) or {}
    if author.get("protected"):
        return Spoiled(row, PRIVATE)
    retrieved = (post.get("__twarc") or page.get("__twarc") or {}).get("retrieved_at")
    return {**cells(post, included), "collected": retrieved}
