"""Columns of cells as columns of values: text, counts, flags, platforms; the first filled of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources.frame import Flags, Frame, text_array, text_of, without_private
from concerted.sources.ids import MISSING, without
from concerted.sources.letters import only

_MISSING = pa.array(MISSING, pa.string())
_TRUE = pa.array(["true", "t", "1", "1.0", "yes", "y"])
_PLATFORMS = {
    "fb": "facebook", "facebook_page": "facebook", "facebook_group": "facebook", "tw": "x", "twitter": "x",
    "twitter.com": "x", "x.com": "x", "ig": "instagram", "yt": "youtube", "tg": "telegram", "bsky": "bluesky",
    "tiktok-comments": "tiktok", "threads.net": "threads", "t.me": "telegram",
}  # fmt: skip


def first_of(frame: Frame, names: Iterable[str], read: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """The first value that is there, of several columns."""
    filled: pa.Array | None = None
    for name in names:
        column = read(frame.column(name))
        filled = column if filled is None else pc.coalesce(filled, column)
    return pa.nulls(len(frame), pa.string()) if filled is None else filled


def text(values: pa.Array) -> pa.Array:
    """Text as exported; what only says that there is nothing is null."""
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        firsts = (without_private(cell[0]) if cell else None for cell in values.to_pylist())
        values = text_array(text_of(first) for first in firsts)
    elif not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    told = values if only(values, "!", "~") else pc.utf8_trim_whitespace(values)
    return without(values, _MISSING, told)


def words(values: pa.Array) -> pa.Array:
    """Short text without markup: the name of a program is often wrapped in a link."""
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(text(values), "<[^>]*>", ""))


def counts(values: pa.Array) -> pa.Array:
    """Whole numbers; `12.0` is 12, anything else that is no whole number is null."""
    if pa.types.is_signed_integer(values.type):
        return values.cast(pa.int64())
    if pa.types.is_boolean(values.type) or pa.types.is_nested(values.type):
        return pa.nulls(len(values), pa.int64())
    values = values.cast(pa.string())
    whole = pc.replace_substring_regex(pc.utf8_trim_whitespace(values), r"\.0*$", "")
    fit = pc.match_substring_regex(whole, r"^\d{1,18}$")
    return pc.if_else(fit, whole, pa.scalar(None, pa.string())).cast(pa.int64())


def flags(values: pa.Array) -> Flags:
    """Which cells say yes. An object in place of a flag, as some scrapers write, says yes too."""
    if pa.types.is_null(values.type):
        return np.zeros(len(values), bool)
    if not pa.types.is_boolean(values.type):
        lower = pc.utf8_lower(pc.utf8_trim_whitespace(text(values)))
        values = pc.or_(pc.is_in(lower, value_set=_TRUE), pc.starts_with(lower, "{'"))
    return np.asarray(values.fill_null(False)).astype(bool)


def platforms(values: pa.Array) -> pa.Array:
    """Platform names in our spelling."""
    coded = pc.utf8_lower(text(values)).dictionary_encode()
    names = pa.array(
        [None if x is None else _PLATFORMS.get(x, x) for x in coded.dictionary.to_pylist()], pa.string()
    )
    return names.take(coded.indices)


def mixed(known: Flags, yes: pa.Array, no: pa.Array) -> pa.Array:
    """`yes` where known, else `no`."""
    return pc.if_else(pa.array(known), yes, no)
