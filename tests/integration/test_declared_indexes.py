"""What a declared table is looked up by."""

from collections.abc import Iterator

import pytest

from pipelines.adapters.loads.declared_tables import WarehouseDeclaredTables
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.testing.contracts.records.declared import CUSTOMERS, ORDERS, batches

INDEXES = """
select substring(indexdef from 'USING (.*)') from pg_indexes
where schemaname = 'raw' and tablename = :table order by 1
"""
BEFORE = "create index on raw.shop__orders (customer_id)"


@pytest.fixture
def tables(warehouse: Warehouse) -> Iterator[WarehouseDeclaredTables]:
    """As the role of `churn import`."""
    loader = Warehouse(connection_options.configured(warehouse.url, role="churn_loader"))
    yield WarehouseDeclaredTables(loader)
    loader.engine.dispose()


def load(tables: WarehouseDeclaredTables) -> None:
    """Load a row into a snapshot and into a log."""
    with tables.loading() as transaction:
        transaction.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5)))
        transaction.settle(CUSTOMERS)
        transaction.stage(ORDERS, batches(ORDERS, ("ann", 1.5)))
        transaction.settle(ORDERS)


def indexes(warehouse: Warehouse, table: str) -> list[str]:
    """Return method and columns of each index."""
    return [row[0] for row in warehouse.rows(INDEXES, {"table": table})]


def test_a_log_is_looked_up_by_customer_and_time(
    warehouse: Warehouse, tables: WarehouseDeclaredTables
) -> None:
    """A snapshot by its customer; loaded again, neither has more of them."""
    for _ in range(2):
        load(tables)

        assert ["brin (loaded_at)", "btree (customer_id)"] == indexes(warehouse, "shop__customers")
        assert ["brin (loaded_at)", "btree (customer_id, ordered_at)"] == indexes(
            warehouse, "shop__orders"
        )


def test_a_log_made_before_is_mended_when_it_is_loaded(
    warehouse: Warehouse, tables: WarehouseDeclaredTables
) -> None:
    """What it had by customer alone goes: the wider one serves as well."""
    load(tables)
    warehouse.execute("drop index raw.shop__orders_customer_id_ordered_at_idx")
    warehouse.execute(BEFORE)
    assert ["brin (loaded_at)", "btree (customer_id)"] == indexes(warehouse, "shop__orders")
    load(tables)

    assert ["brin (loaded_at)", "btree (customer_id, ordered_at)"] == indexes(
        warehouse, "shop__orders"
    )
