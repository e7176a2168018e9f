"""Trials in the warehouse and in memory, held to the same contracts."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date

import pytest

from pipelines.adapters.service.pool import Pool
from pipelines.adapters.service.predictions import WarehousePredictions
from pipelines.adapters.tables.trials import WarehouseTrials
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.trials import TrialKey, TrialResult
from pipelines.testing.contracts.service.trials import (
    POPULATION,
    PredictionsContract,
    Said,
    TrialsContract,
)
from pipelines.testing.trials import MemoryTrials

PUBLISH = """
insert into churn.score_runs
  (population, as_of, model_name, model_version, contract_fingerprint, status, rows, scores_hash,
   published_at)
values (:population, :night, 'churn', 3, 'abc', 'published', 0, 'x', now())
"""
HAPPEN = """
insert into churn.outcomes
  (population, score_date, customer_id, run_id, churn_probability, is_churned)
select :population, :night, :customer_id, run_id, 0.5, :has_left
from churn.score_runs
where population = :population and as_of = :night
"""
RECORDED = """
select metric, customers, champion_value, challenger_value, difference, lower, upper, verdict
from churn.trial_results
where population = :population and salt = :salt and measured_as_of = :as_of
"""


class InMemory(Said[MemoryTrials]):
    """The double."""

    @pytest.fixture
    def trials(self) -> MemoryTrials:
        """Nothing was said yet."""
        return MemoryTrials()

    @contextlib.asynccontextmanager
    async def opened(self, trials: MemoryTrials) -> AsyncIterator[MemoryTrials]:
        """Nothing has to be opened."""
        yield trials

    def publish(self, trials: MemoryTrials, night: date) -> None:
        """Name the list."""
        trials.current = night

    def happen(self, trials: MemoryTrials, night: date, left: Mapping[str, bool]) -> None:
        """Keep who left."""
        trials.happened |= {(night, name): has_left for name, has_left in left.items()}


class InWarehouse(Said[WarehouseTrials]):
    """The tables, written by the role of the service and read by that of the night."""

    @pytest.fixture
    def trials(self, warehouse: Warehouse) -> Iterator[WarehouseTrials]:
        """Nothing was said yet."""
        self.owner = warehouse
        night = Warehouse(connection_options.configured(warehouse.url, role="churn_pipeline"))
        yield WarehouseTrials(night)
        night.engine.dispose()

    @contextlib.asynccontextmanager
    async def opened(self, trials: WarehouseTrials) -> AsyncIterator[WarehousePredictions]:
        """As churn_service, which may read none of it."""
        assert trials.warehouse.url != self.owner.url
        pool = Pool(connection_options.configured(self.owner.url, role="churn_service"), 2)
        await pool.open()
        try:
            yield WarehousePredictions(pool)
        finally:
            await pool.close()

    def publish(self, _trials: WarehouseTrials, night: date) -> None:
        """Have an empty list."""
        self.owner.execute(PUBLISH, {"population": POPULATION, "night": night})

    def happen(self, _trials: WarehouseTrials, night: date, left: Mapping[str, bool]) -> None:
        """Fill the table in."""
        for name, has_left in left.items():
            self.owner.execute(
                HAPPEN,
                {
                    "population": POPULATION,
                    "night": night,
                    "customer_id": name,
                    "has_left": has_left,
                },
            )


class TestMemoryPredictions(InMemory, PredictionsContract[MemoryTrials]):
    """The double."""


class TestWarehousePredictions(InWarehouse, PredictionsContract[WarehouseTrials]):
    """The function churn.record_predictions."""


class TestMemoryTrials(InMemory, TrialsContract[MemoryTrials]):
    """The double."""

    def recorded(self, trials: MemoryTrials, trial: TrialKey, as_of: date) -> list[TrialResult]:
        """What it keeps."""
        return trials.results.get((trial, as_of), [])


class TestWarehouseTrials(InWarehouse, TrialsContract[WarehouseTrials]):
    """The table churn.trial_results."""

    def recorded(self, _trials: WarehouseTrials, trial: TrialKey, as_of: date) -> list[TrialResult]:
        """What the table has."""
        rows = self.owner.rows(
            RECORDED, {"population": trial.population, "salt": trial.salt, "as_of": as_of}
        )

        return [TrialResult(**row._mapping) for row in rows]
