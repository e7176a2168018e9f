"""Decisions whether a model is trained in the warehouse and in memory, and what came of them."""

from dataclasses import replace
from datetime import date

import pytest

from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.tables.retrainings import WarehouseRetrainings
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.retraining import Retrainings
from pipelines.domain.training.promotion import Promotion
from pipelines.testing.contracts.retrainings import STARTED, WAITED, RetrainingsContract
from pipelines.testing.retraining import MemoryRetrainings

MEASURED = """
insert into churn.model_performance
  (population, score_date, model_version, metric, value, customers, churners, measured_as_of)
values
  ('subscribers', :score_date, :version, 'auc', :auc, 1000, 100, :score_date),
  ('subscribers', :score_date, :version, 'observed_to_expected', :ratio, 1000, 100, :score_date)
"""


class TestMemoryRetrainings(RetrainingsContract):
    """The double."""

    @pytest.fixture
    def record(self) -> Retrainings:
        """No decision yet."""
        return MemoryRetrainings()


class TestWarehouseRetrainings(RetrainingsContract):
    """The table churn.retraining_decisions, and the view churn.retrainings."""

    @pytest.fixture
    def record(self, warehouse: Warehouse) -> Retrainings:
        """A database without a decision."""
        return WarehouseRetrainings(warehouse)

    def test_what_a_training_brought_is_a_query(
        self, record: Retrainings, warehouse: Warehouse
    ) -> None:
        """Why it began, which model came of it and when, and how lists were before and after."""
        later = replace(STARTED, as_of=date(2026, 4, 1), model_version=5)
        for decision in (STARTED, WAITED, later):
            record.record(decision)
        lists = (
            *(("2026-02-01", 4, 0.80, 0.9), ("2026-02-20", 4, 0.81, 0.45)),
            *(("2026-03-02", 4, 0.70, 0.3), ("2026-03-05", 5, 0.84, 1.1)),
            ("2026-03-06", 5, 0.60, 0.2),
        )
        for score_date, version, auc, ratio in lists:
            warehouse.execute(
                MEASURED,
                {"score_date": score_date, "version": version, "auc": auc, "ratio": ratio},
            )
        promotion = Promotion(
            population="subscribers",
            as_of=date(2026, 3, 4),
            champion_version=4,
            challenger_version=5,
            is_promoted=True,
            reason="better",
        )
        promotions = WarehousePromotions(warehouse)
        promotions.record(replace(promotion, as_of=date(2026, 3, 3), is_promoted=False))
        promotions.record(promotion)
        rows = warehouse.rows(
            "select started_as_of, causes, from_version, to_version, outcome, days_until_judged, "
            "auc_before, auc_after, observed_to_expected_before, observed_to_expected_after, "
            "is_closer_to_expected from churn.retrainings order by started_as_of"
        )

        unknown = (None, 0.60, None, 0.2, None, None)
        assert [
            (STARTED.as_of, [*STARTED.causes], 4, 5, "promoted", 3, *(0.81, 0.84, 0.45, 1.1, True)),
            (later.as_of, [*later.causes], 5, None, "nothing judged yet", *unknown),
        ] == [tuple(row) for row in rows]
