"""Delimited text as a table, whatever its encoding, delimiter, quotes and packing."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines.adapters.sources import batches
from pipelines.adapters.sources.batches import TextRow
from pipelines.adapters.sources.delimited import dialects, encodings, headers, records, texts
from pipelines.adapters.sources.delimited.records import Dialect, Record, TooLong
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
    """

    path: Path
    name: str
    origin: str
    schema: pa.Schema
    encoding: str
    dialect: Dialect

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """
        Yield its rows, as the port says.

        Raises:
            ImportRefused: It is damaged, or not in its encoding to its end.
        """
        yield from batches.converted(self._rows(refuse), self.schema, refuse)

    def _rows(self, refuse: Callable[[RefusedRow], None]) -> Iterator[TextRow]:
        """Yield the rows below the header that are as wide as it."""
        width = len(self.schema)
        with _records(self.path, self.encoding, self.dialect) as found:
            next(found, None)
            for record in found:
                fault = record.fault
                if not fault and len(record.values) != width:
                    fault = f"has {len(record.values)} values for {width} columns"
                if fault:
                    refuse(RefusedRow(record.line, fault))
                else:
                    yield TextRow(record.line, record.values, record.characters)


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
    with _records(path, encoding, dialect) as found:
        header = next(found, None)
    if header is None:
        raise refusal(path, "is empty: 0 rows and no header", FETCH_AGAIN)
    if header.fault:
        raise refusal(
            path,
            f"has no header that can be read: line {header.line} {header.fault}",
            "correct the first line: one name a column",
        )
    if headers.is_data(header.values):
        raise refusal(
            path,
            f"has no header: its first row is data, {len(header.values)} numbers or dates",
            "write the names of the columns into a line above it",
        )
    schema = pa.schema([(column, pa.string()) for column in headers.unique(header.values)])

    return DelimitedTable(path, name, origin, schema, encoding, dialect)


@contextlib.contextmanager
def _records(path: Path, encoding: str, dialect: Dialect) -> Iterator[Iterator[Record]]:
    """Have the records of *path* for the block."""
    with texts.opened(path, encoding) as text:
        try:
            yield records.read(text, dialect)
        except TooLong as error:
            raise refusal(
                path,
                f"is no table: line {error.line} is longer than {records.LONGEST_RECORD:,} "
                "characters",
                "name a csv with a row a line",
            ) from None
