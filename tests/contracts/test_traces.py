"""Traces of nights in tables, in folders and in memory, held to the same contract."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.files.report_folder import ReportFolder
from pipelines.adapters.gates.docs_folder import DataDocsFolder
from pipelines.adapters.tables import night_traces
from pipelines.adapters.tables.night_traces import WarehouseTraces
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.retention import Night
from pipelines.testing.contracts.nights.traces import TracesContract
from pipelines.testing.nights import MemoryTraces

# What one night leaves of each kind, and the tables it is in.
ROWS: Mapping[str, Mapping[str, str]] = {
    night_traces.GATE_RESULTS: {
        "gate_results": "(population, as_of, gate, subject, expectation, severity, is_passed, "
        "owner) values (:population, :as_of, 'sources', 'a table', 'rows', 'fail', true, 'data')",
    },
    night_traces.DRIFT_CHECKS: {
        "drift_checks": "(population, as_of, feature, model_version, engine, verdict) "
        "values (:population, :as_of, 'fee_eur', 1, 'scipy', 'quiet')",
        "drift_verdicts": "(population, as_of, model_version, verdict, is_training_requested, "
        "reason) values (:population, :as_of, 1, 'quiet', false, 'all is quiet')",
    },
    night_traces.ALERTS: {
        "alerts": "(population, as_of, kind, severity, title, body, owner, resolved_at) values "
        "(:population, :as_of, 'drift', 'info', 'a title', 'a body', 'somebody', :as_of)",
    },
}


class TestMemoryTraces(TracesContract[MemoryTraces]):
    """The double."""

    @pytest.fixture
    def traces(self) -> MemoryTraces:
        """Nothing yet."""
        return MemoryTraces()

    def leave(self, traces: MemoryTraces, night: Night) -> int:
        """Remember the night."""
        traces.left.append(night)

        return 1

    def left(self, traces: MemoryTraces) -> set[Night]:
        """Look at what it holds."""
        return {*traces.left}


class TestWarehouseTraces(TracesContract[WarehouseTraces]):
    """Rows of tables."""

    @pytest.fixture(params=night_traces.STATEMENTS)
    def traces(self, warehouse: Warehouse, request: pytest.FixtureRequest) -> WarehouseTraces:
        """Tables without a row."""
        return WarehouseTraces(warehouse, request.param)

    def leave(self, traces: WarehouseTraces, night: Night) -> int:
        """Insert a row into each table."""
        for table, row in ROWS[traces.kind].items():
            traces.warehouse.execute(f"insert into churn.{table} {row}", night._asdict())

        return len(ROWS[traces.kind])

    def left(self, traces: WarehouseTraces) -> set[Night]:
        """Ask each table; those of one kind agree."""
        found = [
            {
                Night(row.population, row.as_of)
                for row in traces.warehouse.rows(f"select population, as_of from churn.{table}")
            }
            for table in ROWS[traces.kind]
        ]
        assert [found[0]] * len(found) == found

        return found[0]


class TestDataDocsFolder(TracesContract[DataDocsFolder]):
    """Pages of gates."""

    @pytest.fixture
    def traces(self, tmp_path: Path) -> DataDocsFolder:
        """A folder that is not there yet."""
        return DataDocsFolder(tmp_path / "data_docs")

    def leave(self, traces: DataDocsFolder, night: Night) -> int:
        """Write the pages of two gates."""
        for gate in ("sources", "scores"):
            page = traces.of(*night, gate) / "index.html"
            page.parent.mkdir(parents=True)
            page.touch()

        return 1

    def left(self, traces: DataDocsFolder) -> set[Night]:
        """Read the names of folders."""
        return {
            Night(folder.parent.name, date.fromisoformat(folder.name))
            for folder in traces.root.glob("*/*")
        }


class TestReportFolder(TracesContract[ReportFolder]):
    """Pages of nights."""

    @pytest.fixture
    def traces(self, tmp_path: Path) -> ReportFolder:
        """A folder that is not there yet."""
        return ReportFolder(tmp_path / "reports")

    def leave(self, traces: ReportFolder, night: Night) -> int:
        """Save a page."""
        traces.save(*night, "a page")

        return 1

    def left(self, traces: ReportFolder) -> set[Night]:
        """Read the names of files."""
        parts = [path.stem.partition("-") for path in traces.folder.iterdir()]

        return {Night(name, date.fromisoformat(day)) for name, _, day in parts}
