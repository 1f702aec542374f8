"""Posts of the Meta Content Library: tables and pages of answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import cells, lists, records
from concerted.sources.document import Item
from concerted.sources.frame import Frame
from concerted.sources.ids import present
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_COLUMNS = {
    "post": "id", "account": "post_owner.id", "time": "creation_time", "text": "text", "lang": "lang",
    "urls": "link_attachment.link", "tags": "hashtags", "link": "mcl_url",
    "reshares_total": "statistics.share_count", "handle": "post_owner.username", "name": "post_owner.name",
}  # fmt: skip
# Columns made of others: a post shared without a word is a reshare, one shared with words a quote.
_RESHARE, _QUOTE = "shared_post_id, without text", "shared_post_id, with text"
_MEDIA, _PLATFORM = "multimedia", "platform in mcl_url"
_MADE = {"reshare": _RESHARE, "quote": _QUOTE, "media_items": "items of multimedia", "platform": _PLATFORM}
_READS = ("text", "shared_post_id", _MEDIA, "mcl_url")
_NOTES = (
    "post ids are the library's own: they lead to no address on Facebook or Instagram",
    "the library leaves out owners of small profiles: posts without an owner are in the ledger",
)


class MetaLibrary:
    """One post a row or record, with the zone in the time. Posts without an owner cannot be used."""

    name = "meta_library"
    says = "Meta Content Library: CSV, or JSON pages, of Facebook and Instagram posts"
    covers = (*_COLUMNS, *_MADE)
    clock = "the offset in each time, to the second"

    def recognise(self, opened: Opened) -> float:
        """By the names of its columns or fields."""
        names = set(opened.header)
        for record in opened.peek:
            held = record.get("data")
            if isinstance(held, list) and held and isinstance(held[0], dict):
                names |= {
                    f"{key}.{inner}" if inner else key
                    for key, value in held[0].items()
                    for inner in (value if isinstance(value, dict) else ("",))
                }
        owner = {"post_owner.id", "post_owner.name", "post_owner.username"} & names
        return 0.95 if {"id", "creation_time"} <= names and owner else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        recipe = Recipe({}, platform="facebook", notes=_NOTES)
        if opened.kind == "json":
            # its fields were renamed more than once: what the user names is looked up as such
            told = {role: name for role, name in options.map.items() if name}
            expand = partial(_expand, {**_COLUMNS, **told})
            roles = {**_COLUMNS, **_MADE, **told}
            yield from records.read(
                opened, options, self.name, expand, recipe=recipe, roles=roles, lists=("data",)
            )
            return
        columns = {role: (name,) for role, name in _COLUMNS.items() if name in opened.columns}
        if "account" not in columns and "handle" in columns:
            columns["account"] = columns["handle"]
        columns |= {role: (name,) for role, name in _MADE.items()}
        recipe = Recipe(columns, platform="facebook", prepared=_prepared, reads=_READS, notes=_NOTES)
        yield from read(opened, checked(recipe, opened, options), options, self.name)


def _expand(paths: Mapping[str, str], item: Item) -> Iterable[dict[str, Any]]:
    found = {role: records.at(item.record, path) for role, path in paths.items()}
    found["account"] = found["account"] or found["handle"]
    shared = item.record.get("shared_post_id")
    found["quote" if str(found["text"] or "").strip() else "reshare"] = shared
    found["media_items"] = _items(item.record.get(_MEDIA) or ())
    found["platform"] = _platform(found["link"])
    yield found


def _prepared(frame: Frame) -> Frame:
    shared, nothing = frame.column("shared_post_id"), pa.scalar(None, pa.string())
    worded = pa.array(present(cells.text(frame.column("text"))))
    media = [json.dumps(_items(lists.objects(cell))) for cell in frame.column(_MEDIA).to_pylist()]
    platform = [_platform(address) for address in frame.column("mcl_url").to_pylist()]
    return frame.with_columns(
        {
            _RESHARE: pc.if_else(worded, nothing, shared),
            _QUOTE: pc.if_else(worded, shared, nothing),
            _MADE["media_items"]: pa.array(media, pa.string()),
            _PLATFORM: pa.array(platform, pa.string()),
        }
    )


def _items(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"id": one.get("id"), "kind": one.get("type")} for one in found if isinstance(one, dict)]


def _platform(address: str | None) -> str | None:
    return "instagram" if "instagram" in (address or "") else None
