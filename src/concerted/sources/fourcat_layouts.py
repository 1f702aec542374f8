"""The layouts of 4CAT's tables: which columns tell them apart, and what the columns mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from concerted.sources import fourcat_cells
from concerted.sources.frame import Frame

Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Layout:
    """How one platform's table is read. `signs`: columns that only this layout has; none for the layout that
    fits any table. `zone` is that of the clock used. `prepared` makes the columns `made` of the columns it
    `reads`."""

    platform: str
    signs: frozenset[str]
    columns: Columns
    zone: str = "UTC"
    prepared: Callable[[Frame], Frame] | None = None
    reads: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def find(header: Collection[str]) -> Layout:
    """The layout of a table by its columns; where none fits, one that takes what every table has."""
    names = set(header)
    for layout in _LAYOUTS:
        if layout.signs <= names:
            return layout
    return _ANY if "unix_timestamp" in names else _UPLOADED


_X: Columns = {
    "post": ("id",),
    "account": ("author_id", "author"),
    "text": ("body (of retweets the original's)",),
    "is_reshare": ("is_retweet",),
    "is_reply": ("is_reply",),
    "is_quote": ("is_quote_tweet",),
    "quote": ("quote_tweet_id",),
    "reshare_account": ("retweeted_user",),
    "reply_account": ("replied_user", "replied_author"),
    "quote_account": ("quoted_user", "quote_author"),
    "thread": ("thread_id",),
    "urls": ("urls",),
    "tags": ("hashtags",),
    "mentions": ("mentions",),
    "media": ("images", "videos"),
    "client": ("source",),
    "lang": ("language_guess",),
    "link": ("link",),
    "reshares_total": ("retweet_count",),
    "handle": ("author",),
    "name": ("author_fullname",),
    "followers": ("author_followers",),
    "avatar": ("author_avatar_url",),
}
_X_NOTE = (
    "these tables name neither the retweeted nor the answered post: retweets are matched by author and text, "
    "replies by conversation only; ask for the NDJSON of the same data set"
)
_PLAIN: Columns = {
    "post": ("id",),
    "account": ("author_id", "author"),
    "time": ("unix_timestamp",),
    "text": ("body",),
    "thread": ("thread_id",),
    "link": ("url", "link"),
    "handle": ("author",),
    "name": ("author_fullname", "author_full", "author_name"),
    "avatar": ("author_avatar_url", "author_avatar"),
    "tags": ("hashtags", "tags"),
}
_FEDIVERSE: Columns = {
    "post": ("id",),
    "account": ("account_id",),
    "time": ("created_at",),
    "text": ("body without HTML",),
    "thread": ("thread_id",),
    "mentions": ("mentions",),
    "tags": ("hashtags",),
    "urls": ("link_url",),
    "media": ("images", "video_urls", "image_urls"),
    "lang": ("language",),
    "link": ("url",),
    "handle": ("account_username",),
    "name": ("account_display_name",),
    "followers": ("account_followers",),
    "following": ("account_following",),
    "bio": ("account_note",),
    "reshares_total": ("reblogs_count",),
}
_LAYOUTS = (
    Layout(
        "x",
        frozenset(("retweeted_user", "quoted_user", "replied_user", "author_followers")),
        {**_X, "time": ("timestamp",)},
        prepared=fourcat_cells.x_text,
        reads=("body", "is_retweet"),
        made=("body (of retweets the original's)",),
        notes=(_X_NOTE,),
    ),
    Layout(
        "x",
        frozenset(("retweeted_user", "quote_tweet_id", "collected_from_url")),
        {**_X, "time": ("unix_timestamp", "timestamp"), "query": ("collected_from_url",)},
        prepared=fourcat_cells.x_text,
        reads=("body", "is_retweet"),
        made=("body (of retweets the original's)",),
        notes=(_X_NOTE,),
    ),
    Layout(
        "tiktok",
        frozenset(("is_comment_on_comment", "comment_url", "post_id")),
        {**_PLAIN, "reply": ("post_id (commented)",), "lang": ("language_guess",), "link": ("comment_url",)},
        prepared=fourcat_cells.comments,
        reads=("post_id",),
        made=("post_id (commented)",),
        notes=("comments answer their video; accounts are told by user name, which can change",),
    ),
    Layout(
        "tiktok",
        frozenset(("tiktok_url", "music_id", "is_duet")),
        {
            **_PLAIN,
            "account": ("author",),
            "link": ("tiktok_url",),
            "media": ("music_id",),
            "followers": ("author_followers",),
            "statuses": ("author_videos",),
            "reshares_total": ("shares",),
            "query": ("collected_from_url",),
            "text": ("body with stickers",),
        },
        prepared=fourcat_cells.stickers,
        reads=("body", "stickers"),
        made=("body with stickers",),
        notes=(
            "accounts are told by user name, which can change; media is the sound (music_id), which many use",
        ),
    ),
    Layout(
        "bluesky",
        frozenset(("quoted_post", "replied_to_post", "created_at")),
        {
            **_PLAIN,
            "account": ("author_id", "author"),
            "time": ("created_at", "timestamp"),
            "reply": ("replied_to_post",),
            "reply_account": ("replied_to_post (did)",),
            "quote": ("quoted_post",),
            "quote_account": ("quoted_post (did)",),
            "mentions": ("mentions",),
            "urls": ("links",),
            "media": ("images",),
            "lang": ("languages",),
            "name": ("author_display_name",),
            "opened": ("author_created_at",),
            "collected": ("collected_at",),
            "query": ("query",),
            "reshares_total": ("repost_count",),
        },
        prepared=fourcat_cells.authors,
        reads=("replied_to_post", "quoted_post"),
        made=("replied_to_post (did)", "quoted_post (did)"),
        notes=("searches show posts but no reposts: ask for a stream where reshares matter",),
    ),
    Layout(
        "telegram",
        frozenset(("chat", "author_forwarded_from_id", "author_is_bot")),
        {
            "post": ("thread_id/number in id",),
            "account": ("author", "chat"),
            "time": ("unix_timestamp",),
            "text": ("body",),
            "is_reshare": ("author_forwarded_from_name is there",),
            "reshare": ("author_forwarded_from_id@unix_timestamp_forwarded_from",),
            "reshare_account": ("author_forwarded_from_id",),
            "reshare_time": ("unix_timestamp_forwarded_from",),
            "reply": ("thread_id/reply_to",),
            "thread": ("thread_id",),
            "urls": ("entities_linked", "link_attached"),
            "mentions": ("entities_mentioned",),
            "handle": ("author_username",),
            "name": ("author_name",),
            "platform_label": ("author_is_bot",),
        },
        prepared=fourcat_cells.telegram,
        reads=(
            "id",
            "thread_id",
            "reply_to",
            "author_forwarded_from_id",
            "unix_timestamp_forwarded_from",
            "author_forwarded_from_name",
        ),
        made=(
            "thread_id/number in id",
            "thread_id/reply_to",
            "author_forwarded_from_id@unix_timestamp_forwarded_from",
            "author_forwarded_from_name is there",
        ),
        notes=("forwards keep the source and its time but not the post's id: the two together stand for it",),
    ),
    Layout(
        "instagram",
        frozenset(("num_media", "usertags", "author_fullname")),
        {
            **_PLAIN,
            "mentions": ("usertags",),
            "media": ("media_urls without query",),
            "query": ("collected_from_url",),
        },
        prepared=fourcat_cells.pictures,
        reads=("media_urls", "image_urls"),
        made=("media_urls without query",),
    ),
    Layout(
        "truthsocial",
        frozenset(("account_id", "account_username", "group_id", "video_urls")),
        _FEDIVERSE,
        prepared=fourcat_cells.html,
        reads=("body",),
        made=("body without HTML",),
    ),
    Layout(
        "gab",
        frozenset(("account_id", "account_username", "link_url")),
        {
            **_FEDIVERSE,
            "time": ("created_at", "unix_timestamp", "timestamp"),
            "media": ("image_id", "image_urls"),
            "reshares_total": ("reposts_count",),
        },
        prepared=fourcat_cells.html,
        reads=("body",),
        made=("body without HTML",),
    ),
    Layout(
        "threads",
        frozenset(("image_url", "video_url", "link_url", "unix_timestamp")),
        {**_PLAIN, "urls": ("link_url",), "media": ("image_url", "video_url")},
    ),
)
_ANY = Layout("web", frozenset(), _PLAIN)
# all that one layout or another fills
COVERS = tuple(dict.fromkeys(role for layout in _LAYOUTS for role in layout.columns))
_UPLOADED = Layout("web", frozenset(), {**_PLAIN, "time": ("timestamp",)}, zone="")
