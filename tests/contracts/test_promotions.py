"""Decisions about champions in the warehouse and in memory, held to the same contract."""

import pytest

from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.models import Promotions
from pipelines.testing.contracts.models.promotions import PromotionsContract
from pipelines.testing.models import MemoryPromotions


class TestMemoryPromotions(PromotionsContract):
    """The double."""

    @pytest.fixture
    def record(self) -> Promotions:
        """No decision yet."""
        return MemoryPromotions()


class TestWarehousePromotions(PromotionsContract):
    """The table churn.model_promotions."""

    @pytest.fixture
    def record(self, warehouse: Warehouse) -> Promotions:
        """A database without a decision."""
        return WarehousePromotions(warehouse)
