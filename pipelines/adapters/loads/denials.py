"""What a load is told by the database when a right is missing, a lock is held or a type differs."""

import contextlib
from collections.abc import Iterator

import adbc_driver_postgresql.dbapi as adbc

from pipelines.adapters.warehouse import connection_options, faults
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import ImportRefused, RoleMissing, RunLocked

LOCKED = ("55P03", "40P01")
# Of churn.make_declared_table.
REFUSED = ("42804", "42809", "42602")


@contextlib.contextmanager
def explained(warehouse: Warehouse) -> Iterator[None]:
    """
    Turn what the database refuses a loader into what to do about it.

    Raises:
        RoleMissing: The role may not do it; with the grant that is missing.
        RunLocked: Somebody held a lock for longer than we wait.
        ImportRefused: A table is there and not as it is declared.
    """
    try:
        yield
    except adbc.Error as error:
        said = str(error).strip().splitlines()[0]
        if error.sqlstate == faults.DENIED:
            role = (
                connection_options.role(warehouse.engine.url) or warehouse.engine.url.username or ""
            )
            grant = faults.missing_grant(said, role, table_rights="insert")
            raise RoleMissing(
                f"{role} may not load declared tables: {said}; nothing was loaded",
                next_step=f"ask the owner of the database to: {grant or 'churn migrate'}",
            ) from None
        if error.sqlstate in LOCKED:
            raise RunLocked(
                "somebody else was at work on the tables for a minute; nothing was loaded",
                next_step="wait until that has ended, then run the command again",
            ) from None
        if error.sqlstate in REFUSED:
            raise ImportRefused(
                f"{said.removeprefix('[libpq] ')}; nothing was loaded",
                next_step="declare the table as it was, or under another name",
            ) from None
        raise
