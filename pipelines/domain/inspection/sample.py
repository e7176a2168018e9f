"""Rows of a table that is too large to look at whole, evenly spread over it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Sample:
    """
    Rows in their order.

    Attributes:
        rows: The rows looked at.
        numbers: `(n_rows,)`, the number of each in its table, from 1.
        total: Rows the table has.
        step: Every so many rows one was taken; 1 where all were.
    """

    rows: pa.Table
    numbers: np.ndarray
    total: int
    step: int


def thinned(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, most_rows: int, most_bytes: int
) -> Sample:
    """
    Take every row, or every second, fourth, eighth … for as many as may be kept.

    A batch of the first rows would know only the customers a sorted file begins with.

    Args:
        schema: Of the batches.
        batches: The rows of a table, in their order.
        most_rows: As many rows are kept, at most.
        most_bytes: As much memory they may take.
    """
    step, total = 1, 0
    kept: list[pa.Table] = []
    for batch in batches:
        first = -total % step
        kept.append(_every(pa.Table.from_batches([batch], schema), first, step))
        total += batch.num_rows
        while sum(len(part) for part in kept) > most_rows or (
            sum(part.nbytes for part in kept) > most_bytes and sum(map(len, kept)) > 1
        ):
            step *= 2
            kept = [_every(pa.concat_tables(kept).combine_chunks(), 0, 2)]

    rows = pa.concat_tables(kept) if kept else schema.empty_table()
    return Sample(rows, np.arange(len(rows), dtype=np.int64) * step + 1, total, step)


def _every(rows: pa.Table, first: int, step: int) -> pa.Table:
    """Return every so many rows of a table, copied, so that the rest can be forgotten."""
    if step == 1 and first == 0:
        return rows

    return rows.take(pa.array(np.arange(first, len(rows), step)))
