"""Observations of accounts: what a file says about them, once per change rather than once per post."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted import schema
from concerted.sources import cells
from concerted.sources.frame import Flags, Frame, Numbers
from concerted.sources.hashing import hashes, seed_of
from concerted.sources.letters import any_of
from concerted.sources.recipe import PROFILE
from concerted.sources.survey import Survey

# Observations held while a file is read; about 300 bytes each.
MANY = 400_000
_DAY = 86_400_000_000
_LAST = 2**63 - 1
_COUNTERS = ("followers", "following", "posts")
# an account is its platform and its id there
_OTHERS = (*_COUNTERS, "seen", "platform", "account_id")
_KEYS = tuple(name for name in schema.TABLES["accounts"] if name not in _OTHERS)


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
    """Observations that tell something new: per account, profile and UTC day the last one, as they came.

    Counters change with every post; one reading a day keeps their course without a row per post. Rows are
    the same where 64 bits of a hash are, which the accounts themselves choose: among half a million, two that
    differ are taken for one with probability 1e-8.
    """
    if not parts:
        return schema.empty("accounts")
    table = pa.concat_tables(parts, promote_options="default").combine_chunks()
    if not len(table):
        return table
    # what is missing in all rows parts none, and takes no time
    table = table.select([name for name in table.column_names if table[name].null_count < len(table)])
    seen = _numbers(table["seen"], _LAST) if "seen" in table.column_names else np.zeros(len(table), np.int64)
    same = _same(table, seen // _DAY)
    order = np.argsort(same)
    first = np.append(True, np.diff(same[order]) != 0)
    again = np.sort(order[~(first & np.append(first[1:], True))])
    counters = [name for name in _COUNTERS if name in table.column_names]
    by = (*(_numbers(table[name], _LAST)[again] for name in reversed(counters)), seen[again], same[again])
    order = again[np.lexsort(by)]
    ends = np.flatnonzero(np.append(np.diff(same[order]) != 0, True)[: len(order)])
    kept: Flags = np.ones(len(table), bool)
    kept[again] = False
    kept[order[ends]] = True
    found = table.filter(pa.array(kept))
    for name in counters:
        # the last that is told since the group began
        there = np.where(np.asarray(table[name].is_valid())[order], np.arange(len(order)), -1)
        last = np.maximum.accumulate(there)[ends]
        told = last >= np.append(0, ends + 1)[: len(ends)]
        place = np.arange(len(table))
        place[order[ends[told]]] = order[last[told]]
        at = found.schema.get_field_index(name)
        found = found.set_column(at, name, table[name].take(pa.array(place[kept])))
    return schema.rows("accounts", **{name: found[name] for name in found.column_names})


def _same(table: pa.Table, day: Numbers) -> Numbers:
    """64 bits of each row that are the same where its account, its profile and its day are."""
    seed = seed_of(table["account"].combine_chunks())
    chance = np.random.default_rng((seed, len(_KEYS)))
    factors = chance.integers(0, 2**63, 1 + len(_KEYS), np.int64) * 2 + 1
    found: Numbers = day * factors[-1]
    for number, name in enumerate(_KEYS):
        if name not in table.column_names:
            continue
        values = table[name].combine_chunks()
        if pa.types.is_string(values.type):
            found += hashes(values.fill_null(""), seed + number).view(np.int64)
            found += np.asarray(values.is_null()) * factors[number]
        else:
            found += _numbers(values, _LAST) * factors[number]
    return found


def _numbers(values: pa.Array | pa.ChunkedArray, missing: int) -> Numbers:
    found: Numbers = np.asarray(values.cast(pa.int64()).fill_null(missing))
    return found
