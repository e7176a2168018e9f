"""Tables that people bring, wherever they lie."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """
    A row of a file that is no row of its table.

    Attributes:
        line: Line it begins on, as an editor counts it, from 1.
        reason: What is wrong with it, without its values: they may be personal.
    """

    line: int
    reason: str


class SourceTable(Protocol):
    """One table of a source: a file, a sheet, a table or query of a database."""

    @property
    def name(self) -> str:
        """What people call it: the name of the file without its endings, of the sheet or table."""
        ...

    @property
    def origin(self) -> str:
        """Where it lies, as it was named, without any password."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """Columns as they are named there; text where the source has no types, as in a csv."""
        ...

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """
        Yield its rows, in their order, in memory bounded by a batch.

        Where the source has lines, `domain.imports.lines.of` returns those of a batch.

        Args:
            refuse: Is told of each row that cannot be read as one, which is left out.

        Raises:
            ImportRefused: The source is damaged, or ended before its end.
        """
        ...
