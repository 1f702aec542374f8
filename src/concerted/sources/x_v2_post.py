"""One X post as version 2 of its interface writes it, as cells by role."""

from __future__ import annotations

from typing import Any

from concerted.sources.x_post import DEFAULT_PICTURE

# role -> where posts have it, as people read it
ROLES = {
    "post": "id", "account": "author_id", "time": "created_at", "text": "text", "lang": "lang",
    "urls": "entities.urls", "tags": "entities.hashtags", "mentions": "entities.mentions",
    "media_items": "attachments.media_keys",
    "reshare": "referenced_tweets.retweeted.id", "reshare_account": "referenced_tweets.retweeted.author_id",
    "quote": "referenced_tweets.quoted.id", "quote_account": "referenced_tweets.quoted.author_id",
    "reply": "referenced_tweets.replied_to.id", "reply_account": "in_reply_to_user_id",
    "thread": "conversation_id", "client": "source", "reshares_total": "public_metrics.retweet_count",
    "handle": "author.username", "name": "author.name", "bio": "author.description",
    "opened": "author.created_at", "followers": "author.public_metrics.followers_count",
    "following": "author.public_metrics.following_count",
    "statuses": "author.public_metrics.tweet_count", "avatar": "author.profile_image_url",
    "platform_label": "author.verified", "collected": "__twarc.retrieved_at",
}  # fmt: skip
_KINDS = {"retweeted": "reshare", "quoted": "quote", "replied_to": "reply"}
# A retweet's text begins "RT @": the author's name stands at this place in it.
_AFTER_RT = 3


class Included:
    """What a page encloses beside its posts: accounts, posts and media, by id."""

    def __init__(self, includes: dict[str, Any]) -> None:
        def by(name: str, key: str) -> dict[str, dict[str, Any]]:
            return {str(one.get(key)): one for one in includes.get(name) or ()}

        self.users, self.posts, self.media = by("users", "id"), by("tweets", "id"), by("media", "media_key")
        self._ids = {str(one.get("username")).casefold(): one.get("id") for one in self.users.values()}

    def id_of(self, username: str | None) -> str | None:
        """The id of an enclosed account, or its name where it is not enclosed."""
        return self._ids.get(str(username).casefold()) or username


def cells(post: dict[str, Any], included: Included) -> dict[str, Any]:
    """The cells of one post. A reshare has the text, links and tags of the original, where the export
    encloses it: its own text is cut."""
    author = post.get("author") or included.users.get(str(post.get("author_id"))) or {}
    referred = {
        _KINDS[one["type"]]: {**included.posts.get(str(one.get("id")), {}), **one}
        for one in post.get("referenced_tweets") or ()
        if one.get("type") in _KINDS
    }
    original = referred.get("reshare", {})
    source = original if original.get("text") else post
    metrics, picture = author.get("public_metrics") or {}, author.get("profile_image_url")
    return {
        "post": post.get("id"),
        "account": post.get("author_id") or author.get("id"),
        "time": post.get("created_at"),
        "text": (source.get("note_tweet") or {}).get("text") or source.get("text"),
        "lang": post.get("lang"),
        **_entities(source, included),
        "media_items": _media(source, included),
        **{kind: one.get("id") for kind, one in referred.items()},
        "reshare_account": original.get("author_id") or (_named_first(post) if original else None),
        "quote_account": referred.get("quote", {}).get("author_id"),
        "reply_account": post.get("in_reply_to_user_id"),
        "thread": post.get("conversation_id"),
        "client": post.get("source"),
        "reshares_total": (post.get("public_metrics") or {}).get("retweet_count"),
        "handle": author.get("username"),
        "name": author.get("name"),
        "bio": author.get("description"),
        "opened": author.get("created_at"),
        "followers": metrics.get("followers_count"),
        "following": metrics.get("following_count"),
        "statuses": metrics.get("tweet_count"),
        "avatar": None if DEFAULT_PICTURE in str(picture) else picture,
        "platform_label": author.get("verified"),
    }


def _entities(post: dict[str, Any], included: Included) -> dict[str, Any]:
    found = [post.get("entities") or {}, (post.get("note_tweet") or {}).get("entities") or {}]
    return {
        # an address with a media key is the post's own picture
        "urls": [
            one.get("unwound_url") or one.get("expanded_url") or one.get("url")
            for named in found
            for one in named.get("urls") or ()
            if not one.get("media_key")
        ],
        "tags": [one.get("tag") for named in found for one in named.get("hashtags") or ()],
        "mentions": [
            one.get("id") or included.id_of(one.get("username"))
            for named in found
            for one in named.get("mentions") or ()
        ],
    }


def _media(post: dict[str, Any], included: Included) -> list[dict[str, Any]]:
    attached = post.get("attachments") or {}
    own = {one.get("media_key"): one for one in attached.get("media") or ()}
    keys = attached.get("media_keys") or list(own)
    return [
        {"id": media_id(key), "kind": (own.get(key) or included.media.get(key) or {}).get("type")}
        for key in keys
        if key
    ]


def media_id(key: str) -> str:
    """The id in a media key: `3_123` is the picture 123, which version 1.1 writes as 123."""
    return key.rpartition("_")[2]


def _named_first(post: dict[str, Any]) -> str | None:
    return next(
        (
            one.get("id")
            for one in (post.get("entities") or {}).get("mentions") or ()
            if one.get("start") == _AFTER_RT
        ),
        None,
    )
