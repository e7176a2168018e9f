"""The files of sql/migrations, applied in the order of their names, each once and whole."""

import contextlib
import hashlib
from pathlib import Path

import sqlalchemy as sa

from pipelines.adapters.warehouse import blockers
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DatabaseUnavailable

LEDGER = """
create table if not exists public.churn_migrations (
  name text primary key,
  sha256 text not null,
  applied_at timestamptz not null default now()
)
"""

IS_READABLE = "select has_table_privilege(to_regclass('public.churn_migrations'), 'select')"
APPLIED = "select name from public.churn_migrations"


def apply(warehouse: Warehouse, folder: Path, *, patience_seconds: float = 30) -> list[str]:
    """
    Bring the warehouse up to the newest file of *folder*.

    Args:
        warehouse: As its owner.
        folder: Of the files.
        patience_seconds: How long a statement waits for a lock somebody else holds.

    Returns:
        Names of the files that were applied now.

    Raises:
        DatabaseUnavailable: A file that was applied before has changed since.
        RunLocked: Somebody held a lock for longer; the message says who, and nothing was applied.
    """
    applied = []
    with (
        warehouse.begin() as plain,
        blockers.named(
            warehouse.engine, plain, wanted="churn migrate", patience_seconds=patience_seconds
        ),
    ):
        # Without parameters, or `%` in a script would be read as a place for one.
        connection = plain.execution_options(no_parameters=True)
        _lock_ledger(connection)
        ledger = connection.execute(sa.text("select name, sha256 from public.churn_migrations"))
        known: dict[str, str] = {row.name: row.sha256 for row in ledger}

        for path in sorted(folder.glob("*.sql")):
            script = path.read_text("utf-8")
            digest = hashlib.sha256(script.encode()).hexdigest()
            if path.name in known:
                _refuse_change(path.name, known[path.name], digest)
                continue
            connection.exec_driver_sql(script)
            connection.execute(
                sa.text("insert into public.churn_migrations values (:name, :sha256)"),
                {"name": path.name, "sha256": digest},
            )
            applied.append(path.name)

    return applied


def _lock_ledger(connection: sa.Connection) -> None:
    """Create the ledger if there is none, and let no other migration begin before this one ends."""
    if connection.scalar(sa.text("select to_regclass('public.churn_migrations') is null")):
        # Two may create it at once; the second waits for the first, and fails.
        with contextlib.suppress(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sa.text(LEDGER))
    connection.execute(sa.text("lock table public.churn_migrations in share row exclusive mode"))


def differences(warehouse: Warehouse, folder: Path) -> tuple[list[str], list[str]]:
    """Return names of *folder* not applied to the warehouse, and applied ones it does not have."""
    with warehouse.begin() as connection:
        # There may be none, or one that is older than the roles that may read it.
        is_readable = connection.scalar(sa.text(IS_READABLE))
        applied: set[str] = (
            {*connection.execute(sa.text(APPLIED)).scalars()} if is_readable else set()
        )

    ours = {path.name for path in folder.glob("*.sql")}

    return sorted(ours - applied), sorted(applied - ours)


def _refuse_change(name: str, before: str, now: str) -> None:
    """Raise when an applied file is not what it was."""
    if before != now:
        raise DatabaseUnavailable(
            f"migration {name} was applied as {before[:12]} and now reads {now[:12]}",
            next_step="restore the file and add the change as a new migration",
        )
