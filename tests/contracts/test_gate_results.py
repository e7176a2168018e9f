"""Results of gates in the warehouse and in memory, held to the same contract."""

from datetime import date

import pytest

from pipelines.adapters.tables.gate_results import WarehouseGateResults
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.gates.report import GateReport, GateResult
from pipelines.testing.contracts.gates.gate_results import (
    FAILED,
    PASSED,
    REFUSED,
    WARNED,
    GateResultsContract,
)
from pipelines.testing.gates import MemoryGateResults


class TestMemoryGateResults(GateResultsContract[MemoryGateResults]):
    """The double."""

    @pytest.fixture
    def store(self) -> MemoryGateResults:
        """No result yet."""
        return MemoryGateResults()

    def kept(self, store: MemoryGateResults, report: GateReport) -> list[GateResult]:
        """Gather what was recorded."""
        key = (report.gate, report.population, report.as_of)

        return [
            result
            for known in store.reports
            if key == (known.gate, known.population, known.as_of)
            for result in known.results
        ]

    def told(self, store: MemoryGateResults) -> list[tuple[date, str]]:
        """Look at what was refused."""
        refused = [known for known in store.reports if not known.is_passed]

        return [*dict.fromkeys((known.as_of, f"gate_{known.gate}") for known in refused)]


class TestWarehouseGateResults(GateResultsContract[WarehouseGateResults]):
    """The tables churn.gate_results and churn.alerts."""

    @pytest.fixture
    def store(self, warehouse: Warehouse) -> WarehouseGateResults:
        """A database without a result."""
        return WarehouseGateResults(warehouse)

    def kept(self, store: WarehouseGateResults, report: GateReport) -> list[GateResult]:
        """Look at the table."""
        rows = store.warehouse.rows(
            "select subject, expectation, severity, is_passed, expected, observed, owner "
            "from churn.gate_results where gate = :gate and population = :population "
            "and as_of = :as_of order by gate_result_id",
            {"gate": report.gate, "population": report.population, "as_of": report.as_of},
        )

        return [GateResult(**row._mapping) for row in rows]

    def told(self, store: WarehouseGateResults) -> list[tuple[date, str]]:
        """Look at the table."""
        rows = store.warehouse.rows("select as_of, kind from churn.alerts order by alert_id")

        return [(row.as_of, row.kind) for row in rows]

    def test_its_query_lists_what_was_not_met(self, store: WarehouseGateResults) -> None:
        """Failures and warnings, the last look first."""
        store.record(REFUSED)
        store.record(PASSED)
        rows = store.warehouse.rows(store.failures_query(REFUSED))

        assert [WARNED.subject, *sorted([FAILED.subject, WARNED.subject])] == [
            rows[0].subject,
            *sorted(row.subject for row in rows[1:]),
        ]
