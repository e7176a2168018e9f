"""The numbers of nights in the warehouse and in memory, held to the same contract."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.adapters.gates.docs_folder import DataDocsFolder
from pipelines.adapters.tables.nights import WarehouseNights
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.report import ListSummary
from pipelines.testing.contracts.nights.nights import NightsContract
from pipelines.testing.nights import TIERS, MemoryNights


class TestMemoryNights(NightsContract[MemoryNights]):
    """The double."""

    @pytest.fixture
    def nights(self) -> MemoryNights:
        """No night yet."""
        return MemoryNights()

    def published(self, nights: MemoryNights, population: str, as_of: date) -> None:
        """Give the night a list."""
        tonight = ListSummary(
            as_of, f"churn-{population}", 4, {"low": 1, "high": 1}, {"low": 0.2, "high": 0.8}
        )
        night = replace(nights.summary(population, as_of), tonight=tonight)
        nights.summaries[population, as_of] = night


class TestWarehouseNights(NightsContract[WarehouseNights]):
    """What the warehouse adds up."""

    @pytest.fixture
    def nights(self, warehouse: Warehouse, tmp_path: Path) -> WarehouseNights:
        """A database without a night."""
        return WarehouseNights(warehouse, DataDocsFolder(tmp_path), TIERS)

    def published(self, nights: WarehouseNights, population: str, as_of: date) -> None:
        """Stage and publish two customers."""
        scores = WarehouseScores(nights.warehouse)
        rows = {
            "customer_id": ["C1", "C2"],
            "churn_probability": [0.25, 0.75],
            "risk_tier": ["low", "high"],
            "recommended_action": ["none", "call"],
            **{f"reason_{rank}": pa.nulls(2, pa.string()) for rank in (1, 2, 3)},
            "reasons": pa.nulls(2, pa.string()),
        }
        run = scores.stage(
            population=population,
            as_of=as_of,
            model_name=f"churn-{population}",
            model_version=4,
            contract_fingerprint="abc",
            batches=pa.table(rows).to_batches(),
        )
        scores.publish(run)
