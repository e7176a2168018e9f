"""A dbt that was started before it is told what to do."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines.adapters.dbt import ahead
from pipelines.adapters.dbt.ahead import Ahead

HELP = ["build", "--help"]
# Starts one, says its pid, and dies without a word.
KILLED = """
import os
from pathlib import Path
from pipelines.adapters.dbt import ahead
with ahead.started(Path("none"), {}, Path("."), lambda: None) as begun:
    print(begun.process.pid, flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def _is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a process of its own, as people have; other tests fork one."""
    monkeypatch.setattr(ahead, "subprocess", subprocess)


def runs(pid: int) -> bool:
    """Tell whether a process is there and has not ended."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_it_does_what_it_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code and output are those of a call; another call does not fit what it has read."""
    manifest, connection = tmp_path / "none", {"CHURN_DBT_SCHEMA": "analytics"}
    done: list[str] = []
    with ahead.started(manifest, connection, tmp_path, lambda: done.append("it")) as begun:
        monkeypatch.setenv("SET_BY_A_LIBRARY", "meanwhile")
        assert begun.fits(manifest, connection)
        assert not begun.fits(tmp_path / "other", connection)
        assert not begun.fits(manifest, {"CHURN_DBT_SCHEMA": "other"})

        answer = begun.run(HELP)

        assert ["it"] == done
        assert (0, "") == (answer.returncode, answer.stderr)
        assert "--select" in answer.stdout
        assert not begun.fits(manifest, connection)


def test_what_is_wrong_is_told_as_by_a_call(tmp_path: Path) -> None:
    """Words that dbt does not know end it with its own exit code."""
    with ahead.started(tmp_path / "none", {}, tmp_path, lambda: None) as begun:
        answer = begun.run(["bild"])

    assert answer.returncode == 2
    assert "No such command 'bild'" in answer.stderr


def test_a_process_that_was_killed_is_an_answer(tmp_path: Path) -> None:
    """Whoever asks it is told that it was, and by what."""
    with ahead.started(tmp_path / "none", {}, tmp_path, lambda: None) as begun:
        begun.process.kill()
        begun.process.wait()

        assert not begun.fits(begun.manifest, begun.connection)
        assert begun.run(HELP).returncode == -9


def test_it_ends_with_the_block(tmp_path: Path) -> None:
    """Nobody had anything to do for it."""
    with ahead.started(tmp_path / "none", {}, tmp_path, lambda: None) as begun:
        assert runs(begun.process.pid)

    assert not runs(begun.process.pid)


def test_it_ends_with_whoever_started_it() -> None:
    """Its input ends when they are killed; it does nothing then."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED], capture_output=True, text=True, check=False
    )
    assert done.returncode == -9
    pid, deadline = int(done.stdout), time.monotonic() + 60
    while runs(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_no_password_is_shown(tmp_path: Path) -> None:
    """It is in the environment, and in nothing that is printed of the object."""
    connection = {"CHURN_DBT_PASSWORD": "hunter2"}
    with ahead.started(tmp_path / "none", connection, tmp_path, lambda: None) as begun:
        assert isinstance(begun, Ahead)
        assert "hunter2" not in repr(begun)
