"""Servers that are measured, each a process of its own, and the CPU seconds they have taken."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator

import psutil

from pipelines.adapters.local import postgres
from pipelines.adapters.local.postgresql import postmaster
from tests.faults.business import Business
from tests.integration.service_process import serving

CLIENT = re.compile(r"postgres: .* 127\.0\.0\.1\(\d+\)")


@contextlib.contextmanager
def echoing() -> Iterator[tuple[psutil.Process, int]]:
    """Have a bare echo for the block: its process and port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.api_echo"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().rpartition("=")[2]
        yield psutil.Process(process.pid), int(port)
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def answering(business: Business, *options: object) -> Iterator[tuple[psutil.Process, int]]:
    """Have `churn serve` for the block: its process and port."""
    with serving(business.churn_home, *options) as service:
        yield psutil.Process(service.process.pid), int(service.url.rpartition(":")[2])


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU seconds a process has taken."""
    times = process.cpu_times()

    return float(times.user + times.system)


def database_seconds(business: Business) -> float:
    """Return the CPU seconds of the processes that now serve a client of the database."""
    state = postgres.state_folder(business.churn_home.home)
    pid = postmaster.pid_of(state / "data")
    assert pid is not None
    found = 0.0
    for process in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if CLIENT.match(" ".join(process.cmdline())):
                found += cpu_seconds(process)

    return found
