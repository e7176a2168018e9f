"""
The user `churn sql` logs in as on the embedded server: a member of churn_analyst and nothing else.

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


def ensure(owner_url: str, state: Path) -> None:
    """
    Create the user, or set its password again; the roles must be there.

    Args:
        owner_url: The warehouse, as its owner.
        state: Folder that only its owner may enter, where the password stays.
    """
    file = _password_file(state)
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))

    user = sql.Identifier(NAME)
    with psycopg.connect(owner_url) as connection:
        # Only a digest travels, so that no log of the server's can hold the password.
        digest = connection.pgconn.encrypt_password(
            file.read_bytes(), NAME.encode(), b"scram-sha-256"
        ).decode()
        known = connection.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone()
        if known is None:
            connection.execute(sql.SQL("create role {}").format(user))
        connection.execute(sql.SQL("alter role {} login password {}").format(user, digest))
        connection.execute(sql.SQL("grant churn_analyst to {}").format(user))


def url(owner_url: str, state: Path) -> str:
    """
    Return the address of *owner_url* for the user.

    Raises:
        DatabaseUnavailable: It was not created yet.
    """
    file = _password_file(state)
    if not file.exists():
        raise DatabaseUnavailable(
            f"the embedded database has no user {NAME} yet", next_step="churn migrate"
        )

    return (
        sa.make_url(owner_url)
        .set(username=NAME, password=file.read_text())
        .render_as_string(hide_password=False)
    )


def _password_file(state: Path) -> Path:
    """Return where the password is."""
    return state / "reader_password"
