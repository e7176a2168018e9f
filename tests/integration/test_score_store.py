"""Runs are staged out of sight and published whole; a repeated list changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pyarrow as pa
import pytest

from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import NothingStaged, RunLocked
from pipelines.steps.night.publish import publish

NIGHT = date(2026, 3, 1)


def batch(probability: float, customers: int = 5) -> pa.RecordBatch:
    """Return scores as `score_batch` does."""
    return pa.RecordBatch.from_pydict(
        {
            "customer_id": [f"C{number}" for number in range(customers)],
            "churn_probability": [probability] * customers,
            "risk_tier": ["low"] * customers,
            "recommended_action": ["none"] * customers,
            "reason_1": ["Tickets: 4"] * customers,
            "reason_2": pa.nulls(customers, pa.string()),
            "reason_3": pa.nulls(customers, pa.string()),
            "reasons": pa.array(['{"base": -1.5}'] * customers, pa.string()),
        }
    )


def stage(scores: WarehouseScores, probability: float, *, is_passed: bool = True) -> ScoreRun:
    """Stage a list of five and record what its gate said."""
    run = scores.stage(
        population="subscribers",
        as_of=NIGHT,
        model_name="churn-subscribers",
        model_version=1,
        contract_fingerprint="abc",
        batches=[batch(probability, 3), batch(probability, 0)],
    )
    scores.warehouse.execute(
        "insert into churn.gate_results "
        "(population, as_of, gate, run_id, subject, expectation, severity, is_passed, owner) "
        "values ('subscribers', :night, 'scores', :run, 's', 'e', 'fail', :is_passed, 'data')",
        {"night": NIGHT, "run": run.run_id, "is_passed": is_passed},
    )

    return run


def flip(warehouse: Warehouse) -> ScoreRun:
    """Publish what is staged."""
    return publish(
        population="subscribers", as_of=NIGHT, scores=WarehouseScores(warehouse), locks=warehouse
    )


def test_a_staged_list_is_invisible_until_it_is_published(warehouse: Warehouse) -> None:
    """Readers of scores_current see nothing, then everything."""
    stage(WarehouseScores(warehouse), 0.1)
    assert [(0,)] == warehouse.rows("select count(*) from churn.scores_current")

    flip(warehouse)
    assert [(3, 0.1)] == warehouse.rows(
        "select count(*), max(churn_probability) from churn.scores_current"
    )


def test_the_same_list_again_changes_nothing(warehouse: Warehouse) -> None:
    """The second run is dropped with its rows, and the first stays what people see."""
    scores = WarehouseScores(warehouse)
    first = stage(scores, 0.1)
    flip(warehouse)
    second = stage(scores, 0.1)

    assert first.scores_hash == second.scores_hash
    assert first.run_id == flip(warehouse).run_id
    assert [("published", 1), ("rejected", 1)] == warehouse.rows(
        "select status, count(*) from churn.score_runs group by status order by status"
    )
    assert [(3,)] == warehouse.rows("select count(*) from churn.scores")


def test_another_list_supersedes_the_first(warehouse: Warehouse) -> None:
    """A re-score with other results becomes the list, and the earlier run is kept."""
    scores = WarehouseScores(warehouse)
    first = stage(scores, 0.1)
    flip(warehouse)
    second = stage(scores, 0.2)

    assert second.run_id == flip(warehouse).run_id
    assert "superseded" == scores.run(first.run_id).status
    assert [(0.2,)] == warehouse.rows("select distinct churn_probability from churn.scores_current")


def test_publishing_again_with_nothing_staged_is_done_already(warehouse: Warehouse) -> None:
    """A retry after the commit finds the work done."""
    stage(WarehouseScores(warehouse), 0.1)

    assert flip(warehouse).run_id == flip(warehouse).run_id


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_list_its_gate_did_not_pass_is_not_published(
    warehouse: Warehouse, *, is_checked: bool
) -> None:
    """A failed gate, and a gate that was never run, both hold the list."""
    stage(WarehouseScores(warehouse), 0.1, is_passed=False)
    if not is_checked:
        warehouse.execute("delete from churn.gate_results")

    with pytest.raises(NothingStaged, match="has not passed the scores gate"):
        flip(warehouse)
    assert [(0,)] == warehouse.rows("select count(*) from churn.scores_current")


def test_one_writer_at_a_time(warehouse: Warehouse) -> None:
    """While somebody else writes, publishing is refused with the code for 'try again'."""
    stage(WarehouseScores(warehouse), 0.1)

    with (
        warehouse.lock("writer of subscribers"),
        pytest.raises(RunLocked, match="there can be one writer of subscribers at a time"),
    ):
        flip(warehouse)


def test_the_database_allows_one_published_run_a_day(warehouse: Warehouse) -> None:
    """Even code that forgets to supersede cannot publish two."""
    scores = WarehouseScores(warehouse)
    stage(scores, 0.1)
    flip(warehouse)
    second = stage(scores, 0.2)

    with (
        psycopg.connect(warehouse.url) as connection,
        pytest.raises(psycopg.errors.UniqueViolation),
    ):
        connection.execute(
            "update churn.score_runs set status = 'published' where run_id = %s", [second.run_id]
        )


def test_a_new_month_waits_for_no_reader(warehouse: Warehouse) -> None:
    """A long query stops neither the first list of a month nor those who read beside it."""
    with psycopg.connect(warehouse.url) as reading:
        assert reading.execute("select * from churn.scores").fetchall() == []
        with psycopg.connect(warehouse.url) as writing:
            writing.execute("set lock_timeout = '2s'")
            for as_of in (NIGHT, NIGHT, date(2026, 3, 31)):
                writing.execute("select churn.make_scores_partition(%s)", [as_of])
            with psycopg.connect(warehouse.url) as beside:
                beside.execute("set lock_timeout = '2s'")
                assert beside.execute("select * from churn.scores").fetchall() == []

    stage(WarehouseScores(warehouse), 0.1)
    assert [("scores_2026_03", 3)] == warehouse.rows(
        "select tableoid::regclass::text, count(*) from churn.scores group by 1"
    )


def test_a_month_of_scores_is_made_once(warehouse: Warehouse) -> None:
    """Two populations that begin a month at the same moment do not get in each other's way."""
    with ThreadPoolExecutor() as threads:
        made = threads.map(warehouse.rows, ["select churn.make_scores_partition('2026-04-01')"] * 8)
        assert 8 == len(list(made))
