"""The four columns of the R package CooRTweet, under their new and old names."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import Frame, plain_name
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
    reshared post, unless posts share several of them, which no post can. One file may hold all of these."""

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
        role, notes = _opaque(opened, place, named["post"])
        links, tags, others = (f"{place} ({what})" for what in ("addresses", "#words", "others"))
        columns |= {"urls": (links,), "tags": (tags,), role: (others,)}

        def prepared(frame: Frame) -> Frame:
            objects = frame.column(place).cast(pa.string())
            return frame.with_columns(dict(zip((links, tags, others), _parted(objects), strict=True)))

        recipe = Recipe(
            columns,
            zone="UTC",
            unit="",
            platform="web",
            merge=role != "reshare" or len(notes) > 1,
            prepared=prepared,
            reads=(place,),
            notes=notes,
        )
        chunks = read(opened, checked(recipe, opened, options), options, self.name)
        yield from (chunks if recipe.merge else _shares(chunks))


def _parted(objects: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Addresses, hashtags and all other objects, null where a row has another of the three."""
    nothing = pa.scalar(None, pa.string())
    address = pc.match_substring_regex(objects, "^https?://").fill_null(False)
    word = pc.starts_with(objects, "#").fill_null(False)
    return (
        pc.if_else(address, objects, nothing),
        pc.if_else(word, objects, nothing),
        pc.if_else(pc.or_(address, word), nothing, objects),
    )


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


def _opaque(opened: Opened, place: str, post: str) -> tuple[str, tuple[str, ...]]:
    """The role of objects that are neither address nor hashtag, and what is taken for what, in words."""
    several = total = links = tags = 0
    for frame in opened.frames((place, post)):
        if not len(frame):
            continue
        addresses, words, others = _parted(frame.column(place).cast(pa.string()))
        links, tags = links + len(addresses.drop_null()), tags + len(words.drop_null())
        pairs = pa.table({"p": frame.column(post).cast(pa.string()), "o": others})
        distinct = (
            pairs.filter(pc.field("o").is_valid()).group_by(["p", "o"], use_threads=False).aggregate([])
        )
        counted = distinct.group_by("p", use_threads=False).aggregate([("o", "count")])
        several += pc.sum(pc.greater(counted["o_count"], 1)).as_py() or 0
        total += counted.num_rows
    notes = ["objects are addresses: taken as links"] if links else []
    notes += ["objects begin with #: taken as hashtags"] if tags else []
    # where rows of one post are joined, it has room for one reshared post only
    if several > (0 if notes else 0.2 * total):
        return "urls_id", (*notes, "objects are opaque and posts share several: taken as links")
    notes += ["objects are opaque, one a post: taken as the reshared posts"] if total else []
    return ("reshare" if total else "urls_id"), tuple(notes)
