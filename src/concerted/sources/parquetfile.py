"""Parquet, batch by batch, with the columns a source wants and no private ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from concerted.errors import InputError
from concerted.sources.frame import Frame, private
from concerted.sources.packing import Meter


def names(path: Path) -> tuple[str, ...]:
    """The columns of a Parquet file, private ones too. Raises InputError where it is damaged."""
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path}: the Parquet file is damaged ({error}): fetch it again") from None


def frames(
    path: Path, wanted: Iterable[str] | None, size: int, meter: Meter | None = None
) -> Iterator[Frame]:
    """Records as typed columns; `wanted` None gives all columns but private ones."""
    import pyarrow.parquet as pq

    keep = [name for name in names(path) if not private(name) and (wanted is None or name in wanted)]
    at = 1
    with pq.ParquetFile(path) as file:
        if not keep:
            for start in range(0, file.metadata.num_rows, size):
                length = min(size, file.metadata.num_rows - start)
                yield Frame({}, np.arange(start + 1, start + 1 + length, dtype=np.int64))
            return
        for batch in file.iter_batches(batch_size=size, columns=keep, use_threads=False):
            columns = {name: _plain(batch.column(name)) for name in keep}
            yield Frame(columns, np.arange(at, at + batch.num_rows, dtype=np.int64))
            at += batch.num_rows
            if meter:
                whole = path.stat().st_size
                meter(whole * (at - 1) // file.metadata.num_rows, whole)


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    return column
