"""The four columns of the R package CooRTweet, under their new and old names."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import plain_name
from concerted.sources.opening import Opened
from concerted.sources.overrides import checked
from concerted.sources.recipe import Options, Recipe
from concerted.sources.shaping import read

_ROLES = {
    "object": ("objectid",),
    "account": ("accountid", "idaccount", "iduser"),
    "post": ("contentid",),
    "time": ("timestampshare",),
}


class CooRTweet:
    """One row per object a post shares. An address is a link, `#word` a hashtag; any other object is the
    reshared post, unless posts share several of them, which no post can."""

    name = "coortweet"
    says = "4 columns of CooRTweet: object_id, account_id, content_id, timestamp_share"
    covers = ("account", "post", "time", "reshare", "urls", "tags")
    clock = "epoch seconds, or text in UTC"

    def recognise(self, opened: Opened) -> float:
        """By its column names."""
        return 0.95 if len(_columns(opened)) == len(_ROLES) else 0.0

    def read(self, opened: Opened, options: Options) -> Iterator[tuple[str, pa.Table]]:
        """Rows of the tables. Raises DamagedIds and BadTime."""
        named = _columns(opened)
        place = named.pop("object")
        columns = {role: (name,) for role, name in named.items()}
        role, note = _object_role(opened, place, named["post"])
        columns[role] = (place,)
        recipe = Recipe(columns, zone="UTC", unit="", platform="web", merge=role != "reshare", notes=(note,))
        chunks = read(opened, checked(recipe, opened, options), options, self.name)
        yield from (chunks if recipe.merge else _shares(chunks))


def _shares(chunks: Iterator[tuple[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
    """A content that shares a second object makes a second share: it gets an id of its own, file#row."""
    shared: dict[str, str | None] = {}
    for name, chunk in chunks:
        if name == "posts":
            posts, parents = chunk["post"].to_pylist(), chunk["parent"].to_pylist()
            places = zip(posts, parents, chunk["file"].to_pylist(), chunk["row"].to_pylist(), strict=True)
            own = [
                post if shared.setdefault(post, parent) == parent else f"{file}#{row}"
                for post, parent, file, row in places
            ]
            index = chunk.schema.get_field_index("post")
            chunk = chunk.set_column(index, "post", pa.array(own, pa.string()))
        yield name, chunk


def _columns(opened: Opened) -> dict[str, str]:
    there = {plain_name(name): name for name in opened.columns}
    return {role: there[name] for role, names in _ROLES.items() for name in names if name in there}


def _object_role(opened: Opened, place: str, post: str) -> tuple[str, str]:
    objects = opened.sample.column(place).cast(pa.string()).drop_null()
    if len(objects) and pc.mean(pc.match_substring(objects, "://").cast(pa.int8())).as_py() > 0.5:
        return "urls", "objects are addresses: taken as links"
    if len(objects) and pc.mean(pc.starts_with(objects, "#").cast(pa.int8())).as_py() > 0.5:
        return "tags", "objects begin with #: taken as hashtags"
    several = 0
    total = 0
    for frame in opened.frames((place, post)):
        if not len(frame):
            continue
        pairs = pa.table(
            {"p": frame.column(post).cast(pa.string()), "o": frame.column(place).cast(pa.string())}
        )
        distinct = pairs.group_by(["p", "o"], use_threads=False).aggregate([])
        counted = distinct.group_by("p", use_threads=False).aggregate([("o", "count")])
        several += pc.sum(pc.greater(counted["o_count"], 1)).as_py() or 0
        total += counted.num_rows
    if several > 0.2 * total:
        return "urls_id", "objects are opaque and posts share several: taken as links"
    return "reshare", "objects are opaque, one a post: taken as the reshared posts"
