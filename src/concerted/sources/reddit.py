"""Reddit: comments and submissions of the Pushshift dumps and interfaces, and of Reddit's own listings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, links_in, media, read

LISTS = ("data", "data.children")
_ROLES = {
    "post": "id, with t1_ or t3_",
    "account": "author",
    "time": "created_utc",
    "text": "body, or title and selftext",
    "reshare": "crosspost_parent",
    "reshare_account": "crosspost_parent_list.author",
    "reply": "parent_id",
    "thread": "link_id",
    "urls": "url, links in the text",
    "media_items": "url on i.redd.it and v.redd.it",
    "link": "permalink",
    "collected": "retrieved_on",
    "reshares_total": "num_crossposts",
    "handle": "author (handle)",
    "opened": "author_created_utc",
}
_GONE = ("[deleted]", "[removed]")
_OWN = {"AutoModerator": "AutoModerator, the site's own program, is nobody's account"}
_BASE = "0123456789abcdefghijklmnopqrstuvwxyz"
_HOSTS = {"i.redd.it": "image", "v.redd.it": "video"}
_NOTE = (
    "accounts are told by name, since old dumps lack author_fullname and names on Reddit never change; "
    "comments on a submission count as replies to it"
)


class Reddit:
    """Deleted authors share one placeholder, so their posts are left out; `[removed]` is no text."""

    name = "reddit"
    says = "Reddit: Pushshift dumps and answers, Reddit's listings"
    covers = tuple(_ROLES)
    clock = "epoch seconds"

    def recognise(self, opened: Opened) -> float:
        """By `created_utc`, `author` and `subreddit` of a record with `body` or `title`."""
        found = [one for record in opened.peek for one in (record, *_held(record))]
        return 0.95 if any(_mine(one) for one in found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="reddit", zone="UTC", notes=(_NOTE,))
        yield from read(opened, options, self.name, _expand, recipe=recipe, roles=_ROLES, lists=LISTS)


def _held(record: dict[str, Any]) -> list[Any]:
    data = record.get("data")
    inside = data.get("children") if isinstance(data, dict) else data
    return [*(inside if isinstance(inside, list) else ()), *([data] if isinstance(data, dict) else ())]


def _mine(record: Any) -> bool:
    one = at(record, "data") if isinstance(at(record, "data"), dict) else record
    if not isinstance(one, dict) or not {"created_utc", "author", "subreddit"} <= one.keys():
        return False
    return "body" in one or "title" in one


def _expand(item: Item) -> Iterator[Cells | Spoiled]:
    record = item.record
    if record.get("kind") in ("t1", "t3") and isinstance(record.get("data"), dict):
        record = record["data"]
    author = record.get("author")
    if "body" not in record and "title" not in record:
        yield Spoiled(item.row, "neither a comment nor a submission")
    elif author in _GONE or not author:
        yield Spoiled(item.row, "the author was deleted, and all deleted authors share one name")
    elif author in _OWN:
        yield Spoiled(item.row, _OWN[author])
    else:
        yield _comment(record) if "body" in record else _submission(record)


def _common(record: dict[str, Any], kind: str) -> Cells:
    name, way = record.get("id"), record.get("permalink")
    return {
        "post": None if name is None else name if str(name).startswith(kind) else f"{kind}{name}",
        "account": record["author"],
        "time": record.get("created_utc"),
        "link": f"https://www.reddit.com{way}" if str(way or "").startswith("/") else way,
        "collected": record.get("retrieved_on") or record.get("retrieved_utc"),
        "handle": record["author"],
        "opened": record.get("author_created_utc"),
    }


def _comment(record: dict[str, Any]) -> Cells:
    text = None if record["body"] in _GONE else record["body"]
    return {
        **_common(record, "t1_"),
        "text": text,
        "reply": _parent(record.get("parent_id")) or record.get("link_id"),
        "thread": record.get("link_id"),
        "urls": links_in(text),
    }


def _parent(parent: Any) -> str | None:
    """One interface gives parents that are comments as plain numbers; ids are the same in base 36."""
    if not isinstance(parent, int):
        return None if parent is None else str(parent)
    digits = ""
    while parent:
        parent, digit = divmod(parent, 36)
        digits = _BASE[digit] + digits
    return f"t1_{digits}"


def _submission(record: dict[str, Any]) -> Cells:
    body = record.get("selftext")
    text = "\n".join(part for part in (record.get("title"), body) if part and part not in _GONE)
    url = record.get("url_overridden_by_dest") or record.get("url")
    own = bool(record.get("is_self")) or not str(url or "").startswith("http")
    host = "" if own else urlsplit(str(url)).hostname or ""
    crossed = record.get("crosspost_parent_list") or ()
    return {
        **_common(record, "t3_"),
        "text": text or None,
        "reshare": record.get("crosspost_parent"),
        "reshare_account": crossed[0].get("author") if crossed else None,
        "urls": [*(() if own or host in _HOSTS else (url,)), *links_in(body)],
        "media_items": media((url, _HOSTS[host], None, None)) if host in _HOSTS else [],
        "reshares_total": record.get("num_crossposts"),
    }
