"""TikTok: answers of the Research API (videos, comments), and the tables of pyktok."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import ids
from concerted.sources.document import Item
from concerted.sources.frame import Frame, Spoiled
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, links_in, media, read, tags_in
from concerted.sources.shaping import read as shape

LISTS = ("data.videos", "data.comments", "videos", "comments")
_ROLES = {
    "post": "id",
    "account": "username",
    "time": "create_time",
    "text": "video_description and voice_to_text, text",
    "reply": "parent_comment_id, else video_id",
    "thread": "video_id",
    "urls": "links in the text",
    "tags": "hashtag_names",
    "mentions": "video_mention_list",
    "media_items": "music_id, effect_ids",
    "link": "username and id as tiktok.com link",
    "reshares_total": "share_count",
    "handle": "username (handle)",
}
_NAMES = "accounts are told by user name, the only key this interface gives; a name can change"
_NOBODY = "comments carry no author: no trace can tell who acted, ask for data that names commenters"
_VIDEO = {"create_time", "video_description"}
_COMMENT = {"create_time", "text", "video_id"}
_PYKTOK = {
    "post": "video_id",
    "account": "author_username",
    "time": "time in video_id",
    "text": "video_description",
    "handle": "author_username",
    "name": "author_name",
    "followers": "author_followercount",
    "following": "author_followingcount",
    "statuses": "author_videocount",
    "platform_label": "author_verified",
    "reshares_total": "video_sharecount",
}


class TikTok:
    """Videos, their sound (music_id) and effects as media: many people use the same ones, so a shared sound
    or effect alone says little."""

    name = "tiktok"
    says = "TikTok: Research API videos and comments; CSV of pyktok"
    covers = (*_ROLES, *_PYKTOK)
    clock = "epoch seconds; of pyktok the time in the video ids, its own being local"

    def recognise(self, opened: Opened) -> float:
        """By the interface's field names, or pyktok's columns."""
        if opened.kind == "csv":
            names = {"video_id", "video_timestamp", "author_username", "video_description"}
            return 0.95 if set(opened.header) >= names else 0.0
        found = [one for record in opened.peek for one in (record, *_held(record))]
        return 0.95 if any(_mine(one) for one in found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        if opened.kind == "csv":
            yield from _pyktok(opened, options, self.name)
            return
        found = [one for record in opened.peek for one in (record, *_held(record)) if _mine(one)]
        comments = bool(found) and not found[0].keys() >= _VIDEO
        recipe = Recipe(
            {},
            platform="tiktok",
            zone="UTC",
            unit="s",
            anonymous=True,
            notes=(_NOBODY,) if comments else (_NAMES,),
        )
        yield from read(opened, options, self.name, _expand, recipe=recipe, roles=_ROLES, lists=LISTS)


def _held(record: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for path in LISTS:
        value = at(record, path)
        found += value if isinstance(value, list) else []
    return found


def _mine(one: Any) -> bool:
    return isinstance(one, dict) and (one.keys() >= _VIDEO or one.keys() >= _COMMENT)


def _expand(item: Item) -> Iterator[Cells | Spoiled]:
    record = item.record
    if record.keys() >= _VIDEO:
        yield _video(record)
    elif record.keys() >= _COMMENT:
        yield _comment(record)
    else:
        yield Spoiled(item.row, "neither a video nor a comment")


def _video(record: dict[str, Any]) -> Cells:
    name, post = record.get("username"), record.get("id")
    # what is said in a video is copied as texts are
    text = "\n".join(part for part in (record.get("video_description"), record.get("voice_to_text")) if part)
    return {
        "post": post,
        "account": name,
        "time": record.get("create_time"),
        "text": text,
        "urls": links_in(text),
        "tags": record.get("hashtag_names") or tags_in(record.get("video_description")),
        "mentions": [str(one) for one in record.get("video_mention_list") or () if not isinstance(one, dict)],
        "media_items": media(
            (record.get("music_id"), "sound", None, None),
            *(
                (f"effect:{one}", "effect", None, None)
                for one in record.get("effect_ids") or ()
                if one != "0"
            ),
        ),
        "link": f"https://www.tiktok.com/@{name}/video/{post}" if name and post else None,
        "reshares_total": record.get("share_count"),
        "handle": name,
    }


def _comment(record: dict[str, Any]) -> Cells:
    return {
        "post": record.get("id"),
        "time": record.get("create_time"),
        "text": record.get("text"),
        "reply": record.get("parent_comment_id") or record.get("video_id"),
        "thread": record.get("video_id"),
        "urls": links_in(record.get("text")),
        "tags": tags_in(record.get("text")),
    }


def id_seconds(values: pa.Array) -> pa.Array:
    """Seconds since 1970 UTC in TikTok ids, as text: the bits above the low 32; null where an id has none."""
    clean = ids.clean(values)
    fit = pc.match_substring_regex(clean, r"^[67]\d{18}$").fill_null(False)
    numbers = pc.if_else(fit, clean, pa.scalar("0")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return pa.array([str(n) if n else None for n in (numbers >> np.int64(32)).tolist()], pa.string())


def _pyktok(opened: Opened, options: Options, source: str) -> Iterator[tuple[str, pa.Table]]:
    def prepared(frame: Frame) -> Frame:
        return frame.with_columns({"time in video_id": id_seconds(frame.column("video_id"))})

    there = (*opened.columns, "time in video_id")
    recipe = Recipe(
        {role: (name,) for role, name in _PYKTOK.items() if name in there},
        platform="tiktok",
        zone="UTC",
        unit="s",
        prepared=prepared,
        reads=("video_id",),
        notes=(
            "video_timestamp is the collector's local time without a zone and is not used; the ids hold the "
            "time in UTC",
        ),
    )
    yield from shape(opened, replace(checked(recipe, opened, options)), options, source)
