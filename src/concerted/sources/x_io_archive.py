"""The information-operations archive that Twitter published: posts CSV and users CSV."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from concerted.sources.frame import plain_name
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_COLUMNS = {
    "post": "tweetid",
    "account": "userid",
    "time": "tweet_time",
    "text": "tweet_text",
    "reshare": "retweet_tweetid",
    "reshare_account": "retweet_userid",
    "reply": "in_reply_to_tweetid",
    "reply_account": "in_reply_to_userid",
    "quote": "quoted_tweet_tweetid",
    "is_reshare": "is_retweet",
    "urls": "urls",
    "tags": "hashtags",
    "mentions": "user_mentions",
    "client": "tweet_client_name",
    "lang": "tweet_language",
    "reshares_total": "retweet_count",
}
_PROFILE = {
    "handle": "user_screen_name",
    "name": "user_display_name",
    "bio": "user_profile_description",
    "opened": "account_creation_date",
    "followers": "follower_count",
    "following": "following_count",
}


class XIOArchive:
    """Posts and users of the archive. Times come from the ids: the archive cut seconds off `tweet_time`."""

    name = "x_io_archive"
    says = "the X/Twitter information-operations archive: posts CSV and users CSV"
    covers = (*_COLUMNS, *_PROFILE)
    clock = "the time in the post ids, in milliseconds, else `tweet_time` in UTC, to the minute"

    def recognise(self, opened: Opened) -> float:
        """By its column names: tweetid and userid are the archive's own spelling."""
        names = {plain_name(name) for name in opened.header}
        if {"tweetid", "userid", "tweettime"} <= names:
            return 0.95
        mine = {plain_name(name) for name in _PROFILE.values()}
        return 0.95 if "userid" in names and len(mine & names) >= 4 and "tweetid" not in names else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        there = {plain_name(name): name for name in opened.columns}
        wanted = {**_COLUMNS, **_PROFILE}
        profiles = "tweetid" not in there
        if profiles:
            wanted = {"account": "userid", **_PROFILE}
        columns = {
            role: (there[plain_name(name)],) for role, name in wanted.items() if plain_name(name) in there
        }
        # a mirror of the archive writes opening days as 7/3/2018
        recipe = Recipe(
            columns, zone="UTC", order="MDY", platform="x", snowflakes=not profiles, profiles=profiles
        )
        yield from read(opened, checked(recipe, opened, options), options, self.name)
