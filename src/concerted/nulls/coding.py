"""How the events of a trace become a log: names turn into codes, and rows stand in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.nulls.log import NO_ORIGIN, Flags, Ints, Log, even


@dataclass(frozen=True)
class Coded:
    """A trace's log with the names behind its codes: `names` of accounts, `objects` of objects."""

    log: Log
    names: pa.Array
    objects: pa.Array


def encode(events: pa.Table, objects: pa.Table, names: pa.Array | None = None) -> Coded:
    """Events and objects of one trace as a log. `names` are the accounts of the case, sorted; without them
    those of the events are.

    Objects that one account alone touched say nothing about when accounts come together, nor about how
    prompt they are: they are left out.
    """
    account, names = codes(events["account"], names)
    time = np.asarray(events["time"].combine_chunks().cast(pa.int64()), dtype=np.int64)
    step = np.asarray(events["resolution_s"].combine_chunks().fill_null(1.0), dtype=np.float64)
    key = events["object"]
    del events  # as large as the log itself
    first = changes(key)
    order = _order(key, first, time, account)
    if order is not None:
        key, account, time, step = key.take(pa.array(order)), account[order], time[order], step[order]
        first = changes(key)
    start = np.flatnonzero(first)
    size = np.diff(start, append=len(first))
    shared = size > 1
    keep = np.repeat(shared, size)
    keys = key.take(pa.array(start[shared])).combine_chunks()
    code = np.repeat(np.arange(len(keys)), size[shared])
    origin = np.full(len(keys), NO_ORIGIN)
    if objects.num_rows:
        at = pc.index_in(objects["object"].combine_chunks(), keys)
        known = pc.and_(pc.is_valid(at), pc.is_valid(objects["origin"].combine_chunks()))
        origin[np.asarray(at.filter(known), dtype=np.int64)] = np.asarray(
            objects["origin"].combine_chunks().filter(known).cast(pa.int64()), dtype=np.int64
        )
    return Coded(Log(account[keep], code, time[keep], even(step[keep]), origin), names, keys)


def codes(values: pa.ChunkedArray, names: pa.Array | None = None) -> tuple[Ints, pa.Array]:
    """The place of each value among these distinct names, or else among its own; and the names, sorted.

    Places of shape (n,).
    """
    if names is not None:
        return np.asarray(pc.index_in(values.combine_chunks(), names), dtype=np.int64), names
    coded = values.combine_chunks().dictionary_encode()
    order = pc.array_sort_indices(coded.dictionary)
    place = np.empty(len(order), np.int64)
    place[np.asarray(order)] = np.arange(len(order))
    return place[np.asarray(coded.indices)], coded.dictionary.take(order)


def changes(values: pa.ChunkedArray) -> Flags:
    """Which values differ from the one before; the first does."""
    differs = pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate((np.ones(min(1, len(values)), bool), differs.astype(bool)))


def _order(key: pa.ChunkedArray, first: Flags, time: Ints, account: Ints) -> Ints | None:
    """The order by object, time and account; None where the rows have it, as traces write them."""
    ascending = pc.greater(key[1:], key[:-1]).to_numpy(zero_copy_only=False).astype(bool)
    later, same = time[1:] > time[:-1], time[1:] == time[:-1]
    if (ascending | (~first[1:] & (later | (same & (account[1:] > account[:-1]))))).all():
        return None
    return np.lexsort((account, time, codes(key)[0]))
