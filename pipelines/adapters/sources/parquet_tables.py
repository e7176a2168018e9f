"""Parquet files, whose columns have the types they declare."""

import contextlib
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
        schema: Its columns; of one that is dictionary-encoded the type of its values.
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
        columns = [
            column.cast(field.type) if column.type != field.type else column
            for column, field in zip(batch.columns, self.schema, strict=True)
        ]

        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def opened(path: Path, name: str, origin: str) -> ParquetTable:
    """
    Return the table of *path*; its rows are not read yet.

    Raises:
        ImportRefused: It is damaged, or has columns of a type no table of ours takes.
    """
    with _file(path) as file, _damage_refused(path):
        found = file.schema_arrow
        fields = [(field.name, _value_type(field.type)) for field in found]
    if not fields:
        raise refusal(path, "has no columns", FETCH_AGAIN)
    if wrong := [f"{column} ({kind})" for column, kind in fields if not _is_plain(kind)]:
        raise refusal(
            path,
            f"has {len(wrong)} of {len(fields)} columns that are nested or binary: {listed(wrong)}",
            "write the file without them, or with what is in them as columns of their own",
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


def _value_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of the values of *kind*."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_plain(kind: pa.DataType) -> bool:
    """Tell whether *kind* is one value that is no bytes."""
    is_binary = (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )

    return not (is_binary or pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType))
