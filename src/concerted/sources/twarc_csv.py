"""The CSV that twarc-csv makes of posts of version 2 of the X interface."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import cells
from concerted.sources.frame import Frame
from concerted.sources.ids import present
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read
from concerted.sources.x_post import DEFAULT_PICTURE

_MARKS = {"id", "author_id", "text", "referenced_tweets.retweeted.id", "entities.urls"}
_COLUMNS = {
    "post": "id", "account": "author_id", "time": "created_at", "text": "text, with its line breaks",
    "lang": "lang", "urls": "entities.urls", "tags": "entities.hashtags", "mentions": "entities.mentions",
    "reshare": "referenced_tweets.retweeted.id", "reshare_account": "retweeted_user_id",
    "quote": "referenced_tweets.quoted.id", "quote_account": "quoted_user_id",
    "reply": "referenced_tweets.replied_to.id", "reply_account": "in_reply_to_user_id",
    "thread": "conversation_id", "client": "source", "reshares_total": "public_metrics.retweet_count",
    "media": "ids in attachments.media_keys", "handle": "author.username", "name": "author.name",
    "bio": "author.description", "opened": "author.created_at",
    "followers": "author.public_metrics.followers_count",
    "following": "author.public_metrics.following_count",
    "statuses": "author.public_metrics.tweet_count", "avatar": "picture in author.profile_image_url",
    "platform_label": "author.verified", "collected": "__twarc.retrieved_at",
}  # fmt: skip
# our column -> the column it is made of
_MADE = {
    "text, with its line breaks": "text",
    "ids in attachments.media_keys": "attachments.media_keys",
    "picture in author.profile_image_url": "author.profile_image_url",
}
_CUT = "reshares carry their own text, which is cut: ask for a CSV without --no-merge-retweets, or the JSON"


def _prepared(frame: Frame) -> Frame:
    text, keys, picture = (cells.text(frame.column(name)) for name in _MADE.values())
    stock = pc.match_substring(picture, DEFAULT_PICTURE).fill_null(False)
    made = (
        pc.replace_substring(text, "\\n", "\n"),
        # 3_123 is the picture 123, as other formats of X write it
        pc.replace_substring_regex(keys, r'"\d+_(\d+)"', r'"\1"'),
        pc.if_else(stock, pa.scalar(None, pa.string()), picture),
    )
    return frame.with_columns(dict(zip(_MADE, made, strict=True)))


class TwarcCSV:
    """One post a row, lists as JSON in cells, line breaks as backslash and n. By default reshares have the
    text of the original."""

    name = "twarc_csv"
    says = "twarc-csv's table of X (Twitter) API 2 posts"
    covers = tuple(_COLUMNS)
    clock = "the time in the post ids, in milliseconds, else `created_at`, which names its zone"

    def recognise(self, opened: Opened) -> float:
        """By its column names, which are the paths of the interface's fields."""
        there = set(opened.header)
        own = {"__twarc.retrieved_at", "author.username", "public_metrics.retweet_count"} & there
        return 0.95 if there >= _MARKS and own else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        columns = {
            role: (name,) for role, name in _COLUMNS.items() if _MADE.get(name, name) in opened.columns
        }
        recipe = Recipe(
            columns,
            platform="x",
            snowflakes=True,
            prepared=_prepared,
            reads=tuple(_MADE.values()),
            notes=(_CUT,) if _cut(opened.sample) else (),
        )
        yield from read(opened, checked(recipe, opened, options), options, self.name)


def _cut(sample: Frame) -> bool:
    reshares = pa.array(present(cells.text(sample.column("referenced_tweets.retweeted.id"))))
    texts = cells.text(sample.column("text")).filter(reshares).drop_null()
    cut = pc.sum(pc.starts_with(texts, "RT @").cast(pa.int64())).as_py() or 0
    return bool(len(texts)) and cut > 0.5 * len(texts)
