"""The past of the warehouse's lists and of those in memory, held to the same contract."""

import pytest

from pipelines.adapters.tables.score_history import ScoreHistory
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.testing.contracts.scores.score_history import ScoreHistoryContract
from pipelines.testing.scores import MemoryScoreHistory, MemoryScores


class TestMemoryScoreHistory(ScoreHistoryContract[MemoryScores]):
    """The double."""

    @pytest.fixture
    def scores(self) -> MemoryScores:
        """Runs in memory."""
        return MemoryScores()

    @pytest.fixture
    def history(self, scores: MemoryScores) -> MemoryScoreHistory:
        """Their past."""
        return MemoryScoreHistory(scores)

    def lose_a_row(self, scores: MemoryScores, run: ScoreRun) -> None:
        """Cut the table."""
        scores.lists[run.run_id] = scores.lists[run.run_id].slice(1)


class TestWarehouseScoreHistory(ScoreHistoryContract[WarehouseScores]):
    """The tables churn.score_runs and churn.scores."""

    @pytest.fixture
    def scores(self, warehouse: Warehouse) -> WarehouseScores:
        """Runs of a database."""
        return WarehouseScores(warehouse)

    @pytest.fixture
    def history(self, warehouse: Warehouse) -> ScoreHistory:
        """Their past."""
        return ScoreHistory(warehouse)

    def lose_a_row(self, scores: WarehouseScores, run: ScoreRun) -> None:
        """Delete it."""
        deleted = scores.warehouse.execute(
            "delete from churn.scores where run_id = :run and customer_id = 'C1'",
            {"run": run.run_id},
        )
        assert 1 == deleted
