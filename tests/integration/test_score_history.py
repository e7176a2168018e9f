"""Forgetting old lists, and returning to one while somebody writes."""

from datetime import date

import psycopg
import pyarrow as pa
import pytest

from pipelines.adapters.tables.score_history import ScoreHistory
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import RunLocked
from pipelines.steps.night.score_history import rollback_scores

NIGHT = date(2026, 3, 1)


def put(warehouse: Warehouse, as_of: date, probability: float, population: str = "ours") -> int:
    """Publish a list of two customers; return its run."""
    scores = WarehouseScores(warehouse)
    batch = pa.RecordBatch.from_pydict(
        {
            "customer_id": ["C1", "C2"],
            "churn_probability": [probability] * 2,
            "risk_tier": ["low"] * 2,
            "recommended_action": ["none"] * 2,
            **{f"reason_{number}": pa.nulls(2, pa.string()) for number in (1, 2, 3)},
            "reasons": pa.nulls(2, pa.string()),
        }
    )
    run = scores.stage(
        population=population,
        as_of=as_of,
        model_name="churn-ours",
        model_version=1,
        contract_fingerprint="abc",
        batches=[batch],
    )
    scores.publish(run)

    return run.run_id


def back(warehouse: Warehouse) -> int:
    """Return to the earlier list of the night."""
    return rollback_scores(
        population="ours", as_of=NIGHT, history=ScoreHistory(warehouse), locks=warehouse
    )


def seen(warehouse: Warehouse, as_of: date = NIGHT) -> set[float]:
    """Return the probabilities people see."""
    rows = warehouse.rows(
        "select churn_probability from churn.scores_published where score_date = :day",
        {"day": as_of},
    )

    return {row[0] for row in rows}


def test_a_rollback_waits_for_writers(warehouse: Warehouse) -> None:
    """While somebody writes, the exit code says try again."""
    put(warehouse, NIGHT, 0.1)
    put(warehouse, NIGHT, 0.2)
    with warehouse.lock("writer of ours"), pytest.raises(RunLocked):
        back(warehouse)

    assert {0.2} == seen(warehouse)


def test_pruning_keeps_what_is_recent_and_each_last_list(warehouse: Warehouse) -> None:
    """Old dates go with their partitions; the last list of a population stays, however old."""
    for day in (date(2025, 1, 10), date(2025, 2, 10), date(2026, 2, 28), NIGHT):
        put(warehouse, day, 0.1)
    put(warehouse, date(2025, 2, 10), 0.3, population="theirs")

    assert 4 == ScoreHistory(warehouse).forget(date(2026, 1, 1))
    assert [] == sorted(seen(warehouse, date(2025, 1, 10)))
    assert {0.3} == seen(warehouse, date(2025, 2, 10))
    assert {0.1} == seen(warehouse, date(2026, 2, 28)) == seen(warehouse)
    left = warehouse.rows("select relname from pg_class where relname ~ '^scores_.*[0-9]$'")
    assert {"scores_2025_02", "scores_2026_02", "scores_2026_03"} == {row[0] for row in left}
    assert 5 == len(warehouse.rows("select from churn.score_runs"))
    assert 0 == ScoreHistory(warehouse).forget(date(2026, 1, 1))


def test_pruning_waits_for_no_reader(warehouse: Warehouse) -> None:
    """While somebody reads, scores go and their empty month stays until the next time."""
    month = "select to_regclass('churn.scores_2025_01')::text"
    put(warehouse, date(2025, 1, 10), 0.1)
    put(warehouse, NIGHT, 0.1)
    with psycopg.connect(warehouse.url) as reading:
        reading.execute("select * from churn.scores")
        assert 2 == ScoreHistory(warehouse).forget(date(2026, 1, 1))
        assert [("scores_2025_01",)] == warehouse.rows(month)

    assert 0 == ScoreHistory(warehouse).forget(date(2026, 1, 1))
    assert [(None,)] == warehouse.rows(month)


def test_a_forgotten_date_can_be_scored_again(warehouse: Warehouse) -> None:
    """A dropped partition comes back when it is needed."""
    put(warehouse, date(2025, 1, 10), 0.1)
    put(warehouse, NIGHT, 0.1)
    ScoreHistory(warehouse).forget(date(2026, 1, 1))

    put(warehouse, date(2025, 1, 10), 0.4)
    assert {0.4} == seen(warehouse, date(2025, 1, 10))
