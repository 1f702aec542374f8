"""Parquet, batch by batch, with the columns a source wants and no private ones; fields of structs are columns
called outer.inner, as those of objects in JSON are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from concerted.errors import InputError
from concerted.sources.frame import Frame, private, text_of, without_private
from concerted.sources.packing import Meter, of_disk


def names(path: Path) -> tuple[str, ...]:
    """The columns of a Parquet file, private ones too. Raises InputError where it is damaged."""
    return tuple(dict.fromkeys(name for field in columns(path) for name in _leaves(field)))


def columns(path: Path) -> pa.Schema:
    """The columns as they are, with their types. Raises InputError where the file is damaged."""
    import pyarrow.parquet as pq

    with _sound(path):
        return pq.read_schema(path)


def frames(
    path: Path, wanted: Iterable[str] | None, size: int, meter: Meter | None = None
) -> Iterator[Frame]:
    """Records as typed columns; `wanted` None gives all columns but private ones."""
    keep = [name for name in names(path) if not _private(name) and (wanted is None or name in wanted)]
    at = 1
    for batch in batches(path, keep, size, meter):
        columns = {name: _plain(_leaf(batch, name)) for name in keep}
        yield Frame(columns, np.arange(at, at + batch.num_rows, dtype=np.int64))
        at += batch.num_rows


def batches(path: Path, wanted: list[str], size: int, meter: Meter | None = None) -> Iterator[pa.RecordBatch]:
    """Records, `size` at a time, with the columns wanted. Raises InputError where the file is damaged."""
    import pyarrow.parquet as pq

    whole, done = path.stat().st_size, 0
    with _sound(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=size, columns=wanted, use_threads=False):
            yield batch
            done += batch.num_rows
            if meter:
                meter(whole * done // file.metadata.num_rows, whole)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if of_disk(error):
            raise
        said = str(error).strip().partition("\n")[0]
        raise InputError(f"{path}: the Parquet file is damaged ({said}): fetch it again") from None


def _leaves(field: pa.Field, prefix: str = "") -> Iterator[str]:
    name = f"{prefix}{field.name}"
    if not pa.types.is_struct(field.type):
        yield name
    for inner in field.type if pa.types.is_struct(field.type) else ():
        yield from _leaves(inner, f"{name}.")


def _private(name: str) -> bool:
    """Whether a column is private or lies inside one that is."""
    return any(private(part) for part in accumulate(name.split("."), "{}.{}".format))


def _leaf(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name in batch.schema.names:
        return batch.column(name)
    first, *inner = name.split(".")
    return pc.struct_field(batch.column(first), inner)


def _plain(column: pa.Array) -> pa.Array:
    """A column of one of the types that cells are read from; what has another kind of type as text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.dictionary_decode())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) and _tells(kind):
        return pa.array(without_private(column.to_pylist()))
    if any(fits(kind) for fits in _READ):
        return column
    values = (
        value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in _values(column)
    )
    return pa.array([text_of(without_private(value)) for value in values], pa.string())


def _tells(kind: pa.DataType) -> bool:
    """Whether private fields stand anywhere inside."""
    inner = [kind.field(place) for place in range(kind.num_fields)]
    return any(private(field.name) or _tells(field.type) for field in inner)


def _values(column: pa.Array) -> list[Any]:
    """Python values; what is none that JSON knows, as text."""
    try:
        values: list[Any] = column.to_pylist(maps_as_pydicts="lossy")
        msgspec.json.encode(values)
    except (ValueError, OverflowError, TypeError, msgspec.MsgspecError, UnicodeError):
        return [None if one is None else str(one) for one in column]
    return values


_READ = (
    pa.types.is_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_timestamp,
    pa.types.is_date, pa.types.is_list, pa.types.is_large_list, pa.types.is_null,
)  # fmt: skip
