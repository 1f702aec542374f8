"""Open Measures: answers of its content search, and the tables its extractor makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from concerted.sources.atproto import post_cells
from concerted.sources.document import Item
from concerted.sources.frame import Frame, Spoiled, text_array
from concerted.sources.htmltext import hrefs, plain
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.records import Cells, at, links_in, read, tags_in
from concerted.sources.shaping import read as shape
from concerted.sources.telegram import link_of, post_of

LISTS = ("hits.hits", "hits")
_ROLES = {
    "post": "_source.id, else _id",
    "account": "the site's author key",
    "time": "the site's time key",
    "text": "the site's text key",
    "reshare": "reblog.id",
    "is_reshare": "fwd_from",
    "reply": "in_reply_to_id, reply.parent.uri",
    "reply_account": "reply.parent.uri (did)",
    "quote": "embed.record.uri",
    "quote_account": "embed.record.uri (did)",
    "thread": "reply.root.uri",
    "urls": "links",
    "tags": "hashtags",
    "mentions": "mentions",
    "media_items": "embed",
    "lang": "langs",
    "platform": "_index",
    "link": "id as link",
    "collected": "openmeasures_meta.last_scraped_ts",
    "reshares_total": "reblogs_count",
    "handle": "the site's author name",
    "name": "display name",
}
# Where each site has its author (Open Measures' own collection script) and its text; the first that is there.
_AUTHOR = (
    "account.id", "account.username", "user.id", "user.username", "user.name", "uid", "author_username",
    "author", "username", "channelusername", "channeltitle", "channel_name", "fullname", "name",
)  # fmt: skip
_HANDLE = (
    "account.username", "user.username", "user.name", "author_username", "username", "channelusername",
    "name",
)  # fmt: skip
_NAME = ("account.display_name", "channeltitle", "user.displayName", "fullname", "channel_name")
_TIME = ("created_at", "createdAt", "date", "createdAtformatted", "timestamp", "time", "created", "cdate")
_TEXT = ("content_cleaned", "text", "message", "content", "body", "txt", "com", "description", "title")
_SITES = {
    "truth": "truthsocial", "gab": "gab", "bluesky": "bluesky", "telegram": "telegram", "tiktok": "tiktok",
    "vk": "vk", "gettr": "gettr", "parler": "parler", "4chan": "4chan", "8kun": "8kun", "minds": "minds",
    "mewe": "mewe", "rumble": "rumble", "bitchute": "bitchute", "odysee": "lbry", "lbry": "lbry",
    "fediverse": "mastodon", "mastodon": "mastodon", "poal": "poal", "kiwifarms": "kiwifarms", "win": "win",
    "wimkin": "wimkin", "rutube": "rutube", "ok": "ok",
}  # fmt: skip
_BOARDS = ("4chan", "8kun")
_WORDS = re.compile(r"[a-z0-9]+")
_UTC = "times without a zone are UTC, as the search gives them"
_UNNAMED = "the records do not name their site: name it with --platform where it matters"
_TABLE = {
    "post": ("_id", "id"),
    "account": ("account.id", "account.username", "author", "channelusername"),
    "time": ("created_at", "createdAt", "date"),
    "reshare": ("reblog.id",),
    "reply": ("in_reply_to_id",),
    "mentions": ("mentions",),
    "reshares_total": ("reblogs_count",),
    "handle": ("account.username", "channelusername"),
    "name": ("account.display_name", "channeltitle"),
}
_CLEAN = "text without markup"


class OpenMeasures:
    """One search covers many sites, each with its own fields; the site is read off the index."""

    name = "openmeasures"
    says = "Open Measures: content search answers; CSV of its extractor"
    covers = tuple(_ROLES)
    clock = "as the site's index has it, in UTC where the value does not say"

    def recognise(self, opened: Opened) -> float:
        """By hits with `_source`, or the extractor's columns."""
        if opened.kind == "csv":
            names = set(opened.header)
            return (
                0.9 if {"_id", "content_cleaned"} <= names or {"_id", "openmeasures_meta"} <= names else 0.0
            )
        found = [one for record in opened.peek for one in (record, *_held(record))]
        return 0.95 if any(isinstance(at(one, "_source"), dict) for one in found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        if opened.kind == "csv":
            yield from _table(opened, options, self.name)
            return
        first = [one for record in opened.peek for one in (record, *_held(record)) if at(one, "_source")]
        unnamed = [] if first and _platform(first[0]) != "web" else [_UNNAMED]
        recipe = Recipe({}, zone="UTC", notes=(_UTC, *unnamed))
        hits = _Hits()
        yield from read(opened, options, self.name, hits.expand, recipe=recipe, roles=_ROLES, lists=LISTS)


def _held(record: dict[str, Any]) -> list[Any]:
    hits = record.get("hits")
    inside = hits.get("hits") if isinstance(hits, dict) else hits
    return inside if isinstance(inside, list) else []


def _platform(hit: dict[str, Any]) -> str:
    words = _WORDS.findall(str(hit.get("_index", "")).lower().replace("_", " "))
    named = next((site for word in words for site in (_SITES.get(word),) if site), None)
    source = hit.get("_source") or {}
    if named is None and "channelusername" in source:
        return "telegram"
    return named or ("bluesky" if "rkey_str" in source else "web")


class _Hits:
    """Turns hits into cells; remembers posts, since the index holds every version of a changed one."""

    def __init__(self) -> None:
        self._versions: dict[str, Any] = {}

    def expand(self, item: Item) -> Iterator[Cells | Spoiled]:
        source = item.record.get("_source")
        if not isinstance(source, dict):
            yield Spoiled(item.row, "a hit without _source")
            return
        platform = _platform(item.record)
        if platform == "bluesky" and source.get("author"):
            cells = _bluesky(source)
            version = item.record.get("_id")
            if self._versions.setdefault(cells["post"], version) != version:
                cells["post"] = f"{cells['post']}#{version}"
        else:
            cells = _any(item, source)
        if platform == "telegram":
            cells |= _telegram(source)
        elif platform == "poal":
            cells["account"] = cells["account"] or source.get("sub")
        elif platform in _BOARDS:
            if not source.get("trip") and cells["account"] in (None, "Anonymous"):
                yield Spoiled(item.row, "the board names no author: everybody is Anonymous there")
                return
            cells["account"] = f"{cells['account'] or ''}{source.get('trip') or ''}"
        yield {**cells, "platform": platform, "collected": at(source, "openmeasures_meta.last_scraped_ts")}


def _telegram(source: dict[str, Any]) -> Cells:
    chat = source.get("channelusername") or source.get("channelid") or source.get("channeltitle")
    return {
        "post": post_of(chat, source.get("id")),
        "account": chat,
        "is_reshare": "true" if source.get("fwd_from") else None,
        "link": link_of(chat, source.get("id")),
    }


def _bluesky(source: dict[str, Any]) -> Cells:
    did = str(source["author"])
    uri = f"at://{did}/app.bsky.feed.post/{source.get('rkey_str') or source.get('cid')}"
    cells = post_cells(did, uri, source)
    return {
        **cells,
        "handle": at(source, "authorProfile.handle"),
        "name": at(source, "authorProfile.display_name"),
    }


def _first(source: dict[str, Any], paths: tuple[str, ...]) -> Any:
    found = (at(source, path) for path in paths)
    return next((one for one in found if one not in (None, "") and not isinstance(one, (dict, list))), None)


def _any(item: Item, source: dict[str, Any]) -> Cells:
    time_key, text_key = item.above.get("created_key"), item.above.get("content_key")
    raw = _first(source, (*((str(text_key),) if text_key else ()), *_TEXT))
    text = plain(None if raw is None else str(raw))
    tags = [at(one, "name") or one for one in source.get("tags") or source.get("hashtags") or ()]
    mentions = source.get("mentions")
    return {
        "post": source.get("id") or item.record.get("_id"),
        "account": _first(source, _AUTHOR),
        "time": _first(source, (*((str(time_key),) if time_key else ()), *_TIME)),
        "text": text,
        "reshare": at(source, "reblog.id"),
        "reply": source.get("in_reply_to_id"),
        "urls": [at(source, "card.url"), *hrefs(str(raw)), *links_in(text)],
        "tags": [str(one) for one in tags if isinstance(one, str)] or tags_in(text),
        "mentions": [
            str(at(one, "id") or at(one, "username") or "")
            for one in (mentions if isinstance(mentions, list) else ())
        ],
        "link": source.get("url") if str(source.get("url", "")).startswith("http") else None,
        "reshares_total": source.get("reblogs_count"),
        "handle": _first(source, _HANDLE),
        "name": _first(source, _NAME),
    }


def _table(opened: Opened, options: Options, source: str) -> Iterator[tuple[str, pa.Table]]:
    words = [name for name in _TEXT if name in opened.columns][:1]

    def prepared(frame: Frame) -> Frame:
        texts = frame.column(words[0]).to_pylist() if words else []
        return frame.with_columns({_CLEAN: text_array(plain(text) for text in texts)} if words else {})

    columns = {
        role: found
        for role, names in _TABLE.items()
        if (found := tuple(name for name in names if name in opened.columns))
    }
    if words:
        columns["text"] = (_CLEAN,)
    recipe = Recipe(columns, zone="UTC", prepared=prepared, reads=tuple(words), notes=(_UTC, _UNNAMED))
    yield from shape(opened, checked(recipe, opened, options), options, source)
