"""Processes that are started apart, found again and ended whole."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines.adapters.local import processes
from pipelines.adapters.local.processes import Service
from pipelines.errors import ServiceFailed

SLEEP = ("sleep", "600")
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def test_recycled_pid_is_spared(tmp_path: Path) -> None:
    """A record whose pid now belongs to another process ends nobody."""
    stranger = subprocess.Popen(SLEEP, start_new_session=True)
    record = {
        "name": "gone",
        "pid": stranger.pid,
        "started": "an earlier boot:1",
        "started_at": 0.0,
        "fingerprint": "",
    }
    (tmp_path / "gone.pid.json").write_text(json.dumps(record))

    ended = processes.stop(tmp_path)

    assert ended == []
    assert stranger.poll() is None
    assert list(tmp_path.glob("*.pid.json")) == []
    stranger.kill()
    stranger.wait()


def test_orphan_of_a_killed_service_is_found(tmp_path: Path) -> None:
    """What a killed service leaves behind is ended, in its session or in one of its own."""
    script = "sleep 600 & echo $! > same; setsid sleep 600 & echo $! > other; sleep 600"
    processes.start(_service("/bin/sh", "-c", script), tmp_path, tmp_path)
    orphans = [_pid(tmp_path / "same"), _pid(tmp_path / "other")]
    while os.getsid(orphans[1]) != orphans[1]:
        time.sleep(0.05)
    service = psutil.Process(json.loads((tmp_path / "demo.pid.json").read_text())["pid"])
    service.kill()
    service.wait(10)
    assert [psutil.pid_exists(pid) for pid in orphans] == [True, True]

    processes.stop(tmp_path)

    assert [_runs(pid) for pid in orphans] == [False, False]


def test_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """After the grace comes SIGKILL."""
    processes.start(_service(sys.executable, "-c", STUBBORN), tmp_path, tmp_path)
    pid = json.loads((tmp_path / "demo.pid.json").read_text())["pid"]
    time.sleep(0.5)

    ended = processes.stop(tmp_path, grace_seconds=1)

    assert ended == ["demo"]
    assert not _runs(pid)


def test_start_twice_starts_once(tmp_path: Path) -> None:
    """The same service is kept; another command under its name replaces it."""
    first = processes.start(_service(*SLEEP), tmp_path, tmp_path)
    again = processes.start(_service(*SLEEP), tmp_path, tmp_path)
    other = processes.start(_service("sleep", "601"), tmp_path, tmp_path)

    assert (first, again, other) == (True, False, True)
    assert processes.running(tmp_path) == ["demo"]
    assert processes.stop(tmp_path) == ["demo"]


def test_service_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    """The error holds what the process printed."""
    service = _service("/bin/sh", "-c", "echo no room; exit 1")
    processes.start(service, tmp_path, tmp_path)
    time.sleep(0.3)

    with pytest.raises(ServiceFailed, match="no room"):
        processes.check(service, tmp_path, tmp_path)


def _service(*command: str) -> Service:
    """Return a service that runs *command*."""
    return Service("demo", command, {"PATH": "/usr/bin:/bin"})


def _pid(path: Path) -> int:
    """Wait for a file with a pid in it."""
    for _ in range(100):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.05)
    raise AssertionError(f"{path} was not written")


def _runs(pid: int) -> bool:
    """Tell whether a process is there and not merely unreaped."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
