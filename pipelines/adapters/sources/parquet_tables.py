"""
Parquet files, whose columns have the types they declare.

What is in a struct has columns of its own, `device.os`; a list or a map is its JSON.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from pipelines.adapters.sources import batches
from pipelines.adapters.sources.delimited import headers
from pipelines.adapters.sources.refusals import FETCH_AGAIN, listed, refusal
from pipelines.domain.ports.sources import RefusedRow


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """
    A Parquet file.

    Attributes:
        path: Where it lies.
        name: What people call it.
        origin: As it was named.
        schema: Its columns; of one that is dictionary-encoded the type of its values, of a list
            text.
    """

    path: Path
    name: str
    origin: str
    schema: pa.Schema

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:  # noqa: ARG002  the port's
        """
        Yield its rows, as the port says; none of them can be refused by itself.

        Raises:
            ImportRefused: It is damaged.
        """
        with _file(self.path) as file:
            found = file.iter_batches(_rows_a_batch(file))
            while True:
                with _damage_refused(self.path):
                    batch = next(found, None)
                    if batch is None:
                        return
                    batch = self._conformed(batch)
                yield batch

    def _conformed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return *batch* with the columns of the schema, if all of it is sound."""
        # Text that is not UTF-8 would fail only where somebody looks at it.
        batch.validate(full=True)
        columns = [part for column in batch.columns for part in _flat(column)]
        arrays = [
            _converted(column, field.type)
            for column, field in zip(columns, self.schema, strict=True)
        ]

        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def opened(path: Path, name: str, origin: str) -> ParquetTable:
    """
    Return the table of *path*; its rows are not read yet.

    Raises:
        ImportRefused: It is damaged, or has columns of a type no table of ours takes.
    """
    with _file(path) as file, _damage_refused(path):
        found = [part for field in file.schema_arrow for part in _flat_fields(field)]
        fields = [(field.name, _value_type(field.type)) for field in found]
    if not fields:
        raise refusal(path, "has no columns", FETCH_AGAIN)
    if wrong := [f"{column} ({kind})" for column, kind in fields if not _is_plain(kind)]:
        raise refusal(
            path,
            f"has {len(wrong)} of {len(fields)} columns that are bytes, and no values: "
            f"{listed(wrong)}",
            "write the file without them, or as text: `df.drop(columns=[…]).to_parquet(…)`",
        )
    names = headers.unique(column for column, _ in fields)

    return ParquetTable(
        path, name, origin, pa.schema(list(zip(names, (kind for _, kind in fields), strict=True)))
    )


@contextlib.contextmanager
def _file(path: Path) -> Iterator[Any]:
    """Have the Parquet file for the block."""
    with _damage_refused(path):
        # Else it holds a whole row group, which may be the whole file.
        file = pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
    with file:
        yield file


@contextlib.contextmanager
def _damage_refused(path: Path) -> Iterator[None]:
    """Turn what pyarrow raises on a damaged file into a refusal."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise refusal(
            path, f"is damaged: {path.stat().st_size:,} bytes that are not Parquet", FETCH_AGAIN
        ) from None


def _rows_a_batch(file: Any) -> int:  # noqa: ANN401  pyarrow has no types
    """Return how many rows are about as long as a batch may be."""
    metadata = file.metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    longest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1)

    return max(1, min(batches.MOST_ROWS, int(batches.MOST_CHARACTERS / max(longest, 1))))


def _flat_fields(field: pa.Field) -> list[pa.Field]:
    """Return a field, or those that are in it, each called after the one around it."""
    if not pa.types.is_struct(field.type):
        return [field]

    return [part for inner in field.flatten() for part in _flat_fields(inner)]


def _flat(column: pa.Array) -> list[pa.Array]:
    """Return a column, or those that are in it, NULL where the one around them is."""
    if not pa.types.is_struct(column.type):
        return [column]

    return [part for inner in column.flatten() for part in _flat(inner)]


def _value_type(kind: pa.DataType) -> pa.DataType:
    """Return the type in which values of *kind* are given."""
    if pa.types.is_dictionary(kind):
        return kind.value_type

    return pa.string() if pa.types.is_nested(kind) else kind


def _converted(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return a column in the type its values are given in."""
    if not pa.types.is_nested(column.type):
        return column if column.type == kind else column.cast(kind)
    values = column.to_pylist()

    return pa.array(
        [
            None if value is None else json.dumps(value, default=str, ensure_ascii=False)
            for value in values
        ],
        kind,
    )


def _is_plain(kind: pa.DataType) -> bool:
    """Tell whether *kind* is a value, and no bytes."""
    is_binary = (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )

    return not (is_binary or isinstance(kind, pa.BaseExtensionType))
