"""
Rows of churn.locks, locked for as long as a transaction is open: one holder a name.

Not advisory locks: whoever may connect can take one of those, and a reader could so keep the night
from running. The price is a transaction that stays open for the block, and keeps `vacuum` from
removing what died since.
"""

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from pipelines.errors import RunLocked

# An open transaction that waits for its block is what a server's administrator may have limited.
PATIENCE = """
select
  set_config('idle_in_transaction_session_timeout', '0', false),
  set_config('transaction_timeout', '0', false)
"""
MAKE = "insert into churn.locks (name) values (:name) on conflict do nothing"
TAKE = "select name from churn.locks where name = :name for update skip locked"

# A locked row names the transaction that locked it, and that transaction a lock on itself.
# Commands call themselves by PGAPPNAME, which every role may read.
HOLDER = """
select activity.application_name, activity.pid, activity.backend_start
from churn.locks as locked
inner join pg_locks as held on locked.xmax = held.transactionid
inner join pg_stat_activity as activity on held.pid = activity.pid
where locked.name = :name and held.locktype = 'transactionid' and held.granted
"""


@contextlib.contextmanager
def hold(connection: sa.Connection, name: str) -> Iterator[None]:
    """
    Hold the lock called *name* for the block.

    Args:
        connection: Its session holds the lock, and is closed with the block.
        name: What only one may be at a time, such as `writer of subscribers`.

    Raises:
        RunLocked: Somebody else holds it; the message says who.
    """
    connection.detach()  # its time-outs are not for whoever would get it from the pool next
    wanted = {"name": name}
    with connection.begin():
        connection.execute(sa.text(PATIENCE))
        connection.execute(sa.text(MAKE), wanted)
    taken = connection.begin()
    if connection.scalar(sa.text(TAKE), wanted) is None:
        raise RunLocked(
            f"there can be one {name} at a time, and now it is {_holder(connection, name)}",
            next_step="wait until that has ended, then run the command again",
        )
    try:
        yield
    finally:
        with contextlib.suppress(sa.exc.DBAPIError):  # a session that was lost holds nothing
            taken.rollback()


def _holder(connection: sa.Connection, name: str) -> str:
    """Say who holds a lock, as far as this role may know."""
    holder = connection.execute(sa.text(HOLDER), {"name": name}).first()
    if holder is None:
        return "somebody who has just ended"
    named = holder.application_name or "a session without a name"
    since = f", connected since {holder.backend_start:%H:%M:%S} UTC" if holder.backend_start else ""

    return f"{named}, database process {holder.pid}{since}"
