"""Mastodon and its kin: statuses of the interface (also Truth Social, Gab, Pleroma), and the archive's
outbox of activities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.htmltext import hrefs, plain
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, links_in, media, read

LISTS = ("ancestors", "descendants", "statuses", "orderedItems")
PUBLIC = ("public", "unlisted", None)
# Networks of one server each, where the server's own ids are the ids of the network.
SINGLE = {"truthsocial.com": "truthsocial", "gab.com": "gab"}
_ROLES = {
    "post": "uri",
    "account": "account.url",
    "time": "created_at",
    "text": "content",
    "is_reshare": "reblog",
    "reshare": "reblog.uri",
    "reshare_account": "reblog.account.url",
    "reshare_time": "reblog.created_at",
    "reply": "in_reply_to_id, inReplyTo",
    "reply_account": "in_reply_to_account_id",
    "is_reply": "in_reply_to_id, in_reply_to_account_id",
    "quote": "quote.quoted_status.uri",
    "quote_account": "quote.quoted_status.account.url",
    "thread": "conversation",
    "urls": "card.url, links in content",
    "tags": "tags.name",
    "mentions": "mentions.url",
    "media_items": "media_attachments.id",
    "client": "application.name",
    "lang": "language",
    "platform": "server",
    "link": "url",
    "reshares_total": "reblogs_count",
    "handle": "account.acct",
    "name": "account.display_name",
    "bio": "account.note",
    "opened": "account.created_at",
    "followers": "account.followers_count",
    "following": "account.following_count",
    "statuses": "account.statuses_count",
    "avatar": "account.avatar_static",
    "platform_label": "account.bot",
}
_EVERYBODY = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
_NOTE = "posts that are not public or unlisted are never read; accounts declared as bots keep that label"
_IDS = 500_000
_ROUNDED = re.compile(r"-?\d(?:[.,]\d+)?[eE]\+?\d+$")


class Mastodon:
    """`id` counts on one server only, so posts are told by `uri` and accounts by `url`; replies name the
    parent by `id`, which is looked up among the statuses of the file."""

    name = "mastodon"
    says = "Mastodon, Pleroma, Truth Social, Gab: statuses; Mastodon archive's outbox.json"
    covers = tuple(_ROLES)
    clock = "UTC as written, in milliseconds"

    def recognise(self, opened: Opened) -> float:
        """By a status with account, content and created_at, or an outbox of activities."""
        found = [
            one
            for record in opened.peek
            for one in (record, *(x for key in LISTS for x in _list(record.get(key))))
        ]
        return 0.9 if any(_status(one) or _activity(one) for one in found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="mastodon", zone="UTC", notes=(_NOTE,))
        known = Statuses()
        yield from read(opened, options, self.name, known.expand, recipe=recipe, roles=_ROLES, lists=LISTS)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _status(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("account"), dict)
        and {"content", "created_at"} <= one.keys()
        and bool({"uri", "reblog", "visibility", "media_attachments"} & one.keys())
    )


def _activity(one: Any) -> bool:
    return isinstance(one, dict) and {"type", "actor", "object", "published"} <= one.keys()


class Statuses:
    """Turns statuses into cells; remembers which address belongs to a server's own ids, and to an actor."""

    def __init__(self) -> None:
        self._uris: dict[str, str] = {}
        self._accounts: dict[str, str] = {}
        self._actors: dict[str, str] = {}

    def expand(self, item: Item) -> Iterator[Cells | Spoiled]:
        """Cells of one status or activity."""
        record = item.record
        if _activity(record):
            yield self._acted(item)
        elif not isinstance(record.get("account"), dict) or "created_at" not in record:
            yield Spoiled(item.row, "no status")
        elif record.get("visibility") not in PUBLIC:
            yield Spoiled(item.row, "not public, not read")
        else:
            yield self.status(record)

    def status(self, record: dict[str, Any]) -> Cells:
        """Cells of a status; of a boost with the text of the original."""
        account = record["account"]
        boosted = record.get("reblog") if isinstance(record.get("reblog"), dict) else None
        quoted = at(record, "quote.quoted_status") or record.get("quote")
        quoted = quoted if isinstance(quoted, dict) and quoted.get("account") else None
        platform = platform_of(record)
        uri = _uri(record)
        if record.get("uri") and len(self._uris) < _IDS:
            self._uris[str(record.get("id"))] = str(uri)
            self._accounts[str(account.get("id"))] = str(_account(account))
        told = boosted or record
        content = told.get("content")
        text = plain(content)
        replied, answered = record.get("in_reply_to_id"), record.get("in_reply_to_account_id")
        return {
            "post": uri,
            "account": _account(account),
            "time": record.get("created_at"),
            "text": text,
            "is_reshare": "true" if boosted or record.get("reblog") else None,
            "reshare": _uri(boosted) if boosted else None,
            "reshare_account": _account(boosted["account"]) if boosted and boosted.get("account") else None,
            "reshare_time": boosted.get("created_at") if boosted else None,
            "reply": None if replied is None else self._uris.get(str(replied), str(replied)),
            "reply_account": self._accounts.get(str(answered)),
            "is_reply": "true" if replied is not None or answered is not None else None,
            "quote": _uri(quoted) if quoted else record.get("quote_id"),
            "quote_account": _account(quoted["account"]) if quoted else None,
            "urls": [
                at(told, "card.url"),
                *hrefs(content),
                *(() if "<a " in (content or "") else links_in(text)),
            ],
            "tags": [at(tag, "name") for tag in told.get("tags") or ()],
            "mentions": [at(one, "url") or at(one, "acct") for one in told.get("mentions") or ()],
            "media_items": media(
                *(
                    (at(one, "remote_url") or at(one, "id"), at(one, "type"), None, None)
                    for one in told.get("media_attachments") or ()
                )
            ),
            "client": at(record, "application.name"),
            "lang": told.get("language"),
            "platform": platform,
            "link": record.get("url"),
            "reshares_total": record.get("reblogs_count"),
            "handle": account.get("acct") or account.get("username"),
            "name": account.get("display_name"),
            "bio": plain(account.get("note")),
            "opened": account.get("created_at"),
            "followers": account.get("followers_count"),
            "following": account.get("following_count"),
            "statuses": account.get("statuses_count"),
            "avatar": account.get("avatar_static") or account.get("avatar"),
            "platform_label": "automated" if account.get("bot") is True else None,
        }

    def _acted(self, item: Item) -> Cells | Spoiled:
        record, told = item.record, item.record["object"]
        reached = [*_many(record.get("to")), *_many(record.get("cc"))]
        if not any(one in _EVERYBODY for one in reached):
            return Spoiled(item.row, "not public, not read")
        actor = str(record["actor"])
        if record["type"] == "Announce":
            parent = told if isinstance(told, str) else at(told, "id")
            return {
                "post": record.get("id"),
                "account": self._actors.get(actor, actor),
                "time": record.get("published"),
                "is_reshare": "true",
                "reshare": parent,
                "platform": "mastodon",
            }
        if record["type"] != "Create" or not isinstance(told, dict):
            return Spoiled(item.row, f"an activity of type {record['type']}, not a post")
        return self._note(record, told, actor)

    def _note(self, record: dict[str, Any], told: dict[str, Any], actor: str) -> Cells:
        url = str(told.get("url") or "")
        if "/@" in url:
            # statuses name their author by this address, activities by another
            self._actors[actor] = url.rpartition("/")[0]
        content = told.get("content")
        text = plain(content)
        tags = [one for one in told.get("tag") or () if isinstance(one, dict)]
        return {
            "post": told.get("id"),
            "account": self._actors.get(actor, actor),
            "time": record.get("published"),
            "text": text,
            "reply": told.get("inReplyTo"),
            "quote": told.get("quote") or told.get("quoteUri"),
            "thread": told.get("conversation"),
            "urls": [*hrefs(content), *(() if "<a " in (content or "") else links_in(text))],
            "tags": [str(one.get("name")).lstrip("#") for one in tags if one.get("type") == "Hashtag"],
            "mentions": [one.get("href") for one in tags if one.get("type") == "Mention"],
            "media_items": media(
                *((at(one, "url"), at(one, "mediaType"), None, None) for one in told.get("attachment") or ())
            ),
            "lang": next(iter(told.get("contentMap") or ()), None),
            "platform": "mastodon",
            "link": url or None,
        }


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def platform_of(record: dict[str, Any]) -> str:
    """The network of a status: that of its server where the network has one only, else mastodon."""
    host = urlsplit(str(record.get("url") or record.get("uri") or at(record, "account.url") or "")).hostname
    return SINGLE.get((host or "").removeprefix("www."), "mastodon")


def _uri(record: dict[str, Any]) -> Any:
    own = record.get("id")
    # a rounded id says that a table or a float had the file, even where the address kept all digits
    if platform_of(record) != "mastodon" or _ROUNDED.match(str(own)):
        return own
    return record.get("uri") or record.get("url") or own


def _account(account: dict[str, Any]) -> Any:
    if platform_of({"url": account.get("url")}) != "mastodon":
        return account.get("id")
    return account.get("url") or account.get("acct") or account.get("id")
