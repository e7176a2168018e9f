"""The declared tables of the warehouse and those in memory, held to the same contracts."""

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.adapters.loads.declared_tables import WarehouseDeclaredTables
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.testing.contracts.records.declared_load import DeclaredLoadContract
from pipelines.testing.contracts.records.declared_tables import DeclaredTablesContract
from pipelines.testing.records import MemoryDeclaredTables, MemoryRawTables


class InMemory:
    """Fixtures of the doubles."""

    @pytest.fixture
    def raw(self) -> MemoryRawTables:
        """No row yet."""
        return MemoryRawTables()

    @pytest.fixture
    def tables(self, raw: MemoryRawTables) -> MemoryDeclaredTables:
        """No table yet."""
        return MemoryDeclaredTables(raw)


class InWarehouse:
    """Fixtures of an empty database, in which the loader works and its owner looks."""

    @pytest.fixture
    def raw(self, warehouse: Warehouse) -> WarehouseRawTables:
        """What is in it."""
        return WarehouseRawTables(warehouse)

    @pytest.fixture
    def tables(self, warehouse: Warehouse) -> Iterator[WarehouseDeclaredTables]:
        """As the role of `churn import`."""
        url = connection_options.configured(warehouse.url, role="churn_loader")
        loader = Warehouse(url)
        yield WarehouseDeclaredTables(loader)
        loader.engine.dispose()


class TestMemoryDeclaredTables(InMemory, DeclaredTablesContract):
    """The double."""


class TestWarehouseDeclaredTables(InWarehouse, DeclaredTablesContract):
    """The schema raw."""


class TestMemoryDeclaredLoad(InMemory, DeclaredLoadContract[MemoryDeclaredTables]):
    """The double."""

    def rows(self, tables: MemoryDeclaredTables, table: str) -> list[dict[str, Any]]:
        """Return the rows of the double."""
        if table == "quarantine":
            return tables.quarantine

        return list(tables.raw.tables[table].to_pylist())


class TestWarehouseDeclaredLoad(InWarehouse, DeclaredLoadContract[WarehouseDeclaredTables]):
    """The schema raw."""

    def rows(self, tables: WarehouseDeclaredTables, table: str) -> list[dict[str, Any]]:
        """Ask as whoever logs in, who owns the tables: the loader may not read them."""
        owner = Warehouse(tables.warehouse.url.partition("?")[0])
        try:
            return [dict(row._mapping) for row in owner.rows(f"select * from raw.{table}")]
        finally:
            owner.engine.dispose()
