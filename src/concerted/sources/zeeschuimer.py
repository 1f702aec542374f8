"""What the browser extension Zeeschuimer saved, and what 4CAT keeps of it as NDJSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from concerted.sources import records, x_post, zeeschuimer_items
from concerted.sources.document import Item
from concerted.sources.frame import Spoiled
from concerted.sources.mastodon import Statuses
from concerted.sources.opening import Opened
from concerted.sources.recipe import Options, Recipe

# module of the extension -> our name of the platform, and what makes cells of one of its records
_MODULES: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any] | str]]] = {
    "twitter.com": ("x", zeeschuimer_items.x),
    "x.com": ("x", zeeschuimer_items.x),
    "tiktok.com": ("tiktok", zeeschuimer_items.tiktok),
    "tiktok-comments": ("tiktok", zeeschuimer_items.tiktok_comment),
    "instagram.com": ("instagram", zeeschuimer_items.instagram),
    "threads.net": ("threads", zeeschuimer_items.threads),
    "threads.com": ("threads", zeeschuimer_items.threads),
    "gab.com": ("gab", zeeschuimer_items.gab),
}
# sites built like Mastodon; Gab's was later changed to short names of fields
_STATUSES = {"truthsocial.com": "truthsocial", "gab.com": "gab"}
# every platform has them elsewhere in `data`
_ROLES = {
    **{role: f"{role} in data" for role in (*x_post.ROLES, "reshare_time", "link", "is_reshare", "is_reply")},
    "platform": "source_platform",
    "collected": "timestamp_collected",
}
_NOTE = "it holds what the browser was shown: a sample, ordered by the platform's ranking, not all posts"


class Zeeschuimer:
    """One record a line in an envelope, or with 4CAT's `__import_meta`: X, TikTok and its comments,
    Instagram, Threads, Truth Social and Gab. Ids come from the fields that are text: `item_id` and `data.id`
    lost digits on the way."""

    name = "zeeschuimer"
    says = "Zeeschuimer NDJSON, and 4CAT's NDJSON of it: X, TikTok, Instagram, Threads, Truth Social, Gab"
    covers = tuple(_ROLES)
    clock = (
        "of X the time in the post ids, in milliseconds; of others epoch seconds, or the zone in the value"
    )

    def recognise(self, opened: Opened) -> float:
        """By the envelope that names the platform."""
        found = opened.peek
        mine = sum(_opened(record) is not None for record in found)
        return 0.95 if found and 2 * mine >= len(found) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        kinds = {_platform(record) for record in opened.peek} - {""}
        recipe = Recipe({}, unit="", platform="web", snowflakes=kinds == {"x"}, notes=(_NOTE,))
        yield from records.read(opened, options, self.name, _Session().expand, recipe=recipe, roles=_ROLES)


def _opened(record: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The envelope and what is in it; None for another record."""
    meta, data = record.get("__import_meta"), record.get("data")
    if isinstance(meta, dict) and "source_platform" in meta:
        return meta, record
    if isinstance(data, dict) and {"source_platform", "timestamp_collected"} <= record.keys():
        return record, data
    return None


def _platform(record: dict[str, Any]) -> str:
    found = _opened(record)
    return _MODULES.get(str(found[0]["source_platform"]), ("", None))[0] if found else ""


class _Session:
    """What one file holds. Statuses of Truth Social and Gab name their parents by ids seen before."""

    def __init__(self) -> None:
        self._statuses = Statuses()

    def expand(self, item: Item) -> Iterable[dict[str, Any] | Spoiled]:
        """Cells of one record."""
        found = _opened(item.record)
        if found is None:
            yield Spoiled(item.row, "a record without the envelope of Zeeschuimer")
            return
        envelope, data = found
        module = str(envelope["source_platform"])
        if module in _STATUSES and "author_info" not in data:
            made = list(self._statuses.expand(item._replace(record=data)))
            platform = _STATUSES[module]
        elif module in _MODULES:
            platform, cells = _MODULES[module]
            told = cells(data)
            made = [Spoiled(item.row, told) if isinstance(told, str) else told]
        else:
            named = module[:40] if module.isprintable() and module.isascii() else "an unknown platform"
            made, platform = (
                [Spoiled(item.row, f"a record of {named}, which is not read from this format")],
                "",
            )
        collected = envelope.get("timestamp_collected")
        for one in made:
            if isinstance(one, Spoiled):
                yield one
            else:
                yield {**one, "platform": platform, "collected": collected}
