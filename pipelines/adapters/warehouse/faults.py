"""What the database's drivers raise when it is the server that fails, and not the statement."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import sqlalchemy as sa

from pipelines.adapters.warehouse.quoted_values import without_values
from pipelines.domain.addresses import without_login
from pipelines.errors import DatabaseUnavailable, RoleMissing

# Classes of SQLSTATE that are about the server: connections, resources such as disk and memory,
# an operator's intervention such as a shutdown, input and output, and what it calls internal.
SERVER_CLASSES = ("08", "53", "57P", "58", "XX")
# SQLSTATE of a right that is missing.
DENIED = "42501"
# What may be granted of a table, as a statement begins.
OF_TABLES = frozenset({"select", "insert", "update", "delete", "truncate"})
REFUSAL = re.compile(
    r"permission denied (?:for )?(?P<kind>table|view|materialized view|relation|schema|function"
    r"|database|to create temporary tables in database) (?P<name>\S+)"
)
LOOK = "check its disk and `churn status`, then run the command again; nothing was published"


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """
    Turn a failure of the server into one people can act on.

    Raises:
        DatabaseUnavailable: The connection was lost, or the server is out of a resource.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if not (error.connection_invalidated or _is_about_the_server(state)):
            raise
        raise unavailable(str(error.orig), state) from None


def connected(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """
    Return a plain connection to the database at *url*.

    Raises:
        DatabaseUnavailable: The server does not answer, or does not let this user in.
    """
    try:
        return psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"the database does not answer: {without_login(str(error).strip(), url)}",
            next_step="check CHURN_DATABASE_URL, or run `churn status`",
        ) from None


def is_of_the_server(state: str | None, message: str) -> bool:
    """Tell whether the server failed: by its SQLSTATE, or where there is none by libpq's words."""
    return _is_about_the_server(state) or (state is None and _is_lost(message))


def unavailable(message: str, state: str | None) -> DatabaseUnavailable:
    """Return the failure in the server's own first words; *state* is its SQLSTATE."""
    first = (without_values(message).strip().splitlines() or ["no reason given"])[0]
    named = f" ({state})" if state else ""

    return DatabaseUnavailable(f"the warehouse failed{named}: {first}", next_step=LOOK)


def denied(said: str, who: str, *, table_rights: str) -> RoleMissing:
    """
    Return the error for what the server denied *who*, with the grant that would give it.

    Args:
        said: The server's words.
        who: The role or user it denied it to.
        table_rights: What was wanted of a table, where it was one; the server does not say.
    """
    line = said.strip().splitlines()[0]
    first = line.partition("ERROR:")[2].strip() or line  # ADBC says first what it was about
    grant = missing_grant(first, who, table_rights=table_rights)

    return RoleMissing(
        f"{who}, as which this command works, was refused: {first}",
        next_step=f"ask the owner of the database to: {grant or 'churn migrate'}",
    )


def missing_grant(said: str, user: str, *, table_rights: str) -> str | None:
    """
    Return the statement that would have let *user* do what the server denied.

    Args:
        said: The server's words.
        user: The role or user it denied it to.
        table_rights: What was wanted of a table, where it was one; the server does not say.
    """
    found = REFUSAL.search(said)
    if found is None:
        return None
    kind, name = found["kind"], found["name"].strip('"')
    if kind == "to create temporary tables in database":
        return f"grant temporary on database {name} to {user}"
    right = {"schema": "usage", "function": "execute", "database": "connect"}.get(kind)
    if right is None:
        return f"grant {table_rights} on {name} to {user}"

    return f"grant {right} on {kind} {name} to {user}"


def _is_about_the_server(state: str | None) -> bool:
    """Tell whether a SQLSTATE is of a class that no change of the statement would help."""
    return state is not None and state.startswith(SERVER_CLASSES)


def _is_lost(message: str) -> bool:
    """Tell whether libpq said that the connection is gone, for which there is no SQLSTATE."""
    return "server closed the connection" in message or "no connection to the server" in message
