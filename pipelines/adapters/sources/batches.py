"""Rows of text gathered into batches that bound the memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from pipelines.adapters.sources import conversions
from pipelines.adapters.sources.conversions import Conversion
from pipelines.domain.imports import lines
from pipelines.domain.ports.sources import RefusedRow

MOST_ROWS = 65_536
MOST_CHARACTERS = 16_000_000
# A short text takes 60 bytes as an object, so that a batch of them is 60 MB and not a gigabyte.
MOST_CELLS = 1_000_000


class TextRow(NamedTuple):
    """
    One row, none of it converted yet; 400,000 of them as dataclasses took 6.8 s instead of 4.3 s.

    Attributes:
        line: Line it begins on, or its number where the source has no lines.
        values: One a column; None is NULL.
        characters: About how long it is.
    """

    line: int
    values: Sequence[str | None]
    characters: int


def most_rows(columns: int) -> int:
    """Return how many rows of so many *columns* a batch may have."""
    return max(1, min(MOST_ROWS, MOST_CELLS // columns))


def gathered(rows: Iterable[TextRow], columns: int) -> Iterator[list[TextRow]]:
    """Yield *rows* of so many *columns* in lists as long as a batch may be."""
    batch: list[TextRow] = []
    characters = 0
    longest = most_rows(columns)
    for row in rows:
        batch.append(row)
        characters += row.characters
        if len(batch) >= longest or characters >= MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def converted(
    rows: Iterable[TextRow], schema: pa.Schema, refuse: Callable[[RefusedRow], None]
) -> Iterator[pa.RecordBatch]:
    """
    Yield *rows* as batches of *schema*.

    Args:
        rows: As wide as *schema*.
        schema: Of types that `conversions` knows.
        refuse: Is told of rows that hold what is no text (a NUL, half a surrogate pair), or text
            that is no value of its column's type.
    """
    for batch in gathered(rows, len(schema)):
        kept = [row for row in batch if not (fault := _fault(row)) or _told(refuse, row, fault)]
        arrays = _arrays(kept, schema)
        if wrong := {number for array in arrays for number in array.wrong}:
            for number in sorted(wrong):
                names = [
                    f"{field.name} ({field.type})"
                    for field, array in zip(schema, arrays, strict=True)
                    if number in array.wrong
                ]
                refuse(RefusedRow(kept[number].line, f"has no value of its type in {names[0]}"))
            kept = [row for number, row in enumerate(kept) if number not in wrong]
            arrays = _arrays(kept, schema)
        if kept:
            made = pa.RecordBatch.from_arrays([array.values for array in arrays], schema=schema)
            yield lines.numbered(made, [row.line for row in kept])


def _arrays(rows: list[TextRow], schema: pa.Schema) -> list[Conversion]:
    """Return *rows* column by column, each in its type."""
    columns = zip(*(row.values for row in rows), strict=True) if rows else [()] * len(schema)

    return [
        conversions.converted(pa.array(column, pa.string()), field.type)
        for column, field in zip(columns, schema, strict=True)
    ]


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
