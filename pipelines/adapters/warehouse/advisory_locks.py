"""PostgreSQL's advisory locks: one holder a name, and gone with the holder's session."""

import contextlib
import hashlib
from collections.abc import Iterator

import sqlalchemy as sa

from pipelines.errors import RunLocked

# Commands call themselves by PGAPPNAME, which every role may read.
HOLDER = """
select activity.application_name, activity.pid, activity.backend_start
from pg_locks as held
inner join pg_stat_activity as activity on held.pid = activity.pid
where
  held.locktype = 'advisory'
  and held.granted
  and held.database = (select oid from pg_database where datname = current_database())
  and (held.classid::bigint << 32 | held.objid::bigint) = :key
"""


@contextlib.contextmanager
def hold(connection: sa.Connection, name: str) -> Iterator[None]:
    """
    Hold the lock called *name* for the block.

    Args:
        connection: Its session holds the lock; in autocommit, or it would idle in a transaction.
        name: What only one may be at a time, such as `writer of subscribers`.

    Raises:
        RunLocked: Somebody else holds it; the message says who.
    """
    key = {"key": key_of(name)}
    if not connection.scalar(sa.text("select pg_try_advisory_lock(:key)"), key):
        raise RunLocked(
            f"there can be one {name} at a time, and now it is {_holder(connection, key)}",
            next_step="wait until that has ended, then run the command again",
        )
    try:
        yield
    finally:
        with contextlib.suppress(sa.exc.DBAPIError):  # a session that was lost holds nothing
            connection.scalar(sa.text("select pg_advisory_unlock(:key)"), key)


def key_of(name: str) -> int:
    """Return the 64-bit key a name stands for."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _holder(connection: sa.Connection, key: dict[str, int]) -> str:
    """Say who holds a lock, as far as this role may know."""
    holder = connection.execute(sa.text(HOLDER), key).first()
    if holder is None:
        return "somebody who has just ended"
    name = holder.application_name or "a session without a name"
    since = f", connected since {holder.backend_start:%H:%M:%S} UTC" if holder.backend_start else ""

    return f"{name}, database process {holder.pid}{since}"
