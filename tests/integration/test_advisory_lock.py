"""One holder a name; whoever comes second learns who the first is."""

import pytest
import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import RunLocked


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
    with warehouse.lock("writer of subscribers"), warehouse.lock("writer of telco"):
        pass
    with warehouse.lock("writer of subscribers"):
        held = warehouse.rows("select count(*) from pg_locks where locktype = 'advisory'")

    assert [(1,)] == held


def test_a_lock_ends_with_its_session(warehouse: Warehouse) -> None:
    """Once the session is lost another process may hold it, and the block ends in peace."""
    with warehouse.lock("writer of subscribers"):
        warehouse.rows(
            "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'"
        )
        with warehouse.lock("writer of subscribers"):
            pass
