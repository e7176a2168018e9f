"""A command that is told to stop ends with what it started, and leaves nothing held."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import Stopped

CHURN = Path(sys.executable).parent / "churn"
AS_OF = "2026-03-01"


@pytest.fixture
def features(warehouse: Warehouse, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A `churn features` whose dbt waits for a table that somebody else has locked."""
    environ = {"CHURN_HOME": str(tmp_path), "CHURN_DATABASE_URL": warehouse.url}
    with psycopg.connect(warehouse.url) as blocking:
        blocking.execute("lock table raw.customers in access exclusive mode")
        command = subprocess.Popen(
            [CHURN, "features", "--as-of", AS_OF],
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        until("dbt waits", lambda: bool(waiting(warehouse)))
        yield command
        command.kill()
        command.communicate()


def waiting(warehouse: Warehouse) -> list[int]:
    """Return the sessions that wait for a table."""
    rows = warehouse.rows(
        "select pid from pg_stat_activity where wait_event_type = 'Lock' "
        "and datname = current_database()"
    )

    return [row.pid for row in rows]


def runs(process: psutil.Process) -> bool:
    """Tell whether a process is there and not merely unreaped."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE

    return False


def until(what: str, is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Return once it is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)


def test_dbt_ends_with_its_command(features: subprocess.Popen[str], warehouse: Warehouse) -> None:
    """Exit code 143, a reason and an alert; no process, lock or waiting session is left."""
    children = psutil.Process(features.pid).children(recursive=True)
    assert any("command_line.py" in " ".join(child.cmdline()) for child in children)

    features.send_signal(signal.SIGTERM)
    _, told = features.communicate(timeout=30)

    assert Stopped.exit_code == features.returncode
    assert "stopped: by SIGTERM" in told
    assert "Traceback" not in told
    until("its children have ended", lambda: not any(map(runs, children)), seconds=10)
    until("the session of dbt is gone", lambda: not waiting(warehouse), seconds=10)
    with warehouse.lock("dbt build"), warehouse.lock("writer of subscribers"):
        pass
    assert [("failed_features", f"features of subscribers {AS_OF} was stopped by SIGTERM")] == [
        tuple(row) for row in warehouse.rows("select kind, title from churn.alerts")
    ]


def test_a_second_signal_changes_nothing(features: subprocess.Popen[str]) -> None:
    """Whoever is impatient does not interrupt the end."""
    for _ in range(3):
        features.send_signal(signal.SIGTERM)
        time.sleep(0.01)
    _, told = features.communicate(timeout=30)

    assert (Stopped.exit_code, 1) == (features.returncode, told.count("stopped: by SIGTERM"))
    assert "Traceback" not in told
