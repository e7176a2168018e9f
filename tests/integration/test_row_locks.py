"""Locks as rows: one holder a name; whoever comes second learns who the first is."""

import hashlib
import time

import psycopg
import pytest
import sqlalchemy as sa

from pipelines.adapters.warehouse import connection_options, migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import RunLocked
from pipelines.settings import ROOT

HELD = """
select locked.name, held.pid
from churn.locks as locked inner join pg_locks as held on locked.xmax = held.transactionid
where held.granted
"""


def key_of_before(name: str) -> int:
    """Return the advisory lock writers took before locks were rows."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def test_the_loser_is_told_who_holds_it(warehouse: Warehouse) -> None:
    """The message names the command, its process and the process of the database."""
    name = "churn publish (process 4242 on nightbox)"
    url = sa.make_url(warehouse.url).update_query_dict({"application_name": name})
    first = Warehouse(url.render_as_string(hide_password=False))

    with (
        first.lock("writer of subscribers"),
        pytest.raises(RunLocked) as refused,
        warehouse.lock("writer of subscribers"),
    ):
        pytest.fail("two hold the lock")
    first.engine.dispose()

    assert refused.value.message.startswith(
        f"there can be one writer of subscribers at a time, and now it is {name}, database process"
    )


def test_a_lock_ends_with_its_block(warehouse: Warehouse) -> None:
    """It can be taken again at once, and another name at any time."""
    with warehouse.lock("writer of subscribers"), warehouse.lock("writer of trial"):
        pass
    with warehouse.lock("writer of subscribers"):
        held = warehouse.rows(HELD)

    assert ["writer of subscribers"] == [row.name for row in held]
    assert [] == warehouse.rows(HELD)


def test_a_lock_ends_with_its_session(warehouse: Warehouse) -> None:
    """Once the session is lost another process may hold it, and the block ends in peace."""
    with warehouse.lock("writer of subscribers"):
        (held,) = warehouse.rows(HELD)
        warehouse.rows("select pg_terminate_backend(:pid, 5000)", {"pid": held.pid})
        with warehouse.lock("writer of subscribers"):
            pass


def test_a_lock_outlives_the_time_outs_of_the_server(warehouse: Warehouse) -> None:
    """A transaction that waits for its block is not ended, whatever was set for sessions."""
    short = "-c idle_in_transaction_session_timeout=100ms -c transaction_timeout=100ms"
    url = sa.make_url(warehouse.url).update_query_dict({"options": short})
    hurried = Warehouse(url.render_as_string(hide_password=False))

    with hurried.lock("writer of subscribers"):
        time.sleep(0.5)
        with pytest.raises(RunLocked), warehouse.lock("writer of subscribers"):
            pytest.fail("two hold the lock")
    hurried.engine.dispose()


def test_who_only_reads_cannot_hold_a_lock(warehouse: Warehouse) -> None:
    """Neither the rows, nor advisory locks of every name and key, keep a writer waiting."""
    as_reader = connection_options.configured(warehouse.url, role="churn_analyst")
    with psycopg.connect(as_reader) as reader:
        for statement in (
            "select name from churn.locks for update",
            "lock table churn.locks in access share mode",
            "lock table public.churn_migrations in row share mode",
            "lock table churn.audit_log in row share mode",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                reader.execute(statement)
        for name in ("writer of subscribers", "churn migrations", "churn.audit_log"):
            reader.execute(
                "select pg_advisory_lock(hashtext(%(name)s)), "
                "pg_advisory_lock(hashtextextended(%(name)s, 0)), pg_advisory_lock(%(key)s)",
                {"name": name, "key": key_of_before(name)},
            )
        reader.execute("select count(*) from churn.audit_log")
        reader.execute("select count(*) from public.churn_migrations")

        with warehouse.lock("writer of subscribers"):
            assert [] == migrations.apply(warehouse, ROOT / "sql" / "migrations")
            warehouse.execute("select churn.make_scores_partition('2026-12-31')")
