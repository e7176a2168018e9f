"""
The user people and `churn sql` log in as on the embedded server: a member of churn_analyst only.

In a session of the owner a role is a guard rail, which `set role none` within a query steps over;
in a session of this user there is nothing behind it.
"""

import secrets
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from pipelines.errors import DatabaseUnavailable

NAME = "churn_reader"

# No question of one person's may take the server from everybody else, or wait in its way.
CONNECTIONS = 20
LIMITS = {
    "statement_timeout": "10min",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "1min",
    "temp_file_limit": "10GB",
    "default_transaction_read_only": "on",
}


def ensure(server_url: str, state: Path) -> None:
    """
    Create the user, or set its password and limits again; the roles must be there.

    It, like whoever else is not the owner, may connect to no other database of the server.

    Args:
        server_url: The warehouse, as the server's superuser: limits of temporary files need one.
        state: Folder that only its owner may enter, where the password stays.
    """
    file = password_file(state)
    user = sql.Identifier(NAME)
    with psycopg.connect(server_url) as connection:
        # One at a time, as migrations are.
        connection.execute("lock table public.churn_migrations in share row exclusive mode")
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        # Only a digest travels, so that no log of the server's can hold the password.
        digest = connection.pgconn.encrypt_password(
            file.read_bytes(), NAME.encode(), b"scram-sha-256"
        ).decode()
        known = connection.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone()
        if known is None:
            connection.execute(sql.SQL("create role {}").format(user))
        connection.execute(sql.SQL("alter role {} login password {}").format(user, digest))
        connection.execute(sql.SQL("grant churn_analyst to {}").format(user))
        connection.execute(
            sql.SQL("alter role {} connection limit {}").format(user, sql.Literal(CONNECTIONS))
        )
        for name, value in LIMITS.items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(
                    user, sql.Identifier(name), sql.Literal(value)
                )
            )
        others = connection.execute(
            "select datname from pg_database where datname <> current_database() "
            "and not datistemplate and datallowconn"
        ).fetchall()
        for (database,) in others:
            connection.execute(
                sql.SQL("revoke connect, temporary on database {} from public").format(
                    sql.Identifier(database)
                )
            )


def url(owner_url: str, state: Path) -> str:
    """
    Return the address of *owner_url* for the user.

    Raises:
        DatabaseUnavailable: It was not created yet.
    """
    file = password_file(state)
    if not file.exists():
        raise DatabaseUnavailable(
            f"the embedded database has no user {NAME} yet", next_step="churn migrate"
        )

    return (
        sa.make_url(owner_url)
        .set(username=NAME, password=file.read_text())
        .render_as_string(hide_password=False)
    )


def password_file(state: Path) -> Path:
    """Return where the password is."""
    return state / "reader_password"
