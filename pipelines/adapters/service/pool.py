"""The connections of the service: a few, kept open, replaced when the server lost them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from pipelines.adapters.warehouse import connection_options
from pipelines.domain.addresses import without_login
from pipelines.errors import DatabaseUnavailable

WAIT_SECONDS = 2.0
STATEMENT_MILLISECONDS = "5000"


@dataclass(frozen=True)
class Pool:
    """
    Connections that commit each statement.

    Attributes:
        url: `postgresql://…` with the role to work as.
        connections: The most there are at once.
    """

    url: str = field(repr=False)
    connections: int = 8
    _pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the pool; nothing connects before it is opened."""
        made = AsyncConnectionPool(
            connection_options.configured(self.url, statement_timeout=STATEMENT_MILLISECONDS),
            connection_class=psycopg.AsyncConnection[DictRow],
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "connect_timeout": 5,
                "prepare_threshold": 1,
            },
            min_size=1,
            max_size=self.connections,
            timeout=WAIT_SECONDS,
            open=False,
            # The pool goes on trying by itself; after so long it begins again at the first request.
            reconnect_timeout=60,
        )
        object.__setattr__(self, "_pool", made)

    async def open(self) -> None:
        """Begin to connect; a server that does not answer yet is asked again."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """End every connection."""
        await self._pool.close(timeout=WAIT_SECONDS)

    async def rows(self, statement: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        """
        Return the rows of one statement, which is tried again where its connection was lost.

        Args:
            statement: With `%(name)s` where *parameters* go.
            parameters: By name.

        Raises:
            DatabaseUnavailable: The server does not answer, or not in time.
        """
        try:
            try:
                return await self._rows(statement, parameters)
            except psycopg.OperationalError as error:
                if isinstance(error, PoolTimeout | psycopg.errors.QueryCanceled):
                    raise
                await self._pool.check()

                return await self._rows(statement, parameters)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            said = without_login(
                (str(error).strip().splitlines() or ["no reason given"])[0], self.url
            )
            raise DatabaseUnavailable(
                f"the warehouse does not answer the service: {said}",
                next_step="check CHURN_DATABASE_URL, or run `churn status`",
            ) from None

    async def _rows(self, statement: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        """Return the rows of one statement, on any connection."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, parameters)

            return await cursor.fetchall()
