"""Erasing a customer from the warehouse and from memory, held to the same contract."""

from datetime import date

import pytest

from pipelines.adapters.tables.erasures import WarehouseErasures
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.records import Erasures, RawTables
from pipelines.testing.contracts.records.erasures import ErasuresContract
from pipelines.testing.records import MemoryErasures, MemoryRawTables


class TestMemoryErasures(ErasuresContract):
    """The double."""

    @pytest.fixture
    def raw(self) -> RawTables:
        """No row yet."""
        return MemoryRawTables()

    @pytest.fixture
    def erasures(self, raw: MemoryRawTables) -> Erasures:
        """Erases from them."""
        return MemoryErasures(raw, date(2026, 3, 2))


class TestWarehouseErasures(ErasuresContract):
    """Every table of the warehouse that knows customers."""

    @pytest.fixture
    def raw(self, warehouse: Warehouse) -> RawTables:
        """Tables of an empty database, and one that somebody added."""
        warehouse.execute(
            "create table raw.visits "
            "(customer_id text, visited_at timestamptz not null, loaded_at timestamptz not null)"
        )
        return WarehouseRawTables(warehouse)

    @pytest.fixture
    def erasures(self, warehouse: Warehouse) -> Erasures:
        """Erases from them."""
        return WarehouseErasures(warehouse, raw_schemas=["raw"], models_schema="analytics")
