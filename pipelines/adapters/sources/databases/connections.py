"""Connections to databases of other people, which may only read."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import sqlalchemy as sa
from psycopg.types.string import TextLoader

from pipelines.adapters.sources import streams
from pipelines.adapters.sources.databases.addresses import Address
from pipelines.adapters.sources.refusals import refusal
from pipelines.adapters.warehouse import connection_options, faults
from pipelines.domain.addresses import without_login
from pipelines.errors import ChurnError, DatabaseUnavailable

SQLITE = b"SQLite format 3\x00"
PACKAGES = {
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "mssql": "pyodbc",
    "oracle": "oracledb",
    "duckdb": "duckdb-engine",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "redshift": "sqlalchemy-redshift",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
}
# How PostgreSQL writes what `conversions` reads.
SPELLING = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
}


@contextlib.contextmanager
def opened(address: Address) -> Iterator[sa.Connection]:
    """
    Have a connection to *address* for the block, in one read-only transaction.

    Raises:
        DatabaseUnavailable: The server does not answer, or does not let this user in.
        ImportRefused: The driver or the file is missing, or the address has wrong options.
    """
    engine = _engine(address)
    try:
        connection = engine.connect()
    except sa.exc.DBAPIError as error:
        raise _unavailable(address, error) from None
    try:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            for name, value in SPELLING.items():
                connection.execute(sa.func.set_config(name, value, True).select())
        yield connection
    finally:
        # A server that has died says so again here, and has been reported by then.
        with contextlib.suppress(sa.exc.DBAPIError, psycopg.Error):
            connection.close()


def with_text_only(connection: sa.Connection) -> None:
    """Have PostgreSQL's values as it writes them; Python has no date `infinity`, for one."""
    adapters = driver_connection(connection).adapters
    for known in psycopg.postgres.types:
        for oid in (known.oid, known.array_oid):
            if oid:
                adapters.register_loader(oid, TextLoader)


def driver_connection(connection: sa.Connection) -> Any:  # noqa: ANN401  each driver has its own
    """Return the driver's own connection below *connection*."""
    return connection.connection.driver_connection


def reason(address: Address, error: sa.exc.DBAPIError) -> str:
    """Return the first line of what the database says, without the login."""
    said = str(error.orig).strip().splitlines() or ["no reason given"]

    return without_login(said[0], address.url.render_as_string(hide_password=False))


def next_step(address: Address, said: str, usual: str) -> str:
    """Return what to do about what a database refuses: the grant that is missing, or *usual*."""
    user = connection_options.role(address.url) or address.url.username or "this user"
    grant = faults.missing_grant(said, user, table_rights="select")

    return f"ask its owner to: {grant}" if grant else usual


def _engine(address: Address) -> sa.Engine:
    """Return an engine that keeps no connection open; nothing connects yet."""
    url = address.url
    if url.get_backend_name() == "sqlite":
        return _sqlite(address)
    options = {"connect_timeout": 10} if url.get_backend_name() == "postgresql" else {}
    try:
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=options)
    except sa.exc.NoSuchModuleError:
        package = PACKAGES.get(url.get_backend_name(), "its SQLAlchemy dialect")
    except ModuleNotFoundError as error:
        package = PACKAGES.get(url.get_backend_name(), error.name or "its driver")
    except (sa.exc.ArgumentError, TypeError, ValueError):
        raise refusal(
            address.shown, "has options in its address that its driver does not know", "correct it"
        ) from None
    raise refusal(
        address.shown,
        f"needs a driver that is not installed: {package}",
        f"pip install {package}, or write the table to a csv or Parquet file",
    )


def _sqlite(address: Address) -> sa.Engine:
    """Return an engine that reads a file of SQLite."""
    database = address.url.database
    if not database or database == ":memory:" or address.url.query:
        raise refusal(
            address.shown, "is not the address of a file", "write it as sqlite:///path/to/file.db"
        )
    path = streams.checked(Path(database))
    try:
        with path.open("rb") as raw:
            head = raw.read(len(SQLITE))
    except OSError as error:
        raise streams.unreadable(path, error) from None
    if head != SQLITE:
        raise refusal(
            path, f"is no SQLite database: {path.stat().st_size:,} bytes", "name another file"
        )
    location = f"file:{quote(str(path.resolve()))}?mode=ro"

    return sa.create_engine(
        "sqlite://", poolclass=sa.NullPool, creator=lambda: sqlite3.connect(location, uri=True)
    )


def _unavailable(address: Address, error: sa.exc.DBAPIError) -> ChurnError:
    """Return the failure of a connection that was not opened."""
    said = reason(address, error)
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return DatabaseUnavailable(
            f"{address.shown} does not answer: {said}",
            next_step="check that its server runs, and the host, user and password of the address",
        )

    return refusal(address.shown, f"cannot be connected to: {said}", "correct the address")
