"""What each post is: original, reshare, reply or quote, and of which post."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.sources import cells, ids
from concerted.sources.frame import Flags, Frame, Numbers
from concerted.sources.profiles import moments
from concerted.sources.recipe import PARENTS
from concerted.sources.survey import Survey

WORDS = {
    "reshare": (
        "retweet",
        "rt",
        "reshare",
        "repost",
        "share",
        "forward",
        "boost",
        "reblog",
        "retweeted",
        "reposted",
    ),
    "reply": ("reply", "re", "response", "comment", "replied_to", "answer"),
    "quote": ("quote", "quote_tweet", "quoted", "quotetweet"),
    "original": ("original", "tweet", "post", "status", "mention", "mt", "tw", "submission", "message"),
}


def word_of(values: pa.Array) -> pa.Array:
    """The kind a cell names, null where it names none."""
    known = {word: kind for kind, words in WORDS.items() for word in words}
    coded = cells.text(values).dictionary_encode()
    each = pa.array([known.get((x or "").strip().lower()) for x in coded.dictionary.to_pylist()], pa.string())
    return each.take(coded.indices)


def kinds(survey: Survey, frame: Frame) -> dict[str, Flags]:
    """For reshare, reply and quote, which posts are one. A reshare is nothing else; a reply that also
    quotes is a reply."""
    recipe = survey.recipe
    named = cells.first_of(frame, recipe.columns.get("kind", ()), word_of).cast(pa.string())
    is_kind: dict[str, Flags] = {}
    free = np.ones(len(frame), bool)
    for kind in PARENTS:
        hit = ids.present(survey.ids(frame, kind)) if recipe.has(kind) else np.zeros(len(frame), bool)
        # archives that damaged or dropped the id still name its author
        hit = hit | ids.present(_account(frame, recipe.columns.get(f"{kind}_account", ())))
        for name in recipe.columns.get(f"is_{kind}", ()):
            hit = hit | cells.flags(frame.column(name))
        hit = hit | np.asarray(pc.equal(named, kind).fill_null(False)).astype(bool)
        if kind == "reshare" and recipe.has("parent") and not recipe.has("kind"):
            hit = hit | ids.present(survey.ids(frame, "parent"))
        is_kind[kind] = hit & free
        free &= ~hit
    return is_kind


def parents(
    survey: Survey,
    frame: Frame,
    is_kind: dict[str, Flags],
    micros: Numbers,
    account: pa.Array,
    platform: pa.Array,
) -> dict[str, pa.Array]:
    """Columns kind, parent, parent_account and parent_time."""
    recipe, size = survey.recipe, len(frame)
    kind: pa.Array = pa.repeat("original", size)
    parent, author = pa.nulls(size, pa.string()), pa.nulls(size, pa.string())
    when: Numbers = np.zeros(size, np.int64)
    dated: Flags = np.zeros(size, bool)
    for name in PARENTS:
        here = is_kind[name]
        if not here.any():
            continue
        kind = cells.mixed(here, pa.scalar(name), kind)
        found = survey.sound(name, survey.ids(frame, name), micros)
        source = _account(frame, recipe.columns.get(f"{name}_account", ()))
        if recipe.has("parent"):
            found = pc.coalesce(found, survey.sound("parent", survey.ids(frame, "parent"), micros))
        if recipe.has("parent_account"):
            source = pc.coalesce(source, _account(frame, recipe.columns["parent_account"]))
        if recipe.has("target"):
            source = pc.coalesce(source, _account(frame, recipe.columns["target"]))
        if recipe.within:
            # messages are counted per channel: an answer is in the same channel, a forward in its source
            inside = source if name == "reshare" else account
            found = pc.binary_join_element_wise(inside, found, "/")
            source = source if name == "reshare" else pc.coalesce(source, account)
        parent, author = cells.mixed(here, found, parent), cells.mixed(here, source, author)
        role = "reshare_time" if name == "reshare" and "reshare_time" in survey.others else "parent_time"
        if role in survey.others:
            stated, ok = survey.others[role].read(frame.column(recipe.columns[role][0]))
            when, dated = np.where(here & ok, stated, when), dated | (here & ok)
    if survey.snowflakes:
        snow, fit = ids.snowflake(parent)
        use = fit & ~dated & (snow <= micros + 1_000_000)
        when, dated = np.where(use, snow, when), dated | use
    return {
        "kind": kind,
        "parent": parent,
        "parent_account": pc.binary_join_element_wise(platform, author, ":"),
        "parent_time": moments(when, dated),
    }


def _account(frame: Frame, names: tuple[str, ...]) -> pa.Array:
    return cells.first_of(frame, names, lambda x: ids.clean(x, parent=True))
