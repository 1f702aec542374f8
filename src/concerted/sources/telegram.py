"""What the exports of Telegram share: whose ids are what, and which chats may be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PRIVATE = "private, not read"
PUBLIC = ("public_channel", "public_supergroup")
_HIDDEN = {"email": "[e-mail]", "phone": "[phone]", "phone_number": "[phone]", "bank_card": "[card]"}


def account(peer: Any) -> str | None:
    """The account id of `user123`, `channel123` or `chat123`: channels by their number, as all exports give
    them, people with `user` before it, since the numbers of both overlap."""
    text = str(peer or "")
    if text.startswith("user") and text[4:].isdigit():
        return text
    number = text.removeprefix("channel").removeprefix("chat").removeprefix("-100")
    return number if number.isdigit() else None


def post_of(chat: Any, message: Any) -> str | None:
    """The id of a post: messages are counted per chat, so the chat belongs to it."""
    return None if chat in (None, "") or message in (None, "") else f"{chat}/{message}"


def link_of(chat: Any, message: Any) -> str | None:
    """The address of a post in a public chat, whose chat id is its name or its number."""
    if chat in (None, "") or message in (None, ""):
        return None
    return f"https://t.me/c/{chat}/{message}" if str(chat).isdigit() else f"https://t.me/{chat}/{message}"


def told(parts: Iterable[Any]) -> tuple[str, dict[str, list[str]]]:
    """The text of parts (texts, or objects with `type` and `text`), and the links, hashtags and accounts in
    it. E-mail addresses, phone and card numbers that Telegram marked are blanked out."""
    text: list[str] = []
    found: dict[str, list[str]] = {"urls": [], "tags": [], "mentions": []}
    for part in parts:
        if not isinstance(part, dict):
            text.append(str(part))
            continue
        kind, words = str(part.get("type")), str(part.get("text") or "")
        text.append(_HIDDEN.get(kind, words))
        note(found, kind, words, part.get("href"), part.get("user_id"))
    return "".join(text), found


def note(found: dict[str, list[str]], kind: str, words: str, href: Any = None, user: Any = None) -> None:
    """Adds one marked part of a text to the links, hashtags or accounts found in it."""
    if kind in ("link", "url"):
        found["urls"].append(words if "://" in words else f"https://{words}")
    elif kind in ("text_link", "text_url") and href:
        found["urls"].append(str(href))
    elif kind == "hashtag":
        found["tags"].append(words.lstrip("#"))
    elif kind == "mention":
        found["mentions"].append(words.lstrip("@"))
    elif kind == "mention_name" and user:
        found["mentions"].append(f"user{user}")
