"""Observations of accounts: what a file says about them, once per change rather than once per post."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.sources import cells
from concerted.sources.frame import Flags, Frame, Numbers
from concerted.sources.letters import any_of
from concerted.sources.recipe import PROFILE
from concerted.sources.survey import Survey

# Observations held while a file is read; about 300 bytes each.
MANY = 400_000
_DAY = 86_400_000_000
_LAST = 2**63 - 1
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
        handle=_without_at(own[0].cast(pa.string())),
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


def _without_at(handles: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(handles, "^@", "") if any_of(handles, "@") else handles


_NOTHING = pa.scalar(None, pa.string())
_NO = pa.array(["false", "0", "no", "f"])
_YES = pa.array(["true", "1", "yes", "t"])


def moments(micros: Numbers, known: Flags) -> pa.Array:
    """Microseconds as an Arrow array of times, null where unknown."""
    return pa.array(micros, pa.int64(), mask=~known).cast(schema.TIME)


def condense(parts: list[pa.Table]) -> pa.Table:
    """Observations that tell something new: per account, profile and UTC day the last one, in order.

    Counters change with every post; one reading a day keeps their course without a row per post.
    """
    return ordered(latest(parts)) if parts else schema.empty("accounts")


def ordered(table: pa.Table) -> pa.Table:
    """Observations by account and moment, with all columns."""
    names = [name for name in ("account", "seen", *_KEYS[1:]) if name in table.column_names]
    found = table.take(pa.array(_order(table, names)))
    return schema.rows("accounts", **{name: found[name] for name in found.column_names})


def latest(parts: list[pa.Table]) -> pa.Table:
    """As `condense`, in no order that means anything, and without the columns that tell nothing."""
    table = pa.concat_tables(parts, promote_options="default")
    # what is missing in all rows parts none, and takes no time
    told = [name for name in table.column_names if name == "account" or _told(table, name)]
    table = table.select(told).combine_chunks()
    if "account_id" in told:
        person = _codes(table["account_id"]) + 1
        again = np.flatnonzero((np.bincount(person) > 1)[person])
    else:
        again = np.arange(len(table))
    if not len(again):
        return table
    if len(again) == len(table):
        return _last(table)
    # of most accounts one row is there, which is the last; an account follows from its id and platform
    once = np.ones(len(table), bool)
    once[again] = False
    return pa.concat_tables([table.filter(pa.array(once)), _last(table.take(pa.array(again)))])


def _last(table: pa.Table) -> pa.Table:
    table = table.combine_chunks()
    keys = [_codes(table[name]) for name in _KEYS[1:] if name in table.column_names]
    seen = _ranks(table["seen"]) if "seen" in table.column_names else np.zeros(len(table), np.int64)
    same = _joined([*keys, seen // _DAY])
    counters = [name for name in _COUNTERS if name in table.column_names]
    order = np.lexsort((*(_ranks(table[name]) for name in reversed(counters)), seen, same))
    ends = np.flatnonzero(np.diff(same[order], append=-1))
    found = table.take(pa.array(order[ends]))
    for name in counters:
        # the last that is told since the group began
        there = np.where(np.asarray(table[name].is_valid())[order], np.arange(len(order)), -1)
        last = np.maximum.accumulate(there)[ends]
        missing = last < np.concatenate([[0], ends[:-1] + 1])
        place = pa.array(order[np.maximum(last, 0)], mask=missing)
        found = found.set_column(found.schema.get_field_index(name), name, table[name].take(place))
    return found


def _order(table: pa.Table, names: list[str]) -> Numbers:
    """The order of rows by columns; those after the first two are hardly ever needed, and long to compare."""
    ranks = [_ranks(table[name]) for name in names[:2]]
    order = _by_both(*ranks) if len(ranks) == 2 and len(table) else np.lexsort(ranks)
    if not np.all([np.diff(rank[order]) == 0 for rank in ranks], axis=0).any():
        return order
    return np.lexsort([_ranks(table[name]) for name in reversed(names)])


def _by_both(first: Numbers, then: Numbers) -> Numbers:
    """The order by two numbers, any of rows that have the same; as by one number, if that can hold both."""
    low, high = int(then.min()), int(then.max())
    if (int(first.max()) + 1) * (high - low + 1) > _LAST:
        return np.lexsort((then, first))
    return np.argsort(first * (high - low + 1) + (then - low))


def _told(table: pa.Table, name: str) -> bool:
    return bool(table[name].null_count < len(table))


def _codes(values: pa.ChunkedArray) -> Numbers:
    """A number for every value, the same for the same."""
    if not pa.types.is_string(values.type):
        return _ranks(values)
    return _numbers(values.combine_chunks().dictionary_encode().indices, -1)


def _ranks(values: pa.ChunkedArray) -> Numbers:
    """Numbers in the order of the values, missing ones last."""
    if not pa.types.is_string(values.type):
        return _numbers(values.combine_chunks(), _LAST)
    coded = values.combine_chunks().dictionary_encode()
    ranks = np.empty(len(coded.dictionary), np.int64)
    ranks[np.asarray(pc.sort_indices(coded.dictionary))] = np.arange(len(ranks))
    return _numbers(pa.array(ranks).take(coded.indices), _LAST)


def _numbers(values: pa.Array, missing: int) -> Numbers:
    found: Numbers = values.cast(pa.int64()).fill_null(missing).to_numpy(zero_copy_only=False)
    return found


def _joined(numbers: list[Numbers]) -> Numbers:
    """One number for each row, the same where all its numbers are the same."""
    joined, span = np.zeros(len(numbers[0]), np.int64), 1
    for each in numbers:
        each, size = _narrow(each)
        if span * size >= _LAST:
            joined, span = _narrow(joined, 0)
        joined, span = joined * size + each, span * size
    return joined


def _narrow(numbers: Numbers, most: int = 2**31) -> tuple[Numbers, int]:
    """Numbers from 0 on that are the same where these are, and how many there may be; spread as they were
    where these are fewer than `most`."""
    low, high = int(numbers.min(initial=_LAST)), int(numbers.max(initial=0))
    if high - low < most:
        return numbers - low, high - low + 1
    different, numbers = np.unique(numbers, return_inverse=True)
    return numbers, len(different)
