"""Telegram Desktop's result.json: one chat, or a whole account, of which only public chats are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, media, read
from concerted.sources.telegram import PRIVATE, PUBLIC, account, link_of, post_of, told

LISTS = ("messages", "chats.list[].messages", "left_chats.list[].messages")
_ROLES = {
    "post": "chat id/id",
    "account": "from_id",
    "time": "date_unixtime",
    "text": "text_entities, else text",
    "is_reshare": "forwarded_from",
    "reshare": "forwarded_from_id and message, where told",
    "reshare_account": "forwarded_from_id",
    "reply": "reply_to_message_id",
    "thread": "chat id",
    "urls": "text_entities (link, text_link)",
    "tags": "text_entities (hashtag)",
    "mentions": "text_entities (mention)",
    "media_items": "photo, file",
    "link": "chat id/id as t.me link",
    "client": "via_bot",
    "name": "from",
}
_NOTES = (
    "date is the exporter's local time without a zone and is not used; date_unixtime is",
    "forwards name their source but not its id: they are matched by their text",
    "personal information, contacts and sessions are never read, nor are chats that are not public",
)


class TelegramDesktop:
    """Only chats of type public_channel and public_supergroup; messages of others are counted, never read."""

    name = "telegram_desktop"
    says = "Telegram Desktop: result.json of a chat or of an account, public chats only"
    covers = tuple(_ROLES)
    clock = "epoch seconds in `date_unixtime`; `date` is local and not used"

    def recognise(self, opened: Opened) -> float:
        """By a chat with type, id and messages, or an account's list of chats."""
        return 0.95 if any(_mine(record) for record in opened.peek) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="telegram", zone="UTC", unit="s", notes=_NOTES)
        yield from read(opened, options, self.name, _expand, recipe=recipe, roles=_ROLES, lists=LISTS)


def _mine(record: dict[str, Any]) -> bool:
    chats = [record]
    for key in ("chats", "left_chats"):
        held = record.get(key)
        chats += held.get("list") or [] if isinstance(held, dict) else []
    if any(isinstance(chat, dict) and _is_chat(chat) for chat in chats):
        return True
    return "personal_information" in record and "about" in record


def _is_chat(chat: dict[str, Any]) -> bool:
    messages = chat.get("messages")
    if not isinstance(messages, list) or "type" not in chat:
        return False
    return not messages or "date_unixtime" in messages[0] or "text_entities" in messages[0]


def _expand(item: Item) -> Iterator[Cells | Spoiled]:
    message, chat = item.record, item.above.get("id")
    if item.above.get("type") not in PUBLIC:
        yield Spoiled(item.row, PRIVATE)
    elif message.get("type") != "message":
        yield Spoiled(item.row, f"a {message.get('type')} message, not a post")
    else:
        yield _cells(message, chat)


def _cells(message: dict[str, Any], chat: Any) -> Cells:
    parts = message.get("text_entities") or message.get("text") or ()
    text, found = told([parts] if isinstance(parts, str) else parts)
    source = account(message.get("forwarded_from_id"))
    answered = account(message.get("reply_to_peer_id")) or chat
    return {
        "post": post_of(chat, message.get("id")),
        "account": account(message.get("from_id")) or chat,
        "time": message.get("date_unixtime"),
        "text": text,
        "is_reshare": "true" if message.get("forwarded_from") or source else None,
        "reshare": post_of(source, message.get("forwarded_from_message_id")),
        "reshare_account": source,
        "reply": post_of(answered, message.get("reply_to_message_id")),
        "thread": chat,
        **found,
        "link": link_of(chat, message.get("id")),
        "media_items": media(*_files(message)),
        "client": message.get("via_bot"),
        "name": message.get("from"),
    }


def _files(message: dict[str, Any]) -> Iterator[tuple[str, str, None, str]]:
    """Photos and files that were exported with the messages, by their place beside result.json."""
    for role, kind in (("photo", "photo"), ("file", message.get("media_type") or "file")):
        name = message.get(role)
        # what was not exported stands in brackets: (File not included. Change data exporting settings ...)
        if isinstance(name, str) and name and not name.startswith("("):
            yield name, str(kind), None, "file"
