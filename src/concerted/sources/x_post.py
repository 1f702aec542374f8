"""One X post as version 1.1 of its interface writes it, as cells by role.

The website's own answers hold the same object under `legacy`, so readers of those come here, too.
"""

from __future__ import annotations

from typing import Any

# role -> where posts of version 1.1 have it, as people read it
ROLES = {
    "post": "id_str", "account": "user.id_str", "time": "created_at", "text": "full_text", "lang": "lang",
    "urls": "entities.urls", "tags": "entities.hashtags", "mentions": "entities.user_mentions",
    "media_items": "extended_entities.media",
    "reshare": "retweeted_status.id_str", "reshare_account": "retweeted_status.user.id_str",
    "quote": "quoted_status_id_str", "quote_account": "quoted_status.user.id_str",
    "reply": "in_reply_to_status_id_str", "reply_account": "in_reply_to_user_id_str",
    "thread": "conversation_id_str", "client": "source", "reshares_total": "retweet_count",
    "handle": "user.screen_name", "name": "user.name", "bio": "user.description",
    "opened": "user.created_at", "followers": "user.followers_count", "following": "user.friends_count",
    "statuses": "user.statuses_count", "avatar": "user.profile_image_url_https",
    "platform_label": "user.verified",
}  # fmt: skip
# In the address of the picture of everybody who chose none: it says nothing about an account.
DEFAULT_PICTURE = "default_profile"
PRIVATE = "private, not read: the account shows its posts to its followers only"


def cells(post: dict[str, Any]) -> dict[str, Any]:
    """The cells of one post. A reshare has the text, links and tags of the original, since its own text is
    cut; keys may be there without a value, so values are asked, not keys."""
    original = post.get("retweeted_status") or {}
    quoted = post.get("quoted_status") or {}
    user = post.get("user") or {}
    source = original or post
    return {
        "post": post.get("id_str"),
        "time": post.get("created_at"),
        "text": _full(source),
        "lang": post.get("lang"),
        **_entities(source),
        "reshare": original.get("id_str"),
        "reshare_account": (original.get("user") or {}).get("id_str"),
        "quote": post.get("quoted_status_id_str") or quoted.get("id_str"),
        "quote_account": (quoted.get("user") or {}).get("id_str"),
        "reply": post.get("in_reply_to_status_id_str"),
        "reply_account": post.get("in_reply_to_user_id_str"),
        "thread": post.get("conversation_id_str"),
        "client": post.get("source"),
        "reshares_total": post.get("retweet_count"),
        **_profile(user),
    }


def _full(post: dict[str, Any]) -> str | None:
    longer = post.get("extended_tweet") or {}
    return longer.get("full_text") or post.get("full_text") or post.get("text")


def _entities(post: dict[str, Any]) -> dict[str, Any]:
    longer = post.get("extended_tweet") or {}
    named = longer.get("entities") or post.get("entities") or {}
    shown = longer.get("extended_entities") or post.get("extended_entities") or named
    return {
        "urls": [one.get("expanded_url") or one.get("url") for one in named.get("urls") or ()],
        "tags": [one.get("text") for one in named.get("hashtags") or ()],
        "mentions": [one.get("id_str") or one.get("screen_name") for one in named.get("user_mentions") or ()],
        "media_items": [
            {"id": one.get("id_str"), "kind": one.get("type")} for one in shown.get("media") or ()
        ],
    }


def _profile(user: dict[str, Any]) -> dict[str, Any]:
    picture = user.get("profile_image_url_https")
    return {
        "account": user.get("id_str"),
        "handle": user.get("screen_name"),
        "name": user.get("name"),
        "bio": user.get("description"),
        "opened": user.get("created_at"),
        "followers": user.get("followers_count"),
        "following": user.get("friends_count"),
        "statuses": user.get("statuses_count"),
        "avatar": None if DEFAULT_PICTURE in str(picture) else picture,
        "platform_label": user.get("verified"),
    }
