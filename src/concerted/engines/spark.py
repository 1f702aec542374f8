"""Spark: on this machine or on a cluster. pyspark is loaded when it is asked for, and not before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
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
        with self._told(sql):
            return self._frame(sql, tables).toArrow()

    def batches(self, sql: str, tables: Mapping[str, Table], rows: int = ROWS) -> Iterator[pa.RecordBatch]:
        """The answer in batches of at most `rows` rows. Raises EngineError, which carries the SQL."""
        with self._told(sql):
            frame = self._frame(sql, tables)
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
        with self._told(sql):
            parts = self._frame(f"select * from ({sql}) distribute by {by} sort by {columns}", tables)
            yield from _streamed(parts, kernel, rows, schema)

    def close(self) -> None:
        """End the session, unless it was there before."""
        if self._own is not None:
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

    def _frame(self, sql: str, tables: Mapping[str, Table]) -> DataFrame:
        for name, table in tables.items():
            self._read(table).createOrReplaceTempView(name)
        try:
            return self._session.sql(sql)
        finally:
            # what the names meant is settled; the next query sees the tables it is given and no other
            for name in tables:
                self._session.catalog.dropTempView(name)

    def _read(self, table: Table) -> DataFrame:
        if isinstance(table.data, tuple) and table.data:
            from pyspark.sql.pandas.types import from_arrow_schema

            paths = ["file:" + GLOB.sub(r"\\\1", str(path.absolute())) for path in table.data]
            # told beforehand, since Spark starts a job to find out
            known = from_arrow_schema(pq.read_schema(table.data[0]))
            return self._session.read.schema(known).parquet(*paths)
        rows = table.to_arrow()
        if rows.num_rows:
            # Spark takes a batch without rows for the end
            rows = pa.Table.from_batches([batch for batch in rows.to_batches() if batch.num_rows])
        return self._session.createDataFrame(rows)

    @contextmanager
    def _told(self, sql: str) -> Iterator[None]:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            yield
        except (PySparkException, Py4JError) as error:
            raise EngineError(f"{error}\nwhile running:\n{sql}", sql) from error


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
