"""Spark: on this machine or on a cluster. pyspark is loaded when it is asked for, and not before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from concerted.engines import ROWS, Kernel, Resources
from concerted.engines import session as sessions
from concerted.errors import EngineError
from concerted.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# functions of the common subset that Spark knows by another name
DIALECT = (
    "epoch_us(t timestamp) returns bigint return unix_micros(t)",
    "epoch_s(t timestamp) returns double return unix_micros(t) / 1e6",
    "int_div(a bigint, b bigint) returns bigint return a div b",
    "to_microseconds(n bigint) returns interval day to second "
    "return make_dt_interval(0, 0, 0, cast(n as decimal(18, 0)) / 1000000)",
    "first_of(list array<string>) returns string return get(list, 0)",
    "regexp_matches(s string, pattern string) returns boolean return regexp_like(s, pattern)",
    # two letters of which Java makes several, and every kind of space
    "folded(s string) returns string return lower(replace(replace(s, 'İ', 'i'), 'Σ', 'σ'))",
    r"left_trimmed(s string) returns string return regexp_replace(s, '^\\p{Zs}+', '')",
)
ENDED = (
    "Spark's Java has ended. Most likely it had too little memory: give it more, such as --memory 8GB, or "
    "use the engine duckdb"
)
HELD = 16 << 20  # bytes of a table that Java may hold
ROW_GROUP = 1 << 17  # rows of which a part is read, at least
GLOB = re.compile(r"([\[\]{}*?\\])")


class Spark:
    """On one machine or a cluster of them, for more than one machine sorts; needs Java 17 or later."""

    spreads = True

    def __init__(self, resources: Resources | None = None) -> None:
        sessions.check()
        self._resources = resources or Resources("spark")
        self._own: SparkSession | None = None

    def query(self, sql: str, tables: Mapping[str, Table]) -> pa.Table:
        """The answer in memory. Raises EngineError, which carries the SQL."""
        with self._frame(sql, tables) as frame:
            return frame.toArrow()

    def batches(self, sql: str, tables: Mapping[str, Table], rows: int = ROWS) -> Iterator[pa.RecordBatch]:
        """The answer in batches of at most `rows` rows. Raises EngineError, which carries the SQL."""
        with self._frame(sql, tables) as frame:
            yield from _streamed(frame, iter, rows)

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
        """One call of the kernel for each part of the rows. Raises EngineError, which carries the SQL."""
        columns = ", ".join(f"{name} nulls last" for name in (by, *order))
        with self._frame(f"select * from ({sql}) distribute by {by} sort by {columns}", tables) as parts:
            yield from _streamed(parts, kernel, rows, schema)

    def close(self) -> None:
        """End the session, unless it was there before."""
        from py4j.protocol import Py4JError

        if self._own is not None:
            # its Java may have ended before
            with suppress(Py4JError, OSError):
                self._own.stop()
            self._own = None
        self.__dict__.pop("_session", None)

    @cached_property
    def _session(self) -> SparkSession:
        """Started at the first query: a case that is up to date needs none."""
        session = sessions.running()
        if session is None:
            session = self._own = sessions.start(self._resources)
        # settings of its own, whatever those of a session that was there before
        session = session.newSession()
        for name, value in sessions.ALWAYS.items():
            if session.conf.isModifiable(name):
                session.conf.set(name, value)
        for function in DIALECT:
            session.sql(f"create or replace temporary function {function}")
        return session

    @contextmanager
    def _frame(self, sql: str, tables: Mapping[str, Table]) -> Iterator[DataFrame]:
        """The answer, which can be had until the context ends. Raises EngineError, which carries the SQL."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            with TemporaryDirectory(prefix="concerted-") as folder:
                for name, table in tables.items():
                    self._read(table, Path(folder) / f"{name}.parquet").createOrReplaceTempView(name)
                try:
                    frame = self._session.sql(sql)
                finally:
                    # what the names meant is settled; the next query sees its own tables and no other
                    for name in tables:
                        self._session.catalog.dropTempView(name)
                yield frame
        except (PySparkException, Py4JError, EOFError, ConnectionError) as error:
            said = error if self._lives() else ENDED
            raise EngineError(f"{said}\nwhile running:\n{sql}", sql) from error

    def _lives(self) -> bool:
        from py4j.protocol import Py4JError

        try:
            return bool(self._session.version)
        except (Py4JError, OSError):
            return False

    def _read(self, table: Table, file: Path) -> DataFrame:
        """The rows as Spark reads them; many that are in memory go through a file."""
        paths = table.data if isinstance(table.data, tuple) else ()
        if not paths:
            rows = table.to_arrow()
            if rows.nbytes <= HELD:
                if rows.num_rows:
                    # Spark takes a batch without rows for the end
                    rows = pa.Table.from_batches([batch for batch in rows.to_batches() if batch.num_rows])
                return self._session.createDataFrame(rows)
            pq.write_table(rows, file, row_group_size=ROW_GROUP)
            paths = (file,)
        from pyspark.sql.pandas.types import from_arrow_schema

        # told beforehand, since Spark starts a job to find out
        known = from_arrow_schema(pq.read_schema(paths[0]))
        named = ["file:" + GLOB.sub(r"\\\1", str(path.absolute())) for path in paths]
        return self._session.read.schema(known).parquet(*named)


def _streamed(
    frame: DataFrame, kernel: Kernel, rows: int, schema: pa.Schema | None = None
) -> Iterator[pa.RecordBatch]:
    """What the kernel makes of the parts of a frame, part by part in their order; one part is in memory."""

    def packed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        small = (batch.slice(start, rows) for batch in batches for start in range(0, batch.num_rows, rows))
        for batch in kernel(small):
            told = batch if schema is None else batch.cast(schema)
            if told.num_rows:
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, told.schema) as writer:
                    writer.write_batch(told)
                yield pa.record_batch({"packed": pa.array([sink.getvalue().to_pybytes()], pa.binary())})

    for row in frame.mapInArrow(packed, "packed binary").toLocalIterator(prefetchPartitions=True):
        with pa.ipc.open_stream(row["packed"]) as reader:
            yield from reader
