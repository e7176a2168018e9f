"""Look at the tables somebody brings, before anything is made of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import structlog

from pipelines.domain.columns.names import among
from pipelines.domain.inspection import keys, tables
from pipelines.domain.inspection.quality import EXAMPLES, Cost
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.inspection.sample import thinned
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.ports.sources import RefusedRow, SourceTable
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)

# Of one table, as its source gives it; encoded and read it takes up to five times that. A million
# rows of 24 columns, looked at in 160 MB, took 1,046 MB, of which 290 are what Python begins with.
MOST_BYTES = 128 * 2**20
TELL_EVERY_ROWS = 1_000_000


def inspect(
    *, sources: Sequence[SourceTable], as_of: date, label: str | None, most_rows: int
) -> Inspection:
    """
    Look at tables, and at what they have to do with each other.

    Args:
        sources: The tables.
        as_of: The day it is: what happened later is wrong.
        label: Who left, as COLUMN or COLUMN=VALUE, in the first table that has such a column, or
            in the one that is named as TABLE.COLUMN; guessed where None.
        most_rows: Rows looked at, of each; every so many of a table that has more.

    Raises:
        ImportRefused: A source cannot be read, has no rows, or there is no such label.
    """
    labelled = _labelled(sources, label) if label else {}
    found = [
        _inspected(source, as_of, labelled.get(place), most_rows)
        for place, source in enumerate(sources)
    ]

    return Inspection(found, keys.links([(table.name, table.columns) for table in found]))


def _labelled(sources: Sequence[SourceTable], label: str) -> dict[int, str]:
    """Return the place of the table that has the label, with the label as that one calls it."""
    header, mark, value = label.partition("=")
    for place, source in enumerate(sources):
        if among(header, source.schema.names) is not None:
            return {place: label}
    table, _, column = header.partition(".")
    for place, source in enumerate(sources):
        is_called = source.name.casefold() == table.casefold()
        if is_called and among(column, source.schema.names) is not None:
            return {place: f"{column}{mark}{value}"}
    known = "; ".join(f"{source.name}: {', '.join(source.schema.names)}" for source in sources)
    raise ImportRefused(
        f"no table has a column {header!r}; there are {known}",
        next_step="name one of those as --label COLUMN=VALUE",
    )


def _inspected(source: SourceTable, as_of: date, label: str | None, most_rows: int) -> Inspected:
    """Look at one table."""
    refused = _Refused()
    sample = thinned(
        source.schema, _told(source, refused.add), most_rows=most_rows, most_bytes=MOST_BYTES
    )
    if sample.total == 0:
        raise ImportRefused(
            f"{source.origin} has a header and no rows"
            + (f", and {refused.rows:,} lines that are none" if refused.rows else ""),
            next_step="name a table with rows",
        )
    inspected = tables.inspect(
        source.name,
        source.origin,
        sample,
        as_of=as_of,
        label=label,
        unread=Cost("not a row", refused.rows, tuple(refused.first)),
    )
    log.info(
        "table_inspected",
        table=source.name,
        rows=sample.total,
        looked_at=len(sample.numbers),
        refused=refused.rows,
    )

    return inspected


@dataclass
class _Refused:
    """
    Rows that could not be read, counted.

    Attributes:
        rows: How many.
        first: Lines of the first.
    """

    rows: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, row: RefusedRow) -> None:
        """Count one more."""
        self.rows += 1
        if self.rows <= EXAMPLES:
            self.first.append(row.line)


def _told(source: SourceTable, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table, and tell now and then how many there were."""
    rows = 0
    for batch in source.batches(refuse):
        if (rows + batch.num_rows) // TELL_EVERY_ROWS > rows // TELL_EVERY_ROWS:
            log.info("rows_read", table=source.name, rows=rows + batch.num_rows)
        rows += batch.num_rows
        yield batch
