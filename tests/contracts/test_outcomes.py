"""Outcomes of lists in the warehouse and in memory, held to the same contract."""

from collections.abc import Mapping
from datetime import date, timedelta

import pyarrow as pa
import pytest

from pipelines.adapters.tables.outcomes import WarehouseOutcomes
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.performance import MaturedList
from pipelines.errors import FeaturesMissing
from pipelines.testing.contracts.outcomes import (
    DUE,
    LABEL_DAYS,
    POPULATION,
    OutcomesContract,
    probability,
)
from pipelines.testing.outcomes import MemoryOutcomes

TEXTS = ("risk_tier", "recommended_action", "reason_1", "reason_2", "reason_3")


class TestMemoryOutcomes(OutcomesContract[MemoryOutcomes]):
    """The double."""

    @pytest.fixture
    def outcomes(self) -> MemoryOutcomes:
        """No list yet."""
        return MemoryOutcomes(label_days=LABEL_DAYS)

    def publish(
        self, outcomes: MemoryOutcomes, score_date: date, customers: list[str]
    ) -> MaturedList:
        """Put a list in the place of the one of its date, with the labels that are known."""
        run_id = 1 + max((known.run_id for known in outcomes.lists), default=0)
        left: dict[str, bool | None] = {}
        for known in [*outcomes.lists]:
            if known.score_date == score_date:
                names, _, _, labels = outcomes.lists.pop(known).to_pydict().values()
                left = dict(zip(names, labels, strict=True))
        matured = MaturedList(score_date, run_id, 4)
        outcomes.lists[matured] = _labelled(customers, left)

        return matured

    def forget(self, outcomes: MemoryOutcomes, matured: MaturedList) -> None:
        """Leave nobody."""
        outcomes.lists[matured] = _labelled([], {})

    def label(
        self, outcomes: MemoryOutcomes, score_date: date, left: Mapping[str, bool | None]
    ) -> None:
        """Fill the column in."""
        for matured, table in outcomes.lists.items():
            if matured.score_date == score_date:
                outcomes.lists[matured] = _labelled(table["customer_id"].to_pylist(), left)


def _labelled(customers: list[str], left: Mapping[str, bool | None]) -> pa.Table:
    """Return a list beside its labels."""
    names = sorted(customers)

    return pa.table(
        {
            "customer_id": pa.array(names, pa.string()),
            "churn_probability": pa.array(map(probability, names), pa.float64()),
            "risk_tier": pa.array(["low"] * len(names), pa.string()),
            "is_churned": pa.array([left.get(name) for name in names], pa.bool_()),
        }
    )


class TestWarehouseOutcomes(OutcomesContract[WarehouseOutcomes]):
    """The tables churn.outcomes and churn.model_performance, beside the labels."""

    @pytest.fixture
    def outcomes(self, warehouse: Warehouse) -> WarehouseOutcomes:
        """A database with an empty table of labels."""
        warehouse.execute(
            "create table analytics.fct_churn_labels "
            "(as_of date, customer_id text, is_churned boolean, label_due_at date)"
        )

        return WarehouseOutcomes(warehouse, "analytics", "fct_churn_labels")

    def publish(
        self, outcomes: WarehouseOutcomes, score_date: date, customers: list[str]
    ) -> MaturedList:
        """Stage and publish it."""
        scores = WarehouseScores(outcomes.warehouse)
        rows = len(customers)
        table = {
            "customer_id": pa.array(customers, pa.string()),
            "churn_probability": pa.array(map(probability, customers), pa.float64()),
            **{name: pa.array(["low"] * rows, pa.string()) for name in TEXTS},
            "reasons": pa.nulls(rows, pa.string()),
        }
        run = scores.stage(
            population=POPULATION,
            as_of=score_date,
            model_name="churn-subscribers",
            model_version=4,
            contract_fingerprint="abc",
            batches=pa.table(table).to_batches(),
        )
        scores.publish(run)

        return MaturedList(score_date, run.run_id, 4)

    def forget(self, outcomes: WarehouseOutcomes, matured: MaturedList) -> None:
        """Delete them."""
        run = {"run": matured.run_id}
        assert outcomes.warehouse.execute("delete from churn.scores where run_id = :run", run) > 0

    def label(
        self, outcomes: WarehouseOutcomes, score_date: date, left: Mapping[str, bool | None]
    ) -> None:
        """Insert the labels."""
        for name, is_churned in left.items():
            outcomes.warehouse.execute(
                "insert into analytics.fct_churn_labels values (:as_of, :name, :churned, :due)",
                {
                    "as_of": score_date,
                    "name": name,
                    "churned": is_churned,
                    "due": score_date + timedelta(days=LABEL_DAYS),
                },
            )

    def test_labels_that_were_never_built_are_named(self, warehouse: Warehouse) -> None:
        """The table is not there before the first build of features."""
        with pytest.raises(FeaturesMissing, match="labels of subscribers were never built"):
            WarehouseOutcomes(warehouse, "analytics", "fct_labels").due(POPULATION, DUE)
