"""Spark for tests: its environment, which not every machine has, and a cluster on loopback."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.adapters.spark import configuration, driver_process
from pipelines.errors import ConfigError
from pipelines.settings import ROOT
from tests.faults.server import wait

MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
MASTER_AT = re.compile(r"Starting Spark master at (spark://\S+)")


def spark_python() -> Path:
    """Return the Python of its environment, or skip."""
    try:
        return driver_process.interpreter(ROOT)
    except ConfigError as error:
        pytest.skip(f"{error.message}: make spark")


@dataclass
class Cluster:
    """
    A standalone cluster of Spark: a master and its workers, each in a process group of its own.

    Attributes:
        python: Interpreter of the environment.
        home: Folder of what the installation keeps for Spark.
        folder: Logs, and the folders workers work in.
        url: Of the master.
        workers: Those that were started and not killed.
    """

    python: Path
    home: Path
    folder: Path
    url: str = ""
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start_master(self) -> None:
        """Start it on a free port, and wait until it says which."""
        self._spawn("master", MASTER, "--port", "0")
        log = self.folder / "master.log"
        wait("Spark's master", lambda: MASTER_AT.search(log.read_text("utf-8")))
        found = MASTER_AT.search(log.read_text("utf-8"))
        assert found is not None
        self.url = found[1]

    def add_worker(self) -> None:
        """Start a worker of one core, and wait until the master knows it."""
        name = f"worker-{len(self.started)}"
        size = ("--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / name))
        self.workers.append(self._spawn(name, WORKER, *size, self.url))
        log = self.folder / f"{name}.log"
        wait("a worker", lambda: "Successfully registered with master" in log.read_text("utf-8"))

    def kill_worker(self) -> None:
        """End a worker and what it has started as a power cut would."""
        kill(self.workers.pop())

    def end(self) -> None:
        """End all of it."""
        for process in self.started:
            kill(process)

    def said(self) -> str:
        """Return whatever master, workers and executors have written."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]

        return "\n".join(path.read_text("utf-8", "replace") for path in files)

    def _spawn(self, name: str, kind: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start one of them."""
        packages = next(self.python.parent.parent.glob("lib/python*/site-packages"))
        shared = configuration.cluster_file(self.home)
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(packages / "pyspark" / "bin" / "spark-class", kind),
                    *("--host", "127.0.0.1", "--webui-port", "0", "--properties-file", shared),
                    *arguments,
                ],
                env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)

        return process


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process group at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def cluster(home: Path, folder: Path) -> Iterator[Cluster]:
    """Have a master and two workers for the block."""
    made = Cluster(spark_python(), home, folder)
    try:
        made.start_master()
        made.add_worker()
        made.add_worker()
        yield made
    finally:
        made.end()
