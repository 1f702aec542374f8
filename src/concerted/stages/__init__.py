"""The stages: read, trace, pair, weigh, group, explain.

Contract of `stages/<name>.py`:

    READS   names of the tables it needs          WRITES  names of the tables it makes
    Config  its frozen dataclass of options       VERSION number raised whenever its results change
    run(tables, config, progress, engine) -> iterator of (table name, pyarrow.Table)

`run` is a pure function of its arguments: it may yield one table in many chunks (all chunks of a table
in its final row order), must yield each name in WRITES at least once (`schema.empty(name)` where there
is nothing), and gives the same bytes for the same input. `tables` maps names to `Table`. `progress(what,
done, total)` is told how far it is; `total` is None where nobody knows. A stage never prints. `engine` runs
what SQL there is; a stage that is given none opens the default.

A stage may state `GROWS`, a table that it reads. Where it was run before and only rows were added to that
table since, `tables` holds those rows as `new <table>` and what the stage wrote then as `earlier <name>`. It
must give the same bytes as without.

A table may have rows from several stages: every stage adds its counts to `made`, and `read` and `trace`
both add to `ledger`. `read` alone is incremental: its Config names files, and where `tables` holds the
`posts` and `inputs` of an earlier read, files with a known hash are skipped and posts with a known id go
to the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import pyarrow as pa

from concerted.engines import Engine
from concerted.table import Table

Progress = Callable[[str, int, int | None], None]
Tables = Mapping[str, Table]
Chunks = Iterator[tuple[str, pa.Table]]

ORDER = ("read", "trace", "pair", "weigh", "group", "explain")


def silent(what: str, done: int, total: int | None) -> None:
    """A progress that says nothing."""


def unheard(line: str) -> None:
    """Takes a message that nobody wants."""


class Stage(Protocol):
    """What a module in this folder offers."""

    READS: tuple[str, ...]
    WRITES: tuple[str, ...]
    VERSION: int
    Config: type[Any]

    def run(
        self, tables: Tables, config: Any, progress: Progress = silent, engine: Engine | None = None
    ) -> Chunks: ...
