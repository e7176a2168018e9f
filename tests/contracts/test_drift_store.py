"""Verdicts on drift in the warehouse and in memory, held to the same contract."""

import json
from datetime import date, timedelta

import pytest

from pipelines.adapters.tables.drift import WarehouseDrift
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.drift.source_nulls import SourceNulls
from pipelines.testing.contracts.drift.drift_store import (
    NIGHT,
    POPULATION,
    REPORT,
    SPREAD,
    DriftStoreContract,
)
from pipelines.testing.drift import MemoryDrift


class TestMemoryDrift(DriftStoreContract[MemoryDrift]):
    """The double."""

    @pytest.fixture
    def store(self) -> MemoryDrift:
        """No night yet."""
        return MemoryDrift()

    def kept(self, store: MemoryDrift, as_of: date) -> tuple[str, set[tuple[str, str]]] | None:
        """Look at the report of the night."""
        report = store.reports.get((POPULATION, as_of))
        if report is None:
            return None

        return report.verdict, {(check.feature, check.verdict) for check in report.checks}

    def told(self, store: MemoryDrift) -> list[tuple[date, str]]:
        """Ask every report."""
        alerts = [report.alert for report in store.reports.values()]

        return [(alert.as_of, alert.kind) for alert in alerts if alert is not None]

    def sources_gate_counted(
        self,
        store: MemoryDrift,
        as_of: date,
        column: str,
        *,
        rows: int,
        nulls: int,
        is_tolerated: bool,
    ) -> None:
        """Add what it counted."""
        counted = SourceNulls(column, rows, nulls, None, None, is_tolerated, "data")
        before = store.nulls.get((POPULATION, as_of), ())
        store.nulls = {**store.nulls, (POPULATION, as_of): [*before, counted]}


class TestWarehouseDrift(DriftStoreContract[WarehouseDrift]):
    """The tables churn.drift_checks, churn.drift_verdicts, churn.alerts and churn.gate_results."""

    @pytest.fixture
    def store(self, warehouse: Warehouse) -> WarehouseDrift:
        """A database without a night."""
        return WarehouseDrift(warehouse)

    def kept(self, store: WarehouseDrift, as_of: date) -> tuple[str, set[tuple[str, str]]] | None:
        """Look at both tables."""
        night = {"as_of": as_of}
        verdicts = store.warehouse.rows(
            "select verdict from churn.drift_verdicts where as_of = :as_of", night
        )
        checks = store.warehouse.rows(
            "select feature, verdict from churn.drift_checks where as_of = :as_of", night
        )
        if not verdicts:
            assert [] == checks
            return None

        return verdicts[0].verdict, {(row.feature, row.verdict) for row in checks}

    def told(self, store: WarehouseDrift) -> list[tuple[date, str]]:
        """Look at the table."""
        rows = store.warehouse.rows("select as_of, kind from churn.alerts order by alert_id")

        return [(row.as_of, row.kind) for row in rows]

    def sources_gate_counted(
        self,
        store: WarehouseDrift,
        as_of: date,
        column: str,
        *,
        rows: int,
        nulls: int,
        is_tolerated: bool,
    ) -> None:
        """Add the result of the check that counts."""
        store.warehouse.execute(
            "insert into churn.gate_results (population, as_of, gate, subject, expectation, "
            "severity, is_passed, observed, owner) values (:population, :as_of, 'sources', "
            ":column, 'expect_column_values_to_not_be_null', 'fail', :is_passed, "
            "cast(:observed as jsonb), 'data')",
            {
                "population": POPULATION,
                "as_of": as_of,
                "column": column,
                "is_passed": is_tolerated,
                "observed": json.dumps({"rows": rows, "unexpected": nulls}),
            },
        )

    def test_nights_and_distribution_are_kept(self, store: WarehouseDrift) -> None:
        """As JSON the page of the night can draw; none of a check without values."""
        store.record(REPORT)
        found = store.warehouse.rows(
            "select feature, nights, distribution from churn.drift_checks order by feature"
        )

        assert [("plan", 0, None), ("usage_7d", 2, SPREAD.to_dict())] == found

    def test_what_is_usual_is_the_fullest_night_of_sixty_days(self, store: WarehouseDrift) -> None:
        """Not the last: a feed broken for a week is still broken. Nights without a row say none."""
        for days, rows, nulls in ((61, 100, 0), (60, 100, 2), (30, 100, 1), (2, 0, 0), (1, 50, 40)):
            as_of = NIGHT - timedelta(days=days)
            self.sources_gate_counted(
                store, as_of, "raw.t.c", rows=rows, nulls=nulls, is_tolerated=True
            )
        self.sources_gate_counted(store, NIGHT, "raw.t.c", rows=60, nulls=60, is_tolerated=True)

        assert [SourceNulls("raw.t.c", 60, 60, 100, 1, is_tolerated=True, owner="data")] == (
            store.source_nulls(POPULATION, NIGHT)
        )
