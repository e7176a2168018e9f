"""The warehouse: one PostgreSQL database, SQLAlchemy for statements and ADBC for columns."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipelines.adapters.warehouse import connection_options, faults, row_locks
from pipelines.errors import ChurnError, DatabaseUnavailable, RoleMissing

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.adapters.warehouse import columns


# 32,000 rows of 70 features. Scoring takes more CPU in the 16 MB that ADBC takes by itself, and
# 100 MB more memory in 48 MB.
BATCH_BYTES = 24_000_000


@dataclass(frozen=True)
class Warehouse:
    """
    Connections to one database.

    Attributes:
        url: `postgresql://user:password@host:port/database`; `connection_options` add a role.
        batch_bytes: What is streamed out comes in batches of so much.
    """

    url: str = field(repr=False)
    batch_bytes: int = BATCH_BYTES

    @functools.cached_property
    def engine(self) -> sa.Engine:
        """The SQLAlchemy engine; nothing connects before it is used."""
        url = sa.make_url(self.url).set(drivername="postgresql+psycopg")

        return sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """
        Open a transaction that commits at the end of the block and rolls back when it raises.

        Raises:
            DatabaseUnavailable: The server does not answer, or is out of a resource.
            RoleMissing: The user or role may not do this; with the grant that is missing.
        """
        with (
            self._denials_explained(),
            faults.translated(),
            self._connect() as connection,
            connection.begin(),
        ):
            yield connection

    def rows(
        self, statement: str, parameters: Mapping[str, Any] | None = None
    ) -> list[sa.Row[Any]]:
        """Return the rows of one read-only *statement*, parameters bound by name (`:name`)."""
        with self.begin() as connection:
            return list(connection.execute(sa.text(statement), parameters or {}).all())

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run one *statement* in a transaction of its own; return the number of rows it touched."""
        with self.begin() as connection:
            return connection.execute(sa.text(statement), parameters or {}).rowcount

    @contextlib.contextmanager
    def batches(
        self, query: str, parameters: Sequence[Any] = ()
    ) -> "Iterator[pa.RecordBatchReader]":
        """
        Stream the result of *query* as Arrow record batches.

        Args:
            query: With `$1`, `$2` … where *parameters* go.
            parameters: Bound values, in that order.

        Raises:
            DatabaseUnavailable: The server does not answer, or is out of a resource.
            RoleMissing: The user or role may not read this; with the grant that is missing.
        """
        from pipelines.adapters.warehouse import columns  # noqa: PLC0415  it brings pandas

        with (
            columns.connected(self.url, self._unavailable, self._denied("select")) as connection,
            columns.batches(connection, query, parameters, self.batch_bytes) as reader,
        ):
            yield reader

    def ingest(self, schema: str, batches: "Mapping[str, pa.Table | pa.RecordBatchReader]") -> int:
        """
        Append to tables of *schema* with binary COPY, all of them in one transaction.

        Args:
            schema: Schema of the tables.
            batches: Table name to rows; columns go by name, types must be the table's.

        Returns:
            Number of rows written.

        Raises:
            DatabaseUnavailable: The server does not answer, or is out of a resource.
            RoleMissing: The user or role may not write this; with the grant that is missing.
            Exception: Whatever a reader of *batches* raised; nothing is written then.
        """
        from pipelines.adapters.warehouse import columns  # noqa: PLC0415  it brings pandas

        refused = self._denied("insert")
        with columns.connected(self.url, self._unavailable, refused) as connection:
            return columns.ingest(connection, schema, batches)

    @contextlib.contextmanager
    def loading(self) -> "Iterator[columns.Transaction]":
        """Open a transaction of rows as columns; it commits unless the block raises."""
        from pipelines.adapters.warehouse import columns  # noqa: PLC0415  it brings pandas

        with columns.connected(self.url, self._unavailable) as connection:
            yield columns.Transaction(connection)
            connection.commit()

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock called *name* for the block; RunLocked if somebody else does."""
        with faults.translated(), self._connect() as connection, row_locks.hold(connection, name):
            yield

    def superuser(self) -> str | None:
        """Return the user who logs in, if that is one who may do anything on the server."""
        found = self.rows("select rolname from pg_roles where rolname = session_user and rolsuper")

        return found[0].rolname if found else None

    def _connect(self) -> sa.Connection:
        """Open an SQLAlchemy connection."""
        try:
            return self.engine.connect()
        except sa.exc.OperationalError as error:
            raise self._unavailable(str(error.orig)) from None

    @contextlib.contextmanager
    def _denials_explained(self) -> Iterator[None]:
        """Turn a right that is missing into RoleMissing, with the grant that would give it."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != faults.DENIED:
                raise
            right = next(iter((error.statement or "").split()), "").lower()
            wanted = right if right in faults.OF_TABLES else "select"
            raise self._denied(wanted)(str(error.orig)) from None

    def _denied(self, table_rights: str) -> Callable[[str], RoleMissing]:
        """Return what makes an error of the server's words; with what was wanted of a table."""
        url = self.engine.url
        who = connection_options.role(url) or url.username or ""

        return lambda said: faults.denied(said, who, table_rights=table_rights)

    def _unavailable(self, reason: str) -> ChurnError:
        """Return the error for a connection that the server did not open."""
        return connection_options.refused(self.engine.url, reason) or DatabaseUnavailable(
            f"the warehouse does not answer: {reason.strip()}",
            next_step="check CHURN_DATABASE_URL, or run `churn status`",
        )
