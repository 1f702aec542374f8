"""Posts of X as the scraper snscrape wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from concerted.sources import records
from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe
from concerted.sources.x_post import DEFAULT_PICTURE, PRIVATE

_ROLES = {
    "post": "id", "account": "user.id", "time": "date", "text": "rawContent", "lang": "lang",
    "urls": "links", "tags": "hashtags", "mentions": "mentionedUsers", "media_items": "media",
    "reshare": "retweetedTweet.id", "reshare_account": "retweetedTweet.user.id",
    "quote": "quotedTweet.id", "quote_account": "quotedTweet.user.id",
    "reply": "inReplyToTweetId", "reply_account": "inReplyToUser.id", "thread": "conversationId",
    "client": "source", "link": "url", "reshares_total": "retweetCount",
    "handle": "user.username", "name": "user.displayname", "bio": "user.rawDescription",
    "opened": "user.created", "followers": "user.followersCount", "following": "user.friendsCount",
    "statuses": "user.statusesCount", "avatar": "user.profileImageUrl", "platform_label": "user.verified",
}  # fmt: skip
_KINDS = {"Photo": "photo", "Video": "video", "Gif": "animated_gif"}


class Snscrape:
    """One post a line. Older versions name the text `content` and links `outlinks`."""

    name = "snscrape"
    says = "snscrape's JSON lines of X (Twitter) posts"
    covers = tuple(_ROLES)
    clock = "the time in the post ids, in milliseconds, else `date`, which names its zone"

    def recognise(self, opened: Opened) -> float:
        """By the type each record names, or by the scraper's own field names."""
        records_ = opened.peek
        mine = sum(_is_post(record) for record in records_)
        return 0.95 if records_ and 2 * mine >= len(records_) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="x", snowflakes=True)
        yield from records.read(opened, options, self.name, _expand, recipe=recipe, roles=_ROLES)


def _is_post(record: dict[str, Any]) -> bool:
    if str(record.get("_type", "")).startswith("snscrape.modules.twitter.Tweet"):
        return True
    return "conversationId" in record and bool({"rawContent", "renderedContent"} & record.keys())


def _expand(item: Item) -> Iterable[dict[str, Any] | Spoiled]:
    post = item.record
    user = post.get("user") or {}
    if not _is_post(post):
        yield Spoiled(item.row, "a record that is no post of X")
        return
    if user.get("protected"):
        yield Spoiled(item.row, PRIVATE)
        return
    original, quoted = post.get("retweetedTweet") or {}, post.get("quotedTweet") or {}
    source = original or post
    picture = user.get("profileImageUrl")
    yield {
        "post": post.get("id"),
        "account": user.get("id"),
        "time": post.get("date"),
        "text": source.get("rawContent") or source.get("content"),
        "lang": post.get("lang"),
        "urls": _links(source),
        "tags": source.get("hashtags"),
        "mentions": [one.get("id") or one.get("username") for one in source.get("mentionedUsers") or ()],
        "media_items": [_medium(one) for one in source.get("media") or ()],
        "reshare": original.get("id"),
        "reshare_account": (original.get("user") or {}).get("id"),
        "quote": quoted.get("id"),
        "quote_account": (quoted.get("user") or {}).get("id"),
        "reply": post.get("inReplyToTweetId"),
        "reply_account": (post.get("inReplyToUser") or {}).get("id"),
        "thread": post.get("conversationId"),
        "client": post.get("source"),
        "link": post.get("url"),
        "reshares_total": post.get("retweetCount"),
        "handle": user.get("username"),
        "name": user.get("displayname"),
        "bio": user.get("rawDescription") or user.get("description"),
        "opened": user.get("created"),
        "followers": user.get("followersCount"),
        "following": user.get("friendsCount"),
        "statuses": user.get("statusesCount"),
        "avatar": None if DEFAULT_PICTURE in str(picture) else picture,
        "platform_label": user.get("verified"),
    }


def _links(post: dict[str, Any]) -> list[str]:
    return [one.get("url") for one in post.get("links") or ()] or list(post.get("outlinks") or ())


def _medium(one: dict[str, Any]) -> dict[str, Any]:
    """Pictures have no id here; their address has the same for the same picture."""
    kind = str(one.get("_type", "")).rpartition(".")[2]
    address = one.get("fullUrl") or one.get("thumbnailUrl") or one.get("previewUrl")
    return {"id": str(address).partition("?")[0] if address else None, "kind": _KINDS.get(kind)}
