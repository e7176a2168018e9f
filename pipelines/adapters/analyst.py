"""One question to the warehouse, asked as somebody who can only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

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
    Run one query as the role churn_analyst in a read-only transaction.

    A prepared statement is one statement, so a query cannot first lift its own restriction and then
    write; it is the database that refuses, nothing here reads SQL.

    Args:
        url: The warehouse.
        query: One statement.
        timeout_seconds: After which the database gives up.

    Raises:
        QueryRefused: The database refused it, with its reason.
    """
    options = f"-c statement_timeout={timeout_seconds * 1000} -c timezone=UTC"
    with psycopg.connect(url, options=options) as connection:
        connection.read_only = True
        connection.execute("set local role churn_analyst")
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
