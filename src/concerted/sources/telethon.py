"""Telethon dumps of messages, as lines or an array, and the same as 4CAT writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, media, read
from concerted.sources.telegram import PRIVATE, link_of, note, post_of

_ROLES = {
    "post": "peer_id.channel_id/id",
    "account": "from_id, else peer_id",
    "time": "date",
    "text": "message",
    "is_reshare": "fwd_from",
    "reshare": "fwd_from.from_id.channel_id/fwd_from.channel_post",
    "reshare_account": "fwd_from.from_id",
    "reshare_time": "fwd_from.date",
    "reply": "reply_to.reply_to_msg_id",
    "thread": "reply_to.reply_to_top_id, else peer_id.channel_id",
    "urls": "entities, media.webpage.url",
    "tags": "entities (hashtag)",
    "mentions": "entities (mention)",
    "media_items": "media.photo.id, media.document.id",
    "link": "peer_id.channel_id/id as t.me link",
    "client": "via_bot_id",
    "reshares_total": "forwards",
}
_KINDS = {
    "Url": "url",
    "TextUrl": "text_url",
    "Hashtag": "hashtag",
    "Mention": "mention",
    "MentionName": "mention_name",
}
_NOTE = "messages of people and of small groups (PeerUser, PeerChat) are never read, nor contacts or places"


class Telethon:
    """Posts of channels and supergroups. Equal ids of photos and documents in different chats are the same
    file, forwarded or sent again."""

    name = "telethon"
    says = "Telethon: messages as JSON lines or an array, also as 4CAT writes them"
    covers = tuple(_ROLES)
    clock = "the offset in each time, or epoch seconds"

    def recognise(self, opened: Opened) -> float:
        """By `_` (or `_type`) Message and `peer_id`."""
        return 0.95 if any(_kind(one).startswith("Message") and "id" in one for one in opened.peek) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="telegram", zone="UTC", notes=(_NOTE,))
        yield from read(opened, options, self.name, _expand, recipe=recipe, roles=_ROLES, lists=("messages",))


def _kind(record: dict[str, Any]) -> str:
    return str(record.get("_") or record.get("_type") or "")


def _expand(item: Item) -> Iterator[Cells | Spoiled]:
    message = item.record
    chat = at(message, "peer_id.channel_id") or at(message, "to_id.channel_id")
    if _kind(message) not in ("Message", ""):
        yield Spoiled(item.row, f"a {_kind(message)}, not a post")
    elif chat is None:
        yield Spoiled(item.row, PRIVATE)
    else:
        yield _cells(message, chat)


def _account(peer: Any) -> str | None:
    channel, user = at(peer, "channel_id"), at(peer, "user_id")
    return str(channel) if channel is not None else None if user is None else f"user{user}"


def _cells(message: dict[str, Any], chat: Any) -> Cells:
    text = message.get("message") or ""
    found: dict[str, list[str]] = {"urls": [], "tags": [], "mentions": []}
    wide = text.encode("utf-16-le", "surrogatepass")
    for mark in message.get("entities") or ():
        kind = _KINDS.get(_kind(mark).removeprefix("MessageEntity"))
        if kind:
            # offsets count units of UTF-16, of which an emoji has two
            start, length = int(mark["offset"]), int(mark["length"])
            words = wide[2 * start : 2 * (start + length)].decode("utf-16-le", "ignore")
            note(found, kind, words, mark.get("url"), mark.get("user_id"))
    page = at(message, "media.webpage.url")
    forward, answered = message.get("fwd_from"), message.get("reply_to")
    source = _account(at(forward, "from_id"))
    where = at(answered, "reply_to_peer_id.channel_id") or chat
    top = at(answered, "reply_to_top_id")
    return {
        "post": post_of(chat, message.get("id")),
        "account": _account(message.get("from_id")) or str(chat),
        "time": message.get("date"),
        "text": text,
        "is_reshare": "true" if forward else None,
        "reshare": post_of(at(forward, "from_id.channel_id"), at(forward, "channel_post")),
        "reshare_account": source,
        "reshare_time": at(forward, "date"),
        "reply": post_of(where, at(answered, "reply_to_msg_id") or message.get("reply_to_msg_id")),
        "thread": post_of(chat, top) or chat,
        **found,
        "urls": [*found["urls"], *([page] if page else [])],
        "media_items": media(
            (at(message, "media.photo.id"), "photo", None, None),
            (at(message, "media.document.id"), "document", None, None),
        ),
        "link": link_of(chat, message.get("id")),
        "client": message.get("via_bot_id"),
        "reshares_total": message.get("forwards"),
    }
