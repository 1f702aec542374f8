"""Observations of accounts: what a file says about them, once per change rather than once per post."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.sources import cells
from concerted.sources.frame import Flags, Frame, Numbers
from concerted.sources.recipe import PROFILE
from concerted.sources.survey import Survey

# Observations held while a file is read; about 300 bytes each.
MANY = 400_000
_COUNTERS = ("followers", "following", "posts")
_KEYS = tuple(name for name in schema.TABLES["accounts"] if name not in (*_COUNTERS, "seen"))


def has_profile(survey: Survey) -> bool:
    """Whether the file says anything about accounts but their id."""
    return any(survey.recipe.has(role) for role in PROFILE)


def observe(
    survey: Survey, frame: Frame, account_id: pa.Array, platform: pa.Array, seen: pa.Array
) -> pa.Table:
    """One observation per record, as rows of table `accounts`."""
    recipe = survey.recipe

    def column(role: str) -> pa.Array:
        return cells.first_of(frame, recipe.columns.get(role, ()), cells.text)

    def moment(role: str) -> pa.Array:
        if role not in survey.others:
            return pa.nulls(len(frame), schema.TIME)
        return moments(*survey.others[role].read(frame.column(recipe.columns[role][0])))

    def count(role: str) -> pa.Array:
        return cells.first_of(frame, recipe.columns.get(role, ()), cells.counts).cast(pa.int64())

    # Archives write the hashed id into both names; as names they say nothing.
    own = [
        pc.if_else(pc.equal(column(role), account_id), _NOTHING, column(role)) for role in ("handle", "name")
    ]
    label = column("platform_label")
    label = pc.if_else(pc.is_in(pc.utf8_lower(label), value_set=_NO), _NOTHING, label)
    word = (
        "verified" if "verified" in "".join(recipe.columns.get("platform_label", ())).lower() else "automated"
    )
    label = pc.if_else(pc.is_in(pc.utf8_lower(label), value_set=_YES), word, label)
    return schema.rows(
        "accounts",
        account=pc.binary_join_element_wise(platform, account_id, ":"),
        account_id=account_id,
        platform=platform,
        handle=pc.replace_substring_regex(own[0].cast(pa.string()), "^@", ""),
        name=own[1].cast(pa.string()),
        bio=column("bio"),
        opened=moment("opened"),
        followers=count("followers"),
        following=count("following"),
        posts=count("statuses"),
        avatar=column("avatar"),
        status=column("status"),
        status_time=moment("status_time"),
        platform_label=label.cast(pa.string()),
        seen=pc.coalesce(moment("seen"), moment("collected"), seen),
    )


_NOTHING = pa.scalar(None, pa.string())
_NO = pa.array(["false", "0", "no", "f"])
_YES = pa.array(["true", "1", "yes", "t"])


def moments(micros: Numbers, known: Flags) -> pa.Array:
    """Microseconds as an Arrow array of times, null where unknown."""
    return pa.array(micros, pa.int64(), mask=~known).cast(schema.TIME)


def condense(parts: list[pa.Table]) -> pa.Table:
    """Observations that tell something new: per account, profile and UTC day the last one.

    Counters change with every post; one reading a day keeps their course without a row per post.
    """
    if not parts:
        return schema.empty("accounts")
    table = pa.concat_tables(parts)
    if not table.num_rows:
        return table
    day = pc.floor_temporal(table["seen"], unit="day").cast(pa.int64())
    table = table.append_column("day", day)
    order = [("account", "ascending"), ("seen", "ascending"), *((name, "ascending") for name in _COUNTERS)]
    table = table.sort_by(order)
    grouped = table.group_by([*_KEYS, "day"], use_threads=False).aggregate(
        [(name, "last") for name in (*_COUNTERS, "seen")]
    )
    names = [f"{name}_last" if name in (*_COUNTERS, "seen") else name for name in schema.TABLES["accounts"]]
    done = grouped.select(names).rename_columns(list(schema.TABLES["accounts"]))
    order = [(name, "ascending") for name in ("account", "seen", *_KEYS[1:])]
    return done.cast(schema.arrow("accounts")).sort_by(order).combine_chunks()
