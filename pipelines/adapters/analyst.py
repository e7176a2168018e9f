"""One question to the warehouse, asked as somebody who can only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pipelines.adapters import session
from pipelines.errors import QueryRefused


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The result of a query.

    Attributes:
        columns: Names, in order.
        rows: Values, in the same order.
    """

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


def ask(url: str, query: str, *, timeout_seconds: int = 300) -> Answer:
    """
    Run one query in a read-only transaction.

    It is the database that refuses, nothing here reads SQL. A prepared statement is one statement,
    so a query cannot first lift the restriction and then write; what one `do` block may do, the
    user who logs in may do.

    Args:
        url: The warehouse, for a user or at least a role who only reads.
        query: One statement.
        timeout_seconds: After which the database gives up.

    Raises:
        QueryRefused: The database refused it, with its reason.
    """
    address = session.configured(url, statement_timeout=f"{timeout_seconds}s", timezone="UTC")
    with psycopg.connect(address) as connection:
        connection.read_only = True
        try:
            cursor = connection.execute(query.encode(), prepare=True)
            if cursor.description is None:
                return Answer((), ())
            return Answer(tuple(column.name for column in cursor.description), cursor.fetchall())
        except psycopg.Error as error:
            raise QueryRefused(
                f"the database refused the query ({error.sqlstate}): {str(error).strip()}",
                next_step='read `churn sql "select table_name from information_schema.tables '
                "where table_schema = 'churn'\"` for what can be asked",
            ) from None
        finally:
            connection.rollback()
