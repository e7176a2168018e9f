"""Refused rows of the warehouse and in memory, held to the same contract."""

from datetime import UTC, datetime

import pytest

from pipelines.adapters.loads.refused_rows import WarehouseRefusedRows
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.testing.contracts.nights.refused_rows import RefusedRowsContract
from pipelines.testing.nights import MemoryRefusedRows


class TestMemoryRefusedRows(RefusedRowsContract[MemoryRefusedRows]):
    """The double."""

    @pytest.fixture
    def refused(self) -> MemoryRefusedRows:
        """Nothing yet."""
        return MemoryRefusedRows()

    def refuse(self, refused: MemoryRefusedRows, at: datetime) -> None:
        """Remember when."""
        refused.refused_at.append(at)

    def times(self, refused: MemoryRefusedRows) -> list[datetime]:
        """Look at what it holds."""
        return sorted(refused.refused_at)


class TestWarehouseRefusedRows(RefusedRowsContract[WarehouseRefusedRows]):
    """The table raw.quarantine."""

    @pytest.fixture
    def refused(self, warehouse: Warehouse) -> WarehouseRefusedRows:
        """Without a row."""
        return WarehouseRefusedRows(warehouse)

    def refuse(self, refused: WarehouseRefusedRows, at: datetime) -> None:
        """Insert a row."""
        refused.warehouse.execute(
            "insert into raw.quarantine (source, raw_table, reason, loaded_at) "
            "values ('shop', 'shop__orders', 'no date', :at)",
            {"at": at},
        )

    def times(self, refused: WarehouseRefusedRows) -> list[datetime]:
        """Ask the table."""
        rows = refused.warehouse.rows("select loaded_at from raw.quarantine order by loaded_at")

        return [row.loaded_at.astimezone(UTC) for row in rows]
