"""YouTube: comments, threads and videos of the Data API, and the comment tables of YouTube Data Tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.htmltext import hrefs, plain
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, links_in, read
from concerted.sources.shaping import read as shape

LISTS = ("items",)
_ROLES = {
    "post": "id",
    "account": "snippet.authorChannelId.value",
    "time": "snippet.publishedAt",
    "text": "snippet.textOriginal",
    "reply": "snippet.parentId, else snippet.videoId",
    "thread": "snippet.videoId",
    "urls": "links in the text",
    "lang": "snippet.defaultAudioLanguage",
    "link": "id as youtube.com link",
    "handle": "snippet.authorDisplayName",
    "avatar": "snippet.authorProfileImageUrl",
}
_TABLE = {
    "post": ("id",),
    "account": ("authorChannelId", "authorName"),
    "time": ("publishedAt",),
    "text": ("text",),
    "reply": ("isReplyTo",),
    "handle": ("authorName",),
}
_SIGNS = {"id", "authorName", "text", "publishedAt", "isReplyTo"}
_BY_NAME = "a comment without channel id is counted under the author's name"


class YouTube:
    """Comments answer the comment in `parentId`, those at the top their video; `thread` is the video."""

    name = "youtube"
    says = "YouTube: Data API comments, threads and videos; comment CSV of YouTube Data Tools"
    covers = tuple(_ROLES)
    clock = "UTC as written, of YouTube Data Tools by its manual; to the second"

    def recognise(self, opened: Opened) -> float:
        """By `kind`: youtube#..., or the tool's column names."""
        if opened.kind == "csv":
            return 0.95 if set(opened.header) >= _SIGNS else 0.0
        found = [one for record in opened.peek for one in (record, *(record.get("items") or ()))]
        return 0.95 if any(str(at(one, "kind") or "").startswith("youtube#") for one in found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="youtube", zone="UTC", notes=(_BY_NAME,))
        if opened.kind != "csv":
            yield from read(opened, options, self.name, _expand, recipe=recipe, roles=_ROLES, lists=LISTS)
            return
        there = {role: tuple(n for n in names if n in opened.columns) for role, names in _TABLE.items()}
        table = Recipe(
            {role: names for role, names in there.items() if names},
            platform="youtube",
            zone="UTC",
            notes=(_BY_NAME, "the tool writes times in UTC without saying so"),
        )
        yield from shape(opened, checked(table, opened, options), options, self.name)


def _expand(item: Item) -> Iterator[Cells | Spoiled]:
    record = item.record
    kind = str(record.get("kind", ""))
    if kind.endswith("#commentThread") or isinstance(at(record, "snippet.topLevelComment"), dict):
        video = at(record, "snippet.videoId")
        yield _comment(record["snippet"]["topLevelComment"], video)
        for reply in at(record, "replies.comments") or ():
            yield _comment(reply, video)
    elif kind.endswith("#comment"):
        yield _comment(record, None)
    elif kind.endswith(("#video", "#searchResult", "#playlistItem")):
        yield _video(item)
    else:
        yield Spoiled(item.row, f"a {kind or 'record'}, neither a comment nor a video")


def _comment(comment: dict[str, Any], thread: str | None) -> Cells:
    told = comment["snippet"]
    video, name = told.get("videoId") or thread, told.get("authorDisplayName")
    shown = told.get("textDisplay")
    text = told.get("textOriginal") or plain(shown)
    return {
        "post": comment.get("id"),
        "account": at(told, "authorChannelId.value") or name,
        "time": told.get("publishedAt"),
        "text": text,
        "reply": told.get("parentId") or video,
        "thread": video,
        "urls": [*hrefs(shown), *links_in(text)] if not told.get("textOriginal") else links_in(text),
        "link": f"https://www.youtube.com/watch?v={video}&lc={comment.get('id')}" if video else None,
        "handle": name,
        "avatar": told.get("authorProfileImageUrl"),
    }


def _video(item: Item) -> Cells | Spoiled:
    record, told = item.record, item.record.get("snippet") or {}
    name = record.get("id")
    video = at(told, "resourceId.videoId") or (at(name, "videoId") if isinstance(name, dict) else name)
    if not video or not told.get("channelId"):
        return Spoiled(item.row, "a result without video or channel")
    text = "\n".join(part for part in (told.get("title"), told.get("description")) if part)
    return {
        "post": video,
        "account": told.get("videoOwnerChannelId") or told["channelId"],
        "time": told.get("publishedAt"),
        "text": text,
        "urls": links_in(text),
        "lang": told.get("defaultAudioLanguage") or told.get("defaultLanguage"),
        "link": f"https://www.youtube.com/watch?v={video}",
        "handle": told.get("videoOwnerChannelTitle") or told.get("channelTitle"),
    }
