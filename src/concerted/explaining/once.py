"""An engine that remembers: several signals ask the same of the same tables, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any, cast

import pyarrow as pa

from concerted import machine
from concerted.engines import Engine
from concerted.table import Table

SHARE = 32  # so large a part of the memory keeps answers
LEAST = 256 * 2**20  # bytes of them, where memory is small or nothing tells


def once(engine: Engine) -> Engine:
    """The engine, which answers from memory what was asked before, as long as all it holds is small.

    It answers one query after the other: each has all processors, and the same is not asked twice at once.
    """
    return cast(Engine, _Once(engine))


class _Once:
    def __init__(self, engine: Engine) -> None:
        self._engine, self._held, self._lock = engine, 0, Lock()
        self._most = max(LEAST, (machine.memory() or 0) // SHARE)
        self._known: dict[Any, tuple[pa.Table, Mapping[str, Table]]] = {}

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table:
        with self._lock:
            return self._answer(sql, tables)

    def _answer(self, sql: str, tables: Mapping[str, Table]) -> pa.Table:
        # rows in memory go by where they lie, and are held with the answer: nothing else can lie there
        places = ((name, _place(tables[name])) for name in sorted(tables))
        key = (sql, *places)
        if key in self._known:
            # asked last is forgotten last
            self._known[key] = self._known.pop(key)
            return self._known[key][0]
        answer = self._engine.query(sql, tables)
        if answer.nbytes <= self._most:
            self._held += answer.nbytes
            self._known[key] = (answer, dict(tables))
        while self._held > self._most:
            self._held -= self._known.pop(next(iter(self._known)))[0].nbytes
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def _place(table: Table) -> Any:
    return table.data if isinstance(table.data, tuple) else id(table.data)
