"""Traces whose objects have no crowd to compare with bring a null of their own: one cell to pay for."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

import pyarrow as pa

from concerted import registry
from concerted.nulls.cells import Cell
from concerted.nulls.coding import Coded
from concerted.nulls.log import Flags, Ints, Log


class Own(Protocol):
    """What a module offers that is the null of a trace.

    `WINDOW` is the distance in seconds at which two acts on one object suggest a pair. `encode` turns events
    into a log. `cell` tests the pairs suggested: untested ones count as p = 1, so suggesting fewer is safe.
    """

    WINDOW: float

    def encode(self, events: pa.Table, names: pa.Array | None = None) -> Coded: ...

    def cell(self, log: Log, a: Ints, b: Ints, accounts: int, half: Flags | None) -> Cell: ...


def null_of(trace: str) -> Own | None:
    """The null a trace names in `null`, a module here or a dotted path; None for those of the ladder."""
    name = getattr(registry.find("traces", trace), "null", None)
    if name is None:
        return None
    return cast(Own, importlib.import_module(name if "." in name else f"concerted.nulls.{name}"))
