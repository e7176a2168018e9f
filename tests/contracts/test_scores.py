"""Score runs of the warehouse and those in memory, held to the same contract."""

from datetime import date

import pyarrow as pa
import pytest

from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.publishable import Unfit
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.testing.contracts.scores.scores import ScoresContract
from pipelines.testing.scores import MemoryScores


class TestMemoryScores(ScoresContract[MemoryScores]):
    """The double."""

    @pytest.fixture
    def scores(self) -> MemoryScores:
        """Runs in memory."""
        return MemoryScores()

    def customers(self, scores: MemoryScores, run: ScoreRun) -> list[str]:
        """Look at the list of the run."""
        return sorted(scores.lists[run.run_id]["customer_id"].to_pylist())

    def lose_a_row(self, scores: MemoryScores, run: ScoreRun) -> None:
        """Cut the table."""
        scores.lists[run.run_id] = scores.lists[run.run_id].slice(1)

    def change_a_row(self, scores: MemoryScores, run: ScoreRun) -> None:
        """Give both the same."""
        table = scores.lists[run.run_id]
        at = table.column_names.index("churn_probability")
        scores.lists[run.run_id] = table.set_column(at, table.field(at), pa.array([0.2, 0.2]))

    def scores_gate_looked(self, scores: MemoryScores, run: ScoreRun, *, is_passed: bool) -> None:
        """Add the run to those that passed."""
        if is_passed:
            scores.passed.add(run.run_id)

    def sources_gate_refused(self, scores: MemoryScores, population: str, as_of: date) -> None:
        """Say what speaks against the runs of the night."""
        for run in scores.runs(population):
            if run.as_of == as_of:
                reason = f"the sources gate refused {population} {as_of}"
                scores.faults[run.run_id] = Unfit(reason, "gate sources")


class TestWarehouseScores(ScoresContract[WarehouseScores]):
    """The tables churn.score_runs and churn.scores."""

    @pytest.fixture
    def scores(self, warehouse: Warehouse) -> WarehouseScores:
        """Runs of a database."""
        return WarehouseScores(warehouse)

    def customers(self, scores: WarehouseScores, run: ScoreRun) -> list[str]:
        """Look at the table."""
        rows = scores.warehouse.rows(
            "select customer_id from churn.scores where run_id = :run order by 1",
            {"run": run.run_id},
        )

        return [row.customer_id for row in rows]

    def lose_a_row(self, scores: WarehouseScores, run: ScoreRun) -> None:
        """Delete it."""
        deleted = scores.warehouse.execute(
            "delete from churn.scores where run_id = :run and customer_id = 'C1'",
            {"run": run.run_id},
        )
        assert 1 == deleted

    def change_a_row(self, scores: WarehouseScores, run: ScoreRun) -> None:
        """Update it."""
        updated = scores.warehouse.execute(
            "update churn.scores set churn_probability = 0.2 "
            "where run_id = :run and customer_id = 'C1'",
            {"run": run.run_id},
        )
        assert 1 == updated

    def scores_gate_looked(
        self, scores: WarehouseScores, run: ScoreRun, *, is_passed: bool
    ) -> None:
        """Add the result that decides, and a warning, which does not."""
        for severity, is_met in (("fail", is_passed), ("warn", False)):
            _look(
                scores.warehouse,
                {
                    "population": run.population,
                    "as_of": run.as_of,
                    "gate": "scores",
                    "run_id": run.run_id,
                    "severity": severity,
                    "is_passed": is_met,
                },
            )

    def sources_gate_refused(self, scores: WarehouseScores, population: str, as_of: date) -> None:
        """Add a result that stops the night."""
        _look(
            scores.warehouse,
            {
                "population": population,
                "as_of": as_of,
                "gate": "sources",
                "run_id": None,
                "severity": "fail",
                "is_passed": False,
            },
        )


def _look(warehouse: Warehouse, result: dict[str, object]) -> None:
    """Add what a gate found of one check."""
    warehouse.execute(
        "insert into churn.gate_results "
        "(population, as_of, gate, run_id, subject, expectation, severity, is_passed, owner) "
        "values (:population, :as_of, :gate, :run_id, 's', 'e', :severity, :is_passed, 'data')",
        result,
    )
