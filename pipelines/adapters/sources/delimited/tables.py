"""Delimited text as a table, whatever its encoding, delimiter, quotes and packing."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.adapters.sources.delimited import (
    blocks,
    dialects,
    encodings,
    headers,
    layouts,
    records,
    texts,
)
from pipelines.adapters.sources.delimited.records import Dialect, Lines, TooLong
from pipelines.adapters.sources.refusals import FETCH_AGAIN, refusal
from pipelines.domain.ports.sources import RefusedRow

SAMPLE_CHARACTERS = 64_000


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """
    A csv or one of its kin; every column is text, and an empty value is an empty text.

    Attributes:
        path: Where it lies.
        name: What people call it.
        origin: As it was named.
        schema: Its columns.
        encoding: What it is written in, as Python's codecs call it.
        dialect: How it is delimited.
        above: How many records stand above the header, such as the title of a report.
    """

    path: Path
    name: str
    origin: str
    schema: pa.Schema
    encoding: str
    dialect: Dialect
    above: int = 0

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """
        Yield its rows, as the port says.

        Raises:
            ImportRefused: It is damaged, or not in its encoding to its end.
        """
        with _lines(self.path, self.encoding) as found:
            yield from blocks.read(found, self.dialect, self.schema, refuse, above=self.above)


def opened(path: Path, name: str, origin: str) -> DelimitedTable:
    """
    Return the table of *path*, all of which is read once, to know its encoding.

    Raises:
        ImportRefused: It is damaged, of no encoding we can tell, or without a header.
    """
    encoding = encodings.chosen(path)
    with texts.opened(path, encoding) as text:
        sample = text.read(SAMPLE_CHARACTERS)
        is_whole = not text.read(1)
    dialect = dialects.chosen(sample, is_whole=is_whole)
    with _lines(path, encoding) as found:
        first = [*itertools.islice(records.of_lines(found, dialect), layouts.LOOKED_AT)]
    if not first:
        raise refusal(path, "is empty: 0 rows and no header", FETCH_AGAIN)
    layout = layouts.of([record.values for record in first])
    header, *below = first[layout.above :]
    if header.fault:
        raise refusal(
            path,
            f"has no header that can be read: line {header.line} {header.fault}",
            "correct the first line: one name a column",
        )
    if headers.is_data(header.values, [record.values for record in below]):
        width = len(header.values)
        raise refusal(
            path,
            f"has no header: its first row is data, {width} values such as others below have",
            headers.name_them(width, dialect.delimiter, path),
        )
    schema = pa.schema([(column, pa.string()) for column in headers.unique(layout.names)])

    return DelimitedTable(path, name, origin, schema, encoding, dialect, layout.above)


@contextlib.contextmanager
def _lines(path: Path, encoding: str) -> Iterator[Lines]:
    """Have the lines of *path* for the block."""
    with texts.opened(path, encoding) as text:
        try:
            yield Lines(text)
        except TooLong as error:
            raise refusal(
                path,
                f"is no table: line {error.line} is longer than {records.LONGEST_RECORD:,} "
                "characters",
                "name a csv with a row a line",
            ) from None
