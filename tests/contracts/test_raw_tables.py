"""The raw tables of the warehouse and those in memory, held to the same contract."""

import pytest

from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.testing.contracts.records.raw_tables import RawTablesContract
from pipelines.testing.records import MemoryRawTables


class TestMemoryRawTables(RawTablesContract[MemoryRawTables]):
    """The double."""

    @pytest.fixture
    def raw(self) -> MemoryRawTables:
        """No row yet."""
        return MemoryRawTables()

    def erased(self, raw: MemoryRawTables, customer_id: str) -> None:
        """Add the digest."""
        raw.tombstones.add(customer_sha256(customer_id))


class TestWarehouseRawTables(RawTablesContract[WarehouseRawTables]):
    """The schema raw."""

    @pytest.fixture
    def raw(self, warehouse: Warehouse) -> WarehouseRawTables:
        """Tables of an empty database."""
        return WarehouseRawTables(warehouse)

    def erased(self, raw: WarehouseRawTables, customer_id: str) -> None:
        """Insert the digest, for an entry of the audit trail that nobody reads here."""
        raw.warehouse.execute(
            "insert into churn.erasures (customer_sha256, audit_id) values (:sha256, 1)",
            {"sha256": customer_sha256(customer_id)},
        )
