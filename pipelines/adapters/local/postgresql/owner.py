"""
The owner of the embedded server's databases, who is nobody beyond them.

The user a cluster is created with is its superuser: who has that login reads files and runs
programs as the server does. It sets the server up and is not used after. Commands and servers log
in as the owner, who may also create roles, because migrations do. A cluster of before, in which the
superuser owned everything, is handed over.
"""

from collections.abc import Sequence

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from pipelines.errors import DatabaseUnavailable
from pipelines.settings import ROOT

NAME = "churn_owner"
HAND_OVER = ROOT / "sql" / "setup" / "hand_over.sql"
PATIENCE = "30s"

# Of a cluster of before: what migrations made, the owner may hand on as if it had made them.
ROLES_OF_BEFORE = "select rolname from pg_roles where rolname like 'churn\\_%' and not rolcanlogin"


def ensure(server_url: str, databases: Sequence[str], password: str) -> None:
    """
    Create the owner, or set its password again, and hand *databases* to it.

    Args:
        server_url: `postgresql://…` of the server's superuser, without a database.
        databases: Names of those that are there.
        password: Of the owner.

    Raises:
        DatabaseUnavailable: Somebody who uses a database kept it from being handed over.
    """
    user = Identifier(NAME)
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        # Only a digest travels, so that no log of the server's can hold the password.
        digest = connection.pgconn.encrypt_password(
            password.encode(), NAME.encode(), b"scram-sha-256"
        ).decode()
        known = connection.execute("select 1 from pg_roles where rolname = %s", [NAME]).fetchone()
        if known is None:
            connection.execute(SQL("create role {}").format(user))
        settings = SQL("alter role {} nosuperuser nocreatedb createrole login password {}")
        connection.execute(settings.format(user, Literal(digest)))
        membership = SQL("grant {} to {} with admin true, inherit true, set true")
        for (role,) in connection.execute(ROLES_OF_BEFORE).fetchall():
            connection.execute(membership.format(Identifier(role), user))
        for name in databases:
            connection.execute(SQL("alter database {} owner to {}").format(Identifier(name), user))
    for name in databases:
        _hand_over(f"{server_url}/{name}", name)


def _hand_over(url: str, database: str) -> None:
    """Make everything in a database that is the superuser's the owner's."""
    try:
        with psycopg.connect(url) as connection:
            for setting, value in (("churn.owner", NAME), ("lock_timeout", PATIENCE)):
                connection.execute("select set_config(%s, %s, true)", [setting, value])
            connection.execute(HAND_OVER.read_bytes())
    except psycopg.errors.LockNotAvailable:
        raise DatabaseUnavailable(
            f"the tables of database {database} could not be handed to {NAME}: somebody has held "
            f"one of them for {PATIENCE}",
            next_step="churn down, then run the command again",
        ) from None
