"""Engines run SQL over tables and hand sorted rows to the kernels; they hold no statistics.

Contract of an engine, a class called with `Resources`, proved by running every test case on it:

    query(sql, tables) -> pyarrow.Table                  the answer, in memory
    batches(sql, tables, rows) -> iterator of batches    the answer, streamed
    sweep(sql, tables, by, order, kernel, schema)        the answer, sorted, through a kernel
    close()                                              gives back what it holds
    spreads                                              whether a sweep goes to other machines

SQL sees each table under its name. SQL is the common subset; whoever needs an order writes ORDER BY.
An engine is how something is computed, never what: no result, stamp or finding depends on it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from concerted import settings
from concerted.errors import SettingError
from concerted.settings import option
from concerted.table import Table

Kernel = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

ROWS = 1_000_000  # of a batch, unless asked for otherwise
UNITS = " KMGT"  # each a thousand times the one before


@dataclass(frozen=True)
class Resources:
    """What a run may use. It is written to the log of a case, and no result depends on it."""

    engine: str = option("duckdb", "engine that sorts and joins; concerted list engines names them")
    memory: str = option(
        "",
        "memory the engine may use, such as 4GB, else an eighth of the machine's, half with Spark; more goes "
        "to disk",
    )
    cluster: str = option("", "address of a cluster to run on; none given: this machine")

    @property
    def bytes(self) -> int | None:
        """The memory in bytes; None where no limit is set. Raises SettingError."""
        if not self.memory:
            return None
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])(I?)B", self.memory.strip().upper())
        if found is None or not float(found[1]):
            raise SettingError(f"memory = {self.memory!r} cannot be used: write a size such as 4GB")
        factor: int = (1024 if found[3] else 1000) ** UNITS.index(found[2])
        return round(float(found[1]) * factor)


class Engine(Protocol):
    """What an engine offers. `spreads` tells whether `sweep` runs on more machines than this one."""

    spreads: bool

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table: ...

    def batches(
        self, sql: str, tables: Mapping[str, Table], rows: int = ROWS
    ) -> Iterator[pa.RecordBatch]: ...

    def sweep(
        self,
        sql: str,
        tables: Mapping[str, Table],
        by: str,
        order: Sequence[str],
        kernel: Kernel,
        schema: pa.Schema,
        rows: int = ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """What the kernel makes of the answer, in no particular order.

        `by` and `order` are columns of the answer. The kernel is called once or more often, at the same
        time where the engine can; each call gets batches of at most `rows` rows, sorted by `by`, then by
        `order`, nulls last, and all rows of a value of `by` come in one call. It must neither know nor
        care which values come together, can be pickled, and yields batches of `schema`.
        """

    def close(self) -> None: ...


def open_engine(resources: Resources | None = None) -> Engine:
    """The engine asked for. Raises UnknownName, SettingError, EngineError, MissingExtra."""
    from concerted import registry

    resources = resources or Resources()
    return registry.find("engines", resources.engine)(resources)  # type: ignore[no-any-return]


def resources_of(options: Mapping[str, Any]) -> tuple[Resources, dict[str, Any]]:
    """The resources that are named among options, and the other options. Raises SettingError."""
    names = {field.name for field in dataclasses.fields(Resources)}
    mine = {name: value for name, value in options.items() if name in names}
    resources = settings.build(Resources, mine)
    resources.bytes  # noqa: B018 a size that is none must be refused before anything runs
    return resources, {name: value for name, value in options.items() if name not in names}
