"""The database server of an installation: asked, held up, stopped, waited for."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from pipelines import settings
from pipelines.adapters.local import postgres
from pipelines.adapters.local.postgresql import programs
from pipelines.wiring.database_roles import PIPELINE
from pipelines.wiring.installation import Installation
from tests.e2e.churn_home import ChurnHome

WAIT_SECONDS = 120


def wait(what: str, is_so: Callable[[], Any]) -> None:
    """Return as soon as *is_so*; fail after two minutes."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited {WAIT_SECONDS} s for {what}"
        time.sleep(0.001)


@dataclass
class Server:
    """
    The server of one installation, used as the user who owns it.

    Attributes:
        churn_home: Its command.
    """

    churn_home: ChurnHome

    def __post_init__(self) -> None:
        """Wire the same installation in this process, to prepare what is not under test."""
        environ = {"CHURN_HOME": str(self.churn_home.home), **self.churn_home.environ}
        self.wired = Installation(settings.load(environ), PIPELINE)

    @property
    def url(self) -> str:
        """The warehouse, as the user who owns the server; starts the server if need be."""
        return f"{self.wired.server_url}/churn"

    def connect(self) -> psycopg.Connection[Any]:
        """Open a connection of our own."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.connect() as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def execute(self, *statements: str) -> int:
        """Run statements in one transaction; return the number of rows the last one touched."""
        with self.connect() as connection, connection.transaction():
            touched = 0
            for statement in statements:
                touched = connection.execute(statement).rowcount  # type: ignore[arg-type]

            return touched

    @contextlib.contextmanager
    def held(self, statement: str, *parameters: object) -> Iterator[None]:
        """Hold what a statement locks, for the block or until the server dies."""
        connection = psycopg.connect(self.url, connect_timeout=5)
        try:
            connection.execute(statement, parameters)  # type: ignore[arg-type]
            yield
        finally:
            connection.close()

    def wait_until_blocked(self) -> None:
        """Return when a process of ours waits for what we hold."""
        with self.connect() as connection:
            query = "select 1 from pg_locks where not granted"
            wait("a blocked process", lambda: connection.execute(query).fetchone())

    def wait_until_connected(self, command: str) -> None:
        """Return when a command has a session."""
        query = "select 1 from pg_stat_activity where application_name like %s"
        with self.connect() as connection:
            wait(
                f"a session of churn {command}",
                lambda: connection.execute(query, [f"churn {command} %"]).fetchone(),
            )

    def wait_until_noticed(self) -> None:
        """Return when the server has ended the sessions of whatever was killed."""
        query = (
            "select 1 from pg_stat_activity "
            "where application_name like 'churn %' or application_name = 'dbt'"
        )
        with self.connect() as connection:
            wait("its sessions to end", lambda: not connection.execute(query).fetchone())

    def wait_until_answering(self) -> None:
        """Start the server if it has ended, and return when it takes sessions again."""
        self.wired = Installation(self.wired.settings, PIPELINE)

        def answers() -> bool:
            try:
                self.rows("select 1")
            except psycopg.OperationalError:
                return False
            return True

        wait("the server to answer", answers)

    def stop_server(self, mode: str) -> None:
        """End PostgreSQL, `immediate` without a goodbye or `fast` with one."""
        state = postgres.state_folder(self.churn_home.home)
        pg_ctl = programs.folder(state) / "pg_ctl"
        programs.run(pg_ctl, "stop", "-D", state / "data", "-m", mode)
