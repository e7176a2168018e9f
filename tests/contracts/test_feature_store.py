"""Features in the warehouse and in memory, held to the same contract."""

from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.sections import Population
from pipelines.testing.contracts.features.feature_store import (
    LABEL_DAYS,
    POPULATION,
    FeatureStoreContract,
)
from pipelines.testing.features import MemoryFeatures

FEATURES, LABELS = "fct_customer_features", "fct_churn_labels"


class TestMemoryFeatures(FeatureStoreContract[MemoryFeatures]):
    """The double."""

    @pytest.fixture
    def store(self) -> MemoryFeatures:
        """No date yet."""
        return MemoryFeatures(label_days=LABEL_DAYS)

    @pytest.fixture
    def told_at_once(self) -> MemoryFeatures:
        """Of customers whose source says who has left."""
        return MemoryFeatures(label_days=0)

    def build(self, store: MemoryFeatures, as_of: date, table: pa.Table) -> None:
        """Keep the table."""
        store.tables[as_of] = table


class TestWarehouseFeatures(FeatureStoreContract[WarehouseFeatures]):
    """Feature and label tables, churn.feature_builds and churn.feature_contracts."""

    @pytest.fixture
    def store(self, warehouse: Warehouse) -> WarehouseFeatures:
        """A database with empty tables."""
        warehouse.execute(
            f"create table analytics.{FEATURES} (as_of date, customer_id text, "
            "fee_eur double precision, plan text, is_autopay boolean)"
        )
        warehouse.execute(
            f"create table analytics.{LABELS} (as_of date, customer_id text, "
            "is_churned boolean, label_due_at date)"
        )
        population = Population(feature_model=FEATURES, label_model=LABELS, sources=())

        return WarehouseFeatures(warehouse, "analytics", {POPULATION: population})

    @pytest.fixture
    def told_at_once(self, store: WarehouseFeatures) -> WarehouseFeatures:
        """The same tables, of customers whose source says who has left."""
        population = store.populations[POPULATION].model_copy(update={"horizon_days": 0})

        return replace(store, populations={POPULATION: population})

    def build(self, store: WarehouseFeatures, as_of: date, table: pa.Table) -> None:
        """Delete and insert."""
        for name in (FEATURES, LABELS):
            store.warehouse.execute(
                f"delete from analytics.{name} where as_of = :as_of", {"as_of": as_of}
            )
        due = as_of + timedelta(days=LABEL_DAYS)
        days = {
            name: pa.repeat(pa.scalar(day, pa.date32()), table.num_rows)
            for name, day in (("as_of", as_of), ("label_due_at", due))
        }
        features = table.drop(["is_churned"]).append_column("as_of", days["as_of"])
        labels = table.select(["customer_id", "is_churned"])
        for name, column in days.items():
            labels = labels.append_column(name, column)
        store.warehouse.ingest("analytics", {FEATURES: features, LABELS: labels})
