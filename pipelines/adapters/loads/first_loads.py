"""
Rows of a log that nobody loaded before: they are written once, into its table.

Only what may repeat an earlier row of the load is gathered aside, to be numbered at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.adapters.loads import handing
from pipelines.adapters.warehouse.columns import Transaction
from pipelines.domain.imports.sieve import LINE, PLACE, ROW_DIGEST
from pipelines.domain.imports.suspects import Suspects

# Rows that are held before they are gathered.
MOST_HELD = 200_000


@dataclass
class Parted:
    """
    Rows on their way, told apart by whether they may repeat an earlier one.

    Attributes:
        schema: Theirs.
        batches: Those to come.
        suspects: Tell them apart.
        most_held: So many rows that may are held before they are gathered.
        held: Rows that may.
        is_ended: Whether no more come.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    suspects: Suspects = field(default_factory=Suspects)
    most_held: int = MOST_HELD
    held: list[pa.RecordBatch] = field(default_factory=list)
    is_ended: bool = False

    @property
    def loaded(self) -> pa.Schema:
        """Columns of rows that are loaded at once."""
        return pa.schema([column for column in self.schema if column.name not in {PLACE, LINE}])

    def new(self) -> Iterator[pa.RecordBatch]:
        """Yield rows that repeat none, until many are held or all have come."""
        names = self.loaded.names
        for batch in self.batches:
            is_suspect = pa.array(self.suspects.add(batch.column(ROW_DIGEST)))
            self.held.append(batch.filter(is_suspect))
            yield batch.filter(pc.invert(is_suspect)).select(names)
            if sum(map(len, self.held)) >= self.most_held:
                return
        self.is_ended = True

    def taken(self) -> pa.Table:
        """Return what is held, and hold it no longer."""
        held = pa.Table.from_batches(self.held, self.schema)
        self.held.clear()

        return held


def fill(
    transaction: Transaction, into: tuple[str, str], aside: tuple[str, str], parted: Parted
) -> tuple[int, int]:
    """
    Load rows, and gather those that may repeat one; return how many of each.

    Args:
        transaction: Where both happen.
        into: Schema and name of their table.
        aside: The same of the one they are gathered in.
        parted: The rows.
    """
    loaded = gathered = 0
    while not parted.is_ended:
        loaded += handing.ingest(transaction, *into, parted.loaded, parted.new())
        gathered += transaction.ingest(*aside, parted.taken())

    return loaded, gathered
