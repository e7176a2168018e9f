"""What is read of a database, as one statement: a table whole, or a query as it was written."""

from collections.abc import Iterable

import pyarrow as pa
import sqlalchemy as sa
from psycopg.pq import ExecStatus

from pipelines.adapters.sources.databases import connections, types
from pipelines.adapters.sources.databases.addresses import Address
from pipelines.adapters.sources.delimited import headers
from pipelines.adapters.sources.refusals import listed, refusal


def of_table(connection: sa.Connection, schema: str | None, table: str) -> str:
    """Return the statement that reads a table, its name quoted as its database does."""
    # A dialect that formats parameters with % would double those of a name.
    dialect = type(connection.dialect)(paramstyle="named")  # type: ignore[call-arg]
    everything = sa.select(sa.text("*")).select_from(sa.table(table, schema=schema))

    return str(everything.compile(dialect=dialect))


def found_table(connection: sa.Connection, address: Address, named: str) -> tuple[str | None, str]:
    """
    Return schema and name of the table called *named*; either may have dots in it.

    Raises:
        ImportRefused: There is none.
    """
    inspector = sa.inspect(connection)
    dots = [place for place, sign in enumerate(named) if sign == "."]
    for schema, table in [(None, named), *((named[:dot], named[dot + 1 :]) for dot in dots)]:
        if table and schema != "" and inspector.has_table(table, schema=schema):
            return schema, table
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    raise refusal(
        address.shown,
        f"has no table {named}; its default schema has: {listed(names)}",
        "name one as #table or #schema.table",
    )


def table_schema(
    connection: sa.Connection, address: Address, schema: str | None, table: str
) -> pa.Schema:
    """Return the columns of a table."""
    if connection.dialect.name == "postgresql":
        return described(connection, address, of_table(connection, schema, table))
    has_dates = connection.dialect.name != "sqlite"
    columns = sa.inspect(connection).get_columns(table, schema=schema)

    return _schema(
        address,
        [
            (column["name"], types.of_others(column["type"], has_dates=has_dates))
            for column in columns
        ],
    )


def described(connection: sa.Connection, address: Address, statement: str) -> pa.Schema:
    """
    Return the columns of *statement*; where only running it would tell their types, text.

    Raises:
        ImportRefused: It is not one statement that returns rows, or the database refuses it.
    """
    if connection.dialect.name != "postgresql":
        result = connection.execution_options(
            stream_results=True, no_parameters=True
        ).exec_driver_sql(statement)
        if not result.returns_rows:
            raise refusal(address.shown, "has a query that returns no rows", "write a select")
        with result:
            names = list(result.keys())
        return _schema(address, [(name, pa.string()) for name in names])

    server = connections.driver_connection(connection).pgconn
    # Prepared, it can only be one statement: a second one could end the read-only transaction.
    prepared = server.prepare(b"", statement.encode())
    if prepared.status != ExecStatus.COMMAND_OK:
        said = server.get_error_message().strip().splitlines()[0]
        raise refusal(
            address.shown,
            f"refuses what is to be read: {said}",
            connections.next_step(address, said, "correct the query"),
        )
    result = server.describe_prepared(b"")

    return _schema(
        address,
        [
            (
                (result.fname(place) or b"").decode(),
                types.of_postgresql(result.ftype(place), result.fmod(place)),
            )
            for place in range(result.nfields)
        ],
    )


def _schema(address: Address, columns: Iterable[tuple[str, pa.DataType]]) -> pa.Schema:
    """Return *columns* with names that differ."""
    known = list(columns)
    if not known:
        raise refusal(address.shown, "has nothing with columns there", "name a table or a select")
    names = headers.unique(name for name, _ in known)

    return pa.schema(list(zip(names, (kind for _, kind in known), strict=True)))
