"""Decisions about nights in the warehouse and in memory, held to the same contract."""

from datetime import date

import pytest

from pipelines.adapters.tables.loop import WarehouseLoop
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.testing.contracts.loop import DECISION, NIGHT, POPULATION, LoopStoreContract
from pipelines.testing.loop import MemoryLoop

RETRAININGS = (
    "select cause, champion_version, challenger_version, is_promoted, judged_because, "
    "observed_to_expected_before, observed_to_expected_after, has_recovered from churn.retrainings"
)


class TestMemoryLoop(LoopStoreContract[MemoryLoop]):
    """The double."""

    @pytest.fixture
    def store(self) -> MemoryLoop:
        """No night yet."""
        return MemoryLoop()

    def judge(self, store: MemoryLoop, as_of: date, verdict: str) -> None:
        """Keep it."""
        store.judged[POPULATION, as_of] = verdict

    def told(self, store: MemoryLoop) -> list[tuple[date, str]]:
        """Ask the outbox."""
        found = store.outbox.unresolved(POPULATION, date.min, date.max)

        return [(each.alert.as_of, each.alert.kind) for each in found]


class TestWarehouseLoop(LoopStoreContract[WarehouseLoop]):
    """The tables churn.loop_decisions, churn.drift_verdicts and churn.alerts."""

    @pytest.fixture
    def store(self, warehouse: Warehouse) -> WarehouseLoop:
        """A migrated database."""
        return WarehouseLoop(warehouse)

    def judge(self, store: WarehouseLoop, as_of: date, verdict: str) -> None:
        """Insert it."""
        store.warehouse.execute(
            "insert into churn.drift_verdicts (population, as_of, model_version, verdict, "
            "is_training_requested, reason) values (:population, :as_of, 4, :verdict, false, 'r')",
            {"population": POPULATION, "as_of": as_of, "verdict": verdict},
        )

    def told(self, store: WarehouseLoop) -> list[tuple[date, str]]:
        """Look at the table."""
        rows = store.warehouse.rows("select as_of, kind from churn.alerts order by as_of")

        return [(row.as_of, row.kind) for row in rows]


def test_the_view_says_what_a_training_brought(warehouse: Warehouse) -> None:
    """Asked for, judged, promoted, and the first list of the new champion: NULL until each is."""
    store = WarehouseLoop(warehouse)
    store.record(DECISION)
    performance = (
        "insert into churn.model_performance (population, score_date, model_version, metric, "
        "value, customers, churners, measured_as_of) values "
        "(:population, :night, :version, 'observed_to_expected', :value, 8, 3, :measured)"
    )
    before = {"population": POPULATION, "night": "2026-02-01", "version": 4, "value": 0.45}
    warehouse.execute(performance, {**before, "measured": "2026-03-09"})
    cause = ("drift and outcomes", 4)
    assert [(*cause, None, None, None, 0.45, None, None)] == warehouse.rows(RETRAININGS)

    warehouse.execute(
        "insert into churn.model_promotions (population, as_of, champion_version, "
        "challenger_version, is_promoted, reason, evidence) values "
        "(:population, :as_of, 4, 5, true, 'it is better', '{}')",
        {"population": POPULATION, "as_of": NIGHT},
    )
    judged = (*cause, 5, True, "it is better", 0.45)
    assert [(*judged, None, None)] == warehouse.rows(RETRAININGS)

    store.record(DECISION)  # the night again
    after = {**before, "night": "2026-03-11", "version": 5, "value": 0.98}
    warehouse.execute(performance, {**after, "measured": "2026-04-11"})
    assert [(*judged, 0.98, True)] == warehouse.rows(RETRAININGS)

    warehouse.execute(
        "insert into churn.outcome_findings (population, score_date, model_version, metric, "
        "finding, measured_as_of) values (:population, '2026-03-11', 5, 'auc', 'f', '2026-04-11')",
        {"population": POPULATION},
    )
    assert [(*judged, 0.98, False)] == warehouse.rows(RETRAININGS)
