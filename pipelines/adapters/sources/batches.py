"""Rows of text gathered into batches that bound the memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipelines.domain.ports.sources import RefusedRow

MOST_ROWS = 65_536
MOST_CHARACTERS = 16_000_000
# A short text takes 60 bytes as an object, so that a batch of them is 60 MB and not a gigabyte.
MOST_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class TextRow:
    """
    One row, none of it converted yet.

    Attributes:
        line: Line it begins on, or its number where the source has no lines.
        values: One a column; None is NULL.
        characters: About how long it is.
    """

    line: int
    values: Sequence[str | None]
    characters: int


def gathered(rows: Iterable[TextRow], columns: int) -> Iterator[list[TextRow]]:
    """Yield *rows* of so many *columns* in lists as long as a batch may be."""
    batch: list[TextRow] = []
    characters = 0
    most_rows = max(1, min(MOST_ROWS, MOST_CELLS // columns))
    for row in rows:
        batch.append(row)
        characters += row.characters
        if len(batch) >= most_rows or characters >= MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def of_text(
    rows: Iterable[TextRow], schema: pa.Schema, refuse: Callable[[RefusedRow], None]
) -> Iterator[pa.RecordBatch]:
    """
    Yield *rows* as batches of *schema*, whose columns are text all of them.

    Args:
        rows: As wide as *schema*.
        schema: Only names matter.
        refuse: Is told of rows that hold what is no text: a NUL or half a surrogate pair.
    """
    for batch in gathered(rows, len(schema)):
        kept = [row for row in batch if not (fault := _fault(row)) or _told(refuse, row, fault)]
        columns = list(zip(*(row.values for row in kept), strict=True)) if kept else []
        if columns:
            arrays = [pa.array(column, pa.string()) for column in columns]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _told(refuse: Callable[[RefusedRow], None], row: TextRow, fault: str) -> bool:
    """Refuse *row*, and return that it is not kept."""
    refuse(RefusedRow(row.line, fault))

    return False


def _fault(row: TextRow) -> str:
    """Say what keeps *row* from being text that a database can hold; nothing where nothing does."""
    whole = "".join(filter(None, row.values))
    if "\0" in whole:
        return "holds a NUL character"
    if not whole.isascii():
        try:
            whole.encode()
        except UnicodeEncodeError:
            return "holds half a surrogate pair, which is no character"

    return ""
