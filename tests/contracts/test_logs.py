"""Logs of tasks in folders and in memory, held to the same contract."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.adapters.local.log_files import LogFolders
from pipelines.testing.contracts.nights.logs import LogsContract
from pipelines.testing.nights import MemoryLogs


class TestMemoryLogs(LogsContract[MemoryLogs]):
    """The double."""

    @pytest.fixture
    def logs(self) -> MemoryLogs:
        """No log yet."""
        return MemoryLogs()

    def write(self, logs: MemoryLogs, name: str, at: datetime) -> None:
        """Remember when."""
        logs.written[Path(name)] = at

    def names(self, logs: MemoryLogs) -> set[str]:
        """Look at what it holds."""
        return {path.name for path in logs.written}


class TestLogFolders(LogsContract[LogFolders]):
    """Airflow's files."""

    @pytest.fixture
    def logs(self, tmp_path: Path) -> LogFolders:
        """Two folders that are not there yet."""
        return LogFolders(tmp_path / "logs", (tmp_path / "logs" / "airflow", tmp_path / "other"))

    def write(self, logs: LogFolders, name: str, at: datetime) -> None:
        """Write a file as deep as Airflow does."""
        path = logs.tasks[0] / "dag_id=churn_nightly" / f"run_id={name}" / name
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, (at.timestamp(), at.timestamp()))

    def names(self, logs: LogFolders) -> set[str]:
        """Look at every file."""
        return {path.name for path in logs.tasks[0].rglob("*") if path.is_file()}
