"""Groups and sets among the subjects, and their accounts as places in a list of names."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.signals import _notes as common
from concerted.signals._exact import Flags, Ints


def groups(subjects: pa.Table, least: int) -> Iterator[tuple[str, str, list[str]]]:
    """(subject_kind, subject, accounts) of groups and sets of at least so many, in sorted order.

    Single accounts are passed over: what is asked here is never asked of one account.
    """
    for kind, subject, accounts in common.members(subjects):
        if kind != "account" and len(accounts) >= least:
            yield kind, subject, accounts


def marks(names: pa.Array, accounts: list[str]) -> Flags:
    """Which of `names` are among the accounts."""
    # the few are looked up by the many: it is them that a table of hashes is made of
    return np.asarray(pc.is_in(names, pa.array(accounts, names.type)), bool)


class Places:
    """Accounts of `subjects` as places among `names`: looked for once, as names may be many."""

    def __init__(self, names: pa.Array, subjects: pa.Table) -> None:
        self._size = len(names)
        self._at = np.flatnonzero(marks(names, subjects["account"].to_pylist()))
        self._names = names.take(pa.array(self._at))

    def of(self, accounts: list[str]) -> Ints:
        """The places of these accounts of the subjects, ascending; who is not among the names has none."""
        return self._at[marks(self._names, accounts)]

    def marks(self, accounts: list[str]) -> Flags:
        """Which of the names are among these accounts of the subjects."""
        marked = np.zeros(self._size, bool)
        marked[self.of(accounts)] = True
        return marked

    def others(self) -> Flags:
        """Which of the names are accounts of no subject."""
        marked = np.ones(self._size, bool)
        marked[self._at] = False
        return marked


def coded(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """The distinct values of a column in sorted order, and the place of each row's value among them."""
    # first encoded, then in one piece: the texts may be too many for one
    encoded = column.dictionary_encode(null_encoding="encode").combine_chunks()
    order = np.asarray(pc.sort_indices(encoded.dictionary))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return encoded.dictionary.take(pa.array(order)), place[np.asarray(encoded.indices)]


def micros(column: pa.ChunkedArray) -> Ints:
    """Times as microseconds since 1970."""
    return np.asarray(column.cast(pa.int64()), np.int64)


def dice(seed: int, kind: str, subject: str) -> np.random.Generator:
    """Random numbers of one subject, the same whoever else is asked about."""
    return np.random.default_rng([seed, crc32(f"{kind} {subject}".encode())])
