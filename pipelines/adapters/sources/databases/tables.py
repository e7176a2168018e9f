"""Tables and queries of a database, streamed in a transaction that may only read."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import sqlalchemy as sa

from pipelines.adapters.sources import batches
from pipelines.adapters.sources.batches import TextRow
from pipelines.adapters.sources.databases import connections, selections, stalls
from pipelines.adapters.sources.databases.addresses import Address
from pipelines.adapters.sources.refusals import refusal
from pipelines.domain.ports.sources import RefusedRow, SourceTable

FETCHED_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """
    A table, a view or a query.

    Attributes:
        address: Of its database, with the login.
        statement: What reads it.
        name: Of the table, or `query`.
        origin: Address without password, and the table.
        schema: Its columns in the types of the database, see `types`.
        patience_seconds: How long its server may take for the next row.
    """

    address: Address = field(repr=False)
    statement: str = field(repr=False)
    name: str
    origin: str
    schema: pa.Schema
    patience_seconds: float = stalls.PATIENCE_SECONDS

    def batches(self, refuse: Callable[[RefusedRow], None]) -> Iterator[pa.RecordBatch]:
        """
        Yield its rows, as the port says; a refused row's line is its number.

        Raises:
            DatabaseUnavailable: The server does not answer.
            ImportRefused: The database refuses to go on, or its server is lost on the way.
        """
        yield from batches.converted(self._rows(), self.schema, refuse)

    def _rows(self) -> Iterator[TextRow]:
        """Yield the rows as text."""
        read = 0
        with (
            connections.opened(self.address) as connection,
            stalls.watched(connection, self.patience_seconds) as watch,
        ):
            if connection.dialect.name == "postgresql":
                connections.with_text_only(connection)
            try:
                watch.begin()
                result = connection.execution_options(
                    stream_results=True, max_row_buffer=FETCHED_ROWS, no_parameters=True
                ).exec_driver_sql(self.statement)
                if len(result.keys()) != len(self.schema):
                    raise refusal(
                        self.origin, "has other columns than when it was opened", "try again"
                    )
                for row in result:
                    watch.end()
                    values = [_as_text(value) for value in row]
                    read += 1
                    yield TextRow(read, values, sum(len(value) for value in values if value))
                    watch.begin()
            except sa.exc.DBAPIError as error:
                said = connections.reason(self.address, error)
                if watch.is_cut:
                    said = f"its server said nothing for {self.patience_seconds:g} s"
                raise refusal(
                    self.origin,
                    f"broke off after {read:,} rows: {said}",
                    connections.next_step(
                        self.address, said, "check its server, then run the command again"
                    ),
                ) from None
            except UnicodeError:
                raise refusal(
                    self.origin,
                    f"broke off after {read:,} rows: text that is not in the database's encoding",
                    "ask its owner to correct it",
                ) from None


def opened(address: Address, origin: str | None = None) -> list[SourceTable]:
    """
    Return the table or query of *address*, or every table of its default schema.

    Args:
        address: Where, and what.
        origin: What to call the database, instead of its address.

    Raises:
        DatabaseUnavailable: The server does not answer.
        ImportRefused: There is no such table, no table at all, or the query is refused.
    """
    where = origin or address.shown
    with connections.opened(address) as connection, _refusals(address):
        if address.query is not None:
            schema = selections.described(connection, address, address.query)
            return [DatabaseTable(address, address.query, "query", f"{where}?query=…", schema)]
        if address.table is not None:
            found = [selections.found_table(connection, address, address.table)]
        else:
            found = [(None, name) for name in sa.inspect(connection).get_table_names()]
        if not found:
            raise refusal(where, "holds no tables in its default schema", "name #schema.table")

        return [
            DatabaseTable(
                address,
                selections.of_table(connection, schema, table),
                table,
                f"{where}#{schema}.{table}" if schema else f"{where}#{table}",
                selections.table_schema(connection, address, schema, table),
            )
            for schema, table in found
        ]


@contextlib.contextmanager
def _refusals(address: Address) -> Iterator[None]:
    """Turn what a database refuses while it is looked at into a refusal."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = connections.reason(address, error)
        raise refusal(
            address.shown,
            f"refuses what is to be read: {said}",
            connections.next_step(address, said, "correct the table or query"),
        ) from None


def _as_text(value: object) -> str | None:
    """Return a value as PostgreSQL writes it, from which each type is read again."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return f"{value:f}"

    return str(value)
