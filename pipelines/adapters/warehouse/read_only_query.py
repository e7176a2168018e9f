"""One question to the warehouse, asked as somebody who can only read."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from pipelines.adapters.warehouse import connection_options, faults
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


def ask(url: str, query: str, *, timeout_seconds: int = 300, most_rows: int = 1_000_000) -> Answer:
    """
    Run one query in a read-only transaction.

    It is the database that refuses, nothing here reads SQL. A streamed query is one statement,
    so a query cannot first lift the restriction and then write; what one `do` block may do, the
    user who logs in may do.

    Args:
        url: The warehouse, for a user or at least a role who only reads.
        query: One statement.
        timeout_seconds: After which the database gives up.
        most_rows: More are refused, before memory is.

    Raises:
        DatabaseUnavailable: The server lets nobody in: it is down, full, or the login is wrong.
        QueryRefused: The database refused it, with its reason, or it answers nothing or too much.
    """
    address = connection_options.configured(
        url, statement_timeout=f"{timeout_seconds}s", timezone="UTC"
    )
    with faults.connected(address) as connection:
        connection.read_only = True
        for kind in ("json", "jsonb"):  # as the database writes it, not as Python does
            connection.adapters.register_loader(kind, TextLoader)
        try:
            cursor = connection.cursor()
            rows = list(itertools.islice(cursor.stream(query.encode()), most_rows + 1))
            if not rows:  # a stream tells its columns with its first row
                cursor.execute(query.encode(), prepare=True)
            if cursor.description is None:
                raise _answerless()
            if len(rows) > most_rows:
                raise QueryRefused(
                    f"the answer has more than {most_rows:,} rows",
                    next_step="add `limit`, or ask for totals",
                )
            return Answer(tuple(column.name for column in cursor.description), rows)
        except UnicodeEncodeError as error:
            raise QueryRefused(
                f"the query is not UTF-8 text, first at character {error.start + 1}",
                next_step="type it anew",
            ) from None
        except psycopg.DataError as error:
            if error.sqlstate is not None:
                raise _refused(error) from None
            raise QueryRefused(
                f"the answer holds a value that cannot be shown: {error}",
                next_step="cast the column to text, as in `started_at::text`",
            ) from None
        except psycopg.Error as error:
            # psycopg's own words, where the database has none: a command, or nothing at all.
            kinds = (psycopg.ProgrammingError, psycopg.InternalError)
            is_command = isinstance(error, kinds) and error.sqlstate is None
            raise (_answerless() if is_command else _refused(error)) from None
        finally:
            connection.rollback()


def _answerless() -> QueryRefused:
    """Return the error for a statement that returns no rows, which the database itself accepts."""
    return QueryRefused(
        "the query answers nothing: it is empty, or a command that returns no rows",
        next_step="ask with `select`",
    )


def _refused(error: psycopg.Error) -> QueryRefused:
    """Return the database's own reason."""
    return QueryRefused(
        f"the database refused the query ({error.sqlstate}): {str(error).strip()}",
        next_step='read `churn sql "select table_name from information_schema.tables '
        "where table_schema = 'churn'\"` for what can be asked",
    )
