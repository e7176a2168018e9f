"""A source in memory: a table that somebody brings, with rows it refuses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipelines.domain.ports.sources import RefusedRow


@dataclass(frozen=True)
class MemorySourceTable:
    """
    One table.

    Attributes:
        rows: What it yields, in batches as they are.
        refused: Rows it tells of before those.
        name: What people call it.
        origin: Where it says it lies.
    """

    rows: pa.Table
    refused: Sequence[RefusedRow] = ()
    name: str = "memory"
    origin: str = "memory"

    @property
    def schema(self) -> pa.Schema:
        """Columns of the rows."""
        return self.rows.schema

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """Tell of the refused rows, and yield the others."""
        for row in self.refused:
            refuse(row)
        yield from self.rows.to_batches()
