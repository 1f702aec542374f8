"""How the events of a trace become a log: names turn into codes, and rows stand in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.nulls.log import NO_ORIGIN, Flags, Floats, Ints, Log, Places, Whole, distinct, even, parts
from concerted.parallel import both, in_parallel


@dataclass(frozen=True)
class Coded:
    """A trace's log with the names behind its codes: `names` of accounts, `objects` of objects.

    Accounts are sorted, or in no order, and then events of one time are not, either.
    """

    log: Log
    names: pa.Array
    objects: pa.Array


def encode(events: pa.Table, objects: pa.Table, names: pa.Array | None = None) -> Coded:
    """Events and objects of one trace as a log. `names` are the accounts of the case, see `account_codes`.

    Objects that one account alone touched say nothing about when accounts come together, nor about how
    prompt they are: they are left out.
    """
    in_order = names is not None
    key = events["object"]
    (account, names), (time, step, first) = both(
        partial(account_codes, events, names), partial(_rows, events)
    )
    del events  # as large as the log itself
    order = _order(key, first, time, account if in_order else None)
    if order is not None:
        key, account, time, step = key.take(pa.array(order)), account[order], time[order], step[order]
        first = changes(key)
    start = np.flatnonzero(first)
    size = np.diff(start, append=len(first))
    shared = size > 1
    keep = np.flatnonzero(np.repeat(shared, size))
    keys = key.take(pa.array(start[shared])).combine_chunks()
    code = np.repeat(np.arange(len(keys)), size[shared])
    origin = np.full(len(keys), NO_ORIGIN)
    if objects.num_rows:
        at = pc.index_in(objects["object"].combine_chunks(), keys)
        known = pc.and_(pc.is_valid(at), pc.is_valid(objects["origin"].combine_chunks()))
        origin[np.asarray(at.filter(known), dtype=np.int64)] = np.asarray(
            objects["origin"].combine_chunks().filter(known).cast(pa.int64()), dtype=np.int64
        )
    return Coded(Log(account.take(keep), code, time.take(keep), even(step[keep]), origin), names, keys)


def _rows(events: pa.Table) -> tuple[Ints, Floats, Flags]:
    """When each event was, its clock, and whether its object is another than that of the one before."""
    steps = events["resolution_s"]
    step = even((steps.fill_null(1.0) if steps.null_count else steps).to_numpy())
    time = np.asarray(events["time"].combine_chunks().cast(pa.int64()), dtype=np.int64)
    return time, step, changes(events["object"])


def account_codes(events: pa.Table, names: pa.Array | None = None) -> tuple[Ints, pa.Array]:
    """The place of each event's account among these sorted names, and the names: without names, those of the
    events in no order. Places of shape (n,).

    A column `key` of hashes of the accounts makes it faster.
    """
    code, own = _distinct(events["account"], events["key"] if "key" in events.column_names else None)
    if names is None:
        return code.astype(np.int64, copy=False), own
    return _places(own, names)[code], names


def codes(values: pa.ChunkedArray, names: pa.Array | None = None) -> tuple[Ints, pa.Array]:
    """The place of each value among these distinct names, or else among its own; and the names, sorted."""
    code, own = numbered(values)
    if names is None:
        names = own.take(pc.array_sort_indices(own))
    return _places(own, names)[code], names


def _places(values: pa.Array, names: pa.Array) -> Ints:
    return np.asarray(pc.index_in(values, names), dtype=np.int64)


def _distinct(values: pa.ChunkedArray, keys: pa.ChunkedArray | None) -> tuple[Whole, pa.Array]:
    """The different values, in no order, and the place of each value among them.

    `keys` are hashes of the values: numbers are told apart several times as fast.
    """
    if keys is not None:
        _, code = distinct(keys.to_numpy())
        own = values.take(pa.array(_first(code))).combine_chunks()
        ends = np.cumsum([len(chunk) for chunk in values.chunks])[:-1]
        named = zip(values.chunks, np.split(code, ends), strict=False)
        if all(in_parallel(lambda one: one[0].equals(own.take(pa.array(one[1]))), named)):
            return code, own
    return numbered(values)  # also where two values have one hash


def _first(code: Ints) -> Ints:
    """Where each code comes first, of codes that count up as they first come."""
    found, last = [np.zeros(0, np.int64)], -1
    for part in parts(len(code)):
        most = np.maximum(np.maximum.accumulate(code[part]), last)
        found.append(part.start + np.flatnonzero(np.diff(most, prepend=last)))
        last = int(most[-1])
    return np.concatenate(found)


def numbered(values: pa.ChunkedArray) -> tuple[Places, pa.Array]:
    """A number for each value, and which values they are of: numbers go by it. Values may be dictionaries."""
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    chunks = values.unify_dictionaries().chunks
    if not chunks:
        return np.zeros(0, np.int32), pa.array([], values.type.value_type)
    return np.concatenate([np.asarray(chunk.indices) for chunk in chunks]), chunks[0].dictionary


def places(values: pa.ChunkedArray) -> Ints:
    """The place of each value among the different ones in the order in which they first come. Shape (n,)."""
    return distinct(numbered(values)[0].astype(np.int64))[1]


def by_code(code: Ints, codes: int) -> tuple[Places, Ints]:
    """Rows in the order of their codes 0..codes-1, those of one as they stand; and where each code's begin.

    A matrix with one entry a row, turned: counting sorts faster than comparing. Shapes (n,), (codes + 1,).
    """
    from scipy.sparse import csr_array

    entries = (np.ones(len(code), np.int8), code, np.arange(len(code) + 1))
    by = csr_array(entries, shape=(len(code), codes)).tocsc()
    return by.indices.astype(np.int32, copy=False), by.indptr.astype(np.int64)


def changes(values: pa.ChunkedArray) -> Flags:
    """Which values differ from the one before; the first does."""
    differs = pc.not_equal(values[1:], values[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate((np.ones(min(1, len(values)), bool), differs.astype(bool)))


def _order(key: pa.ChunkedArray, first: Flags, time: Ints, account: Ints | None) -> Ints | None:
    """The order by object, time and account, if given; None where the rows have it, as traces write them."""
    ascending = pc.greater(key[1:], key[:-1]).to_numpy(zero_copy_only=False).astype(bool)
    later, same = time[1:] > time[:-1], time[1:] == time[:-1]
    if account is not None:
        same &= account[1:] > account[:-1]
    if (ascending | (~first[1:] & (later | same))).all():
        return None
    within = (time,) if account is None else (account, time)
    return np.lexsort((*within, codes(key)[0]))
