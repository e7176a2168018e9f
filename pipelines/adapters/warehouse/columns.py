"""Columns to and from the warehouse, through ADBC; imported late, for it brings pandas with it."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from adbc_driver_postgresql import StatementOptions

from pipelines.adapters.warehouse import faults
from pipelines.errors import ChurnError

BATCH_SIZE_HINT = StatementOptions.BATCH_SIZE_HINT_BYTES.value


@contextlib.contextmanager
def connected(
    url: str,
    unavailable: Callable[[str], ChurnError],
    denied: Callable[[str], ChurnError] | None = None,
) -> Iterator[Any]:
    """
    Have an ADBC connection for the block.

    Args:
        url: `postgresql://user:password@host:port/database`.
        unavailable: Makes an error of what was said where the server did not let us in.
        denied: Makes one of what was said where a right is missing; without it, that is ADBC's.

    Raises:
        DatabaseUnavailable: The connection was lost, or the server is out of a resource.
    """
    try:
        connection = adbc.connect(url)
    except adbc.Error as error:
        raise unavailable(str(error)) from None
    try:
        with connection:
            yield connection
    except adbc.Error as error:
        if denied is not None and error.sqlstate == faults.DENIED:
            raise denied(str(error)) from None
        if not faults.is_of_the_server(error.sqlstate, str(error)):
            raise
        raise faults.unavailable(str(error), error.sqlstate) from None
    except OSError as error:  # Arrow's, from a stream that ADBC opened
        if "[libpq]" not in str(error):
            raise
        raise faults.unavailable(str(error), None) from None


@contextlib.contextmanager
def batches(
    connection: Any,  # noqa: ANN401  ADBC ships no types
    query: str,
    parameters: Sequence[Any],
    batch_bytes: int,
) -> Iterator[pa.RecordBatchReader]:
    """
    Stream the result of *query*, with *parameters* for its `$1`, `$2` and so on.

    Without parameters it comes by COPY, in batches of *batch_bytes*; with them all at once.
    """
    with connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{BATCH_SIZE_HINT: str(batch_bytes)})
        cursor.execute(query, parameters or None)
        yield cursor.fetch_record_batch()


def ingest(
    connection: Any,  # noqa: ANN401  ADBC ships no types
    schema: str,
    batches: Mapping[str, pa.Table | pa.RecordBatchReader],
) -> int:
    """Append to tables of *schema* in one transaction, and return the number of rows."""
    transaction = Transaction(connection)
    written = sum(transaction.ingest(schema, table, data) for table, data in batches.items())
    connection.commit()

    return written


@dataclass(frozen=True)
class Transaction:
    """
    Statements, and rows as columns, of one transaction.

    Attributes:
        connection: ADBC's; who opened it commits or closes it.
    """

    connection: Any

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement with *parameters* for its `$1`, `$2` …; return the rows it touched."""
        with self.connection.cursor() as cursor:
            return int(cursor.execute(statement, parameters or None).rowcount)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of *query*."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return list(cursor.fetchall())

    def columns(self, query: str, parameters: Sequence[Any]) -> pa.Table:
        """Return the result of *query*, with *parameters* for its `$1`, `$2` …."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetch_arrow_table()

    def ingest(self, schema: str, table: str, rows: pa.Table | pa.RecordBatchReader) -> int:
        """Append *rows* with binary COPY, and return how many; raises what reading them does."""
        failures: list[BaseException] = []
        reader = _remembering(rows.to_reader() if isinstance(rows, pa.Table) else rows, failures)
        with self.connection.cursor() as cursor:
            try:
                return int(cursor.adbc_ingest(table, reader, mode="append", db_schema_name=schema))
            except adbc.Error:
                if failures:
                    raise failures[0] from None
                raise


def _remembering(
    reader: pa.RecordBatchReader, failures: list[BaseException]
) -> pa.RecordBatchReader:
    """Return *reader*; what it raises is added to *failures*, of which ADBC keeps the text only."""

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from reader
        except BaseException as error:  # Stopped is no Exception, and ends us all the same
            failures.append(error)
            raise

    return pa.RecordBatchReader.from_batches(reader.schema, batches())
