"""Earlier nights of the warehouse and in memory, held to the same contract."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pytest

from pipelines.adapters.tables.gate_history import WarehouseGateHistory
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.gates.history import Observation
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.testing.contracts.gates.gate_history import (
    NIGHT,
    POPULATION,
    GateHistoryContract,
)
from pipelines.testing.contracts.scores.lists import batch, stage
from pipelines.testing.gates import MemoryGateHistory
from pipelines.testing.scores import MemoryScores


class TestMemoryGateHistory(GateHistoryContract[MemoryGateHistory]):
    """The double."""

    @pytest.fixture
    def history(self) -> MemoryGateHistory:
        """No night yet."""
        return MemoryGateHistory(arrived={"usage_events": ()})

    def looked(
        self,
        history: MemoryGateHistory,
        gate: str,
        observations: Sequence[Observation],
        *,
        population: str = POPULATION,
        is_passed: bool = True,
        run: ScoreRun | None = None,  # noqa: ARG002  observations say which model
    ) -> None:
        """Put them in the place of those of the same night."""
        key, nights = (gate, population), {item.as_of for item in observations}
        kept = [item for item in history.observed.get(key, ()) if item.as_of not in nights]
        history.observed = {**history.observed, key: [*kept, *(observations if is_passed else ())]}

    def arrived(self, history: MemoryGateHistory, days: Sequence[int]) -> None:
        """Say how many."""
        history.arrived = {"usage_events": days}

    def published(
        self, history: MemoryGateHistory, as_of: date, *, population: str = POPULATION
    ) -> ScoreRun:
        """Add the run, in the place of the one of its date."""
        run = stage(MemoryScores(), batch({"C1": 0.1}), population=population, as_of=as_of)
        run = replace(run, run_id=len(history.lists) + 1, status="published")
        night = (population, as_of)
        kept = [known for known in history.lists if (known.population, known.as_of) != night]
        history.lists = [*kept, run]

        return run


class TestWarehouseGateHistory(GateHistoryContract[WarehouseGateHistory]):
    """The tables churn.gate_results and churn.score_runs, and the raw tables."""

    @pytest.fixture
    def history(self, warehouse: Warehouse) -> WarehouseGateHistory:
        """A database without a night."""
        return WarehouseGateHistory(warehouse)

    def looked(
        self,
        history: WarehouseGateHistory,
        gate: str,
        observations: Sequence[Observation],
        *,
        population: str = POPULATION,
        is_passed: bool = True,
        run: ScoreRun | None = None,
    ) -> None:
        """Add them, each with the same warning twice as strict, and the check that decides."""
        results = [
            (item.subject, severity, severity == "fail", _expected(item), {"value": item.value})
            for item in observations
            for severity in ("fail", "warn")
        ]
        results.append(("raw.usage_events", "fail", is_passed, {}, {"value": 1}))
        with history.warehouse.begin() as connection:
            for subject, severity, is_met, expected, observed in results:
                connection.exec_driver_sql(
                    "insert into churn.gate_results (population, as_of, gate, run_id, subject, "
                    "expectation, severity, is_passed, expected, observed, owner) "
                    "values (%s, %s, %s, %s, %s, 'e', %s, %s, %s, %s, 'data')",
                    (
                        *(population, observations[0].as_of, gate, run and run.run_id, subject),
                        *(severity, is_met, json.dumps(expected), json.dumps(observed)),
                    ),
                )

    def arrived(self, history: WarehouseGateHistory, days: Sequence[int]) -> None:
        """Insert them, an hour after each day began."""
        for day, rows in enumerate(days, start=1):
            _arrive(history, *[_midnight(NIGHT) - timedelta(days=day) + timedelta(hours=1)] * rows)

    def published(
        self, history: WarehouseGateHistory, as_of: date, *, population: str = POPULATION
    ) -> ScoreRun:
        """Stage and publish it."""
        scores = WarehouseScores(history.warehouse)
        scores.publish(stage(scores, batch({"C1": 0.1}), population=population, as_of=as_of))
        run = scores.published(population, as_of)
        assert run is not None

        return run

    def test_a_day_begins_at_midnight_and_ends_before_the_next(
        self, history: WarehouseGateHistory
    ) -> None:
        """In UTC; what became known when the night begins is not known to it."""
        instant = timedelta(microseconds=1)
        edges = [_midnight(NIGHT) - timedelta(days=days) for days in (0, 1, 2)]
        _arrive(history, *edges, edges[0] - instant, edges[1] - instant, edges[2] - instant)

        assert [2] == history.arrivals("raw", "usage_events", NIGHT, 1)
        assert [2, 2, 1] == history.arrivals("raw", "usage_events", NIGHT, 3)


def _expected(item: Observation) -> dict[str, str]:
    """Return what a check says that its number is."""
    return {"measure": item.quantity}


def _midnight(day: date) -> datetime:
    """Return 00:00 UTC of *day*."""
    return datetime.combine(day, time(), UTC)


def _arrive(history: WarehouseGateHistory, *instants: datetime) -> None:
    """Insert a usage event for each instant at which one became known."""
    times = pa.array(instants, pa.timestamp("us", "UTC"))
    events = {"event_id": ["e"] * len(instants), "customer_id": ["c"] * len(instants)}
    table = pa.table({**events, "occurred_at": times, "loaded_at": times})
    history.warehouse.ingest("raw", {"usage_events": table})
