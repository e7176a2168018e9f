"""The connections of the service: a few, kept open and warm, replaced when the server lost them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
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
WARM_SECONDS, LEAST_SECONDS = 15.0, 1.0
Connection = psycopg.AsyncConnection[DictRow]


@dataclass(eq=False)
class Pool:
    """
    Connections that commit each statement.

    Attributes:
        url: `postgresql://…` with the role to work as.
        connections: How many there are.
        warm: Asks a connection what takes long the first time: before it serves, and again every
            `warm_seconds`. None asks nothing.
        warm_seconds: Between two times.
    """

    url: str = field(repr=False)
    connections: int = 8
    warm: Callable[[Connection], Awaitable[None]] | None = None
    warm_seconds: float = WARM_SECONDS
    _pool: AsyncConnectionPool[Connection] = field(init=False, repr=False)
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False, repr=False)
    _keeping: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the pool; nothing connects before it is opened."""
        self._pool = AsyncConnectionPool(
            connection_options.configured(
                self.url,
                statement_timeout=STATEMENT_MILLISECONDS,
                # Else the first five times each statement is planned for what it is asked about.
                plan_cache_mode="force_generic_plan",
            ),
            connection_class=Connection,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "connect_timeout": 5,
                "prepare_threshold": 1,
            },
            # All of them from the start: one more is made, and asked what takes long, while many
            # wait, and takes from them the time of the database's processor.
            min_size=self.connections,
            configure=self.warm,
            timeout=WAIT_SECONDS,
            open=False,
            # The pool goes on trying by itself, after 1, 2, 4 seconds and so on; once it has tried
            # for so long it begins again at the first request, which of a server that was away for
            # long comes sooner.
            reconnect_timeout=5,
        )

    async def open(self) -> None:
        """Begin to connect; a server that does not answer yet is asked again."""
        await self._pool.open(wait=False)
        if self.warm is not None:
            self._loop = asyncio.get_running_loop()
            self._keeping = self._loop.create_task(self._keep_warm(self.warm))

    async def close(self) -> None:
        """End every connection."""
        if self._keeping is not None:
            self._keeping.cancel()
        self._loop = self._keeping = None
        await self._pool.close(timeout=WAIT_SECONDS)

    def wake(self) -> None:
        """Warm every connection soon, for what they know may be no longer so; from any thread."""
        if (loop := self._loop) is not None:
            loop.call_soon_threadsafe(self._woken.set)

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

    async def _keep_warm(self, warm: Callable[[Connection], Awaitable[None]]) -> None:
        """Warm every connection over and over; a server that does not answer is asked again."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self.warm_seconds)
            self._woken.clear()
            for _ in range(self.connections):
                with contextlib.suppress(psycopg.Error):
                    # It is the one that has rested longest.
                    async with self._pool.connection() as connection:
                        await warm(connection)
            # However often it is woken.
            await asyncio.sleep(LEAST_SECONDS)

    async def _rows(self, statement: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        """Return the rows of one statement, on any connection."""
        async with self._pool.connection() as connection:
            return await asked(connection, statement, parameters)


async def asked(
    connection: Connection,
    statement: str,
    parameters: Mapping[str, Any],
    *,
    is_prepared: bool | None = None,
) -> list[DictRow]:
    """
    Return the rows of one statement.

    Args:
        connection: Asked by nobody else.
        statement: With `%(name)s` where *parameters* go.
        parameters: By name.
        is_prepared: Whether it is prepared; None prepares what is asked a second time.

    Raises:
        psycopg.Error: As it is.
    """
    try:
        cursor = await connection.execute(statement, parameters, prepare=is_prepared)
    except psycopg.errors.FeatureNotSupported:
        # What it calls has other columns than when it was prepared, and psycopg would ask it as it
        # is prepared for as long as the connection lives.
        await connection.execute("deallocate all")
        cursor = await connection.execute(statement, parameters, prepare=is_prepared)

    return await cursor.fetchall()
