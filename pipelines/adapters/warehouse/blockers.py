"""Who a statement waits for, asked from a second session while it waits."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from pipelines.errors import RunLocked

EVERY_SECONDS = 0.5
LOCK_NOT_AVAILABLE = "55P03"

BLOCKERS = """
select activity.usename, activity.application_name, activity.pid, activity.xact_start
from unnest(pg_blocking_pids(:pid)) as blocking (pid)
inner join pg_stat_activity as activity on blocking.pid = activity.pid
"""


@contextlib.contextmanager
def named(
    engine: sa.Engine, connection: sa.Connection, *, wanted: str, patience_seconds: float
) -> Iterator[None]:
    """
    Wait for locks within the block no longer than a while, and then say who holds them.

    Args:
        engine: Of the same database, for the second session.
        connection: Where the block runs its statements, in a transaction.
        wanted: What they are, such as `churn migrate`.
        patience_seconds: How long one statement may wait for a lock.

    Raises:
        RunLocked: A statement of the block waited for longer; the transaction is to be rolled back.
    """
    milliseconds = round(patience_seconds * 1000)
    connection.execute(
        sa.text("select set_config('lock_timeout', :limit, true)"), {"limit": f"{milliseconds}ms"}
    )
    pid = connection.scalar(sa.text("select pg_backend_pid()"))
    found: list[str] = []
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(engine, pid, found, ended))
    watch.start()
    try:
        yield
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        holders = "; ".join(found) or "a session that has just ended"
        raise RunLocked(
            f"{wanted} waited {patience_seconds:g} s for {holders}; nothing was changed",
            next_step="end that session, or wait until it has ended, then run the command again",
        ) from None
    finally:
        ended.set()
        watch.join()


def _watch(engine: sa.Engine, pid: int, found: list[str], ended: threading.Event) -> None:
    """Keep in *found* who the session *pid* waited for last, until *ended*."""
    with (
        contextlib.suppress(sa.exc.DBAPIError),  # without the names the wait still ends
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as second,
    ):
        while not ended.wait(EVERY_SECONDS):
            rows = second.execute(sa.text(BLOCKERS), {"pid": pid}).all()
            if rows:
                found[:] = map(_described, rows)


def _described(row: sa.Row[Any]) -> str:
    """Say who a session is."""
    name = row.application_name or "a session without a name"
    since = f", in a transaction since {row.xact_start:%H:%M:%S} UTC" if row.xact_start else ""

    return f"{name} of {row.usename}, database process {row.pid}{since}"
