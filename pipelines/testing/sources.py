"""A table that somebody brings, in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipelines.domain.ports.sources import RefusedRow


@dataclass(frozen=True)
class MemorySource:
    """
    Rows that are there already.

    Attributes:
        name: What it is called.
        rows: Its rows.
        refused: Rows that were none.
        batch_rows: Rows of a batch.
    """

    name: str
    rows: pa.Table
    refused: Sequence[RefusedRow] = ()
    batch_rows: int = 1000

    @property
    def origin(self) -> str:
        """Where it lies."""
        return f"memory/{self.name}"

    @property
    def schema(self) -> pa.Schema:
        """Names and types of its columns."""
        return self.rows.schema

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """Yield its rows; tell of those that were none."""
        for row in self.refused:
            refuse(row)
        yield from self.rows.to_batches(max_chunksize=self.batch_rows)
