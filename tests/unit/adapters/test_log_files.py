"""Logs of servers that rotate, and logs of tasks that go without taking anything else along."""

import os
import subprocess
import time
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.adapters.local import log_files, processes
from pipelines.adapters.local.log_files import GENERATIONS, LARGEST_BYTES, LogFolders
from pipelines.adapters.local.processes import Service

DAY = date(2026, 3, 1)
# Puts a link to a folder in the place of another, and that back, again and again.
SWAP = "while true; do mv run away; ln -s $0 run; rm run; mv away run; done"


def grow(path: Path, word: str) -> None:
    """Make a log as large as it takes to be rotated."""
    path.write_text(word + "\n" + "x" * LARGEST_BYTES)


def aged(path: Path) -> Path:
    """Make *path* one that was last written to long ago; return it."""
    moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))

    return path


def old_file(path: Path) -> Path:
    """Write a file long ago, in folders made long ago; return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    for folder in (path, *path.parents[:2]):
        aged(folder)

    return path


def test_a_small_log_goes_on(tmp_path: Path) -> None:
    """And one that is not there is nothing to rotate."""
    path = tmp_path / "scheduler.log"
    assert not log_files.rotate(path)
    path.write_text("a line")

    assert not log_files.rotate(path)
    assert "a line" == path.read_text()


def test_of_a_large_log_the_last_generations_stay(tmp_path: Path) -> None:
    """The latest as .1; what would be one more is gone."""
    path = tmp_path / "scheduler.log"
    for word in ("first", "second", "third", "fourth"):
        grow(path, word)
        assert log_files.rotate(path)

    assert 3 == GENERATIONS
    assert ["fourth", "third", "second"] == [
        path.with_name(f"scheduler.log.{number}").open().readline().strip() for number in (1, 2, 3)
    ]
    assert ["scheduler.log", *(f"scheduler.log.{number}" for number in (1, 2, 3))] == sorted(
        item.name for item in tmp_path.iterdir()
    )
    assert 0 == path.stat().st_size


def test_a_server_that_runs_goes_on_at_the_beginning(tmp_path: Path) -> None:
    """It keeps its file open, and writes no hole of zeros into it."""
    path = tmp_path / "logs" / "demo.log"
    path.parent.mkdir()
    grow(path, "before")
    command = ("/bin/sh", "-c", "while true; do echo here; sleep 0.05; done")
    processes.start(Service("demo", command, {"PATH": "/usr/bin:/bin"}), tmp_path, path.parent)
    assert path.stat().st_size < LARGEST_BYTES
    with path.open("a") as log:
        log.write("x" * LARGEST_BYTES)
    LogFolders(path.parent, ()).discard_before(DAY)
    while "here" not in path.read_text():
        time.sleep(0.05)
    processes.stop(tmp_path)

    assert {"here"} == {*path.read_text().split()}
    assert ["demo.log.1", "demo.log.2"] == sorted(p.name for p in path.parent.glob("demo.log.*"))


def test_a_link_is_not_rotated(tmp_path: Path) -> None:
    """Neither in the place of a log, nor of the folder, nor of an earlier generation."""
    outside, logs = tmp_path / "outside.log", tmp_path / "logs"
    grow(outside, "precious")
    logs.mkdir()
    (logs / "scheduler.log").symlink_to(outside)
    assert not log_files.rotate(logs / "scheduler.log")
    (tmp_path / "link").symlink_to(tmp_path)
    assert not log_files.rotate(tmp_path / "link" / "outside.log")

    (logs / "dag-processor.log").hardlink_to(outside)
    assert not log_files.rotate(logs / "dag-processor.log")
    (logs / "dag-processor.log").unlink()
    grow(logs / "mlflow.log", "a line")
    (logs / "mlflow.log.1").symlink_to(outside)
    assert log_files.rotate(logs / "mlflow.log")
    assert log_files.rotate(logs / "mlflow.log") is False
    assert "precious" == outside.open().readline().strip()


def test_nothing_but_old_files_of_tasks_is_removed(tmp_path: Path) -> None:
    """No link and nothing it leads to, no pipe, and no folder that was filled since."""
    outside, tasks = tmp_path / "outside", tmp_path / "logs" / "airflow"
    precious = old_file(outside / "deep" / "precious")
    gone = old_file(tasks / "dag_id=a" / "run_id=1" / "attempt=1.log")
    young = tasks / "dag_id=b" / "run_id=1"
    young.mkdir(parents=True)
    (tasks / "latest").symlink_to(outside)
    (tasks / "file").symlink_to(precious)
    os.mkfifo(tasks / "pipe")

    assert 1 == LogFolders(tmp_path / "logs", (tasks,)).discard_before(DAY)
    assert not gone.parents[1].exists()
    assert young.is_dir()
    assert precious.exists()
    assert {"dag_id=b", "latest", "file", "pipe"} == {path.name for path in tasks.iterdir()}


def test_a_folder_of_tasks_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    """Nothing below it is ours to remove, nor below one beneath a link."""
    precious = old_file(tmp_path / "outside" / "airflow" / "deep" / "precious")
    (tmp_path / "logs").symlink_to(tmp_path / "outside")
    (tmp_path / "airflow").symlink_to(tmp_path / "outside" / "airflow")
    folders = LogFolders(tmp_path, (tmp_path / "logs" / "airflow", tmp_path / "airflow"))

    assert 0 == folders.discard_before(DAY)
    assert precious.exists()


def test_a_folder_swapped_for_a_link_on_the_way_leads_nowhere(tmp_path: Path) -> None:
    """While somebody swaps as fast as they can, nothing outside is removed."""
    tasks, outside = tmp_path / "logs" / "airflow", tmp_path / "outside"
    precious = old_file(outside / "x" / "attempt=1.log")
    (tasks / "run" / "x").mkdir(parents=True)
    swapping = subprocess.Popen(
        [*("/bin/sh", "-c", SWAP), outside], cwd=tasks, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 2
    while time.monotonic() < until:
        LogFolders(tmp_path / "logs", (tasks,)).discard_before(DAY)
    swapping.kill()
    swapping.wait()

    assert precious.exists()
