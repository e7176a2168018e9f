"""`churn exporter` and Prometheus as processes of their own."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from pipelines.settings import ROOT
from tests.faults.server import wait
from tests.receivers import free_port

CHURN = Path(sys.executable).parent / "churn"
MONITORING = ROOT / "docs" / "monitoring"
NOBODY = "127.0.0.1:9"


def ask(url: str, **parameters: Any) -> Any:
    """Ask once, without any proxy of this machine."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, params=parameters, timeout=30)


@contextlib.contextmanager
def exporting(url: str, home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Have an exporter of the warehouse at *url*; yield its address and the process."""
    said = home / "said.log"
    with said.open("w") as log:
        process = subprocess.Popen(
            [CHURN, "exporter", "--port", "0"],
            env={**os.environ, "CHURN_HOME": str(home), "CHURN_DATABASE_URL": url},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:

        def port() -> str | None:
            """Return where it says it listens."""
            assert process.poll() is None, said.read_text("utf-8")
            found = re.search(r"listening.*port=\D*(\d+)", said.read_text("utf-8"))
            return found[1] if found else None

        wait("the exporter to listen", port)
        yield f"127.0.0.1:{port()}", process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(30)


@dataclass
class Prometheus:
    """
    A server with the jobs and the rules of docs/monitoring.

    Attributes:
        url: Where it answers.
    """

    url: str

    def get(self, path: str, **parameters: Any) -> Any:
        """Return what it answers; None while it begins, what is wrong as `error`."""
        try:
            return ask(f"{self.url}/api/v1/{path}", **parameters).json()
        except (requests.ConnectionError, requests.JSONDecodeError):
            return None

    def alerts(self) -> set[str]:
        """Return which alerts there are now, whether they fire or wait to."""
        answer = self.get("alerts")
        return (
            {each["labels"]["alertname"] for each in answer["data"]["alerts"]} if answer else set()
        )

    def values(self, expression: str) -> list[Any]:
        """Return the series an expression has now."""
        answer = self.get("query", query=expression)
        assert answer is None or answer["status"] == "success", answer
        return answer["data"]["result"] if answer else []


@contextlib.contextmanager
def prometheus(folder: Path, *, exporter: str, service: str = NOBODY) -> Iterator[Prometheus]:
    """Have a Prometheus that asks both every second; its files are in *folder*."""
    folder.mkdir()
    config = (MONITORING / "prometheus.yml").read_text("utf-8").replace("15s", "1s")
    config = config.replace("127.0.0.1:8501", exporter).replace("127.0.0.1:8500", service)
    (folder / "prometheus.yml").write_text(config, "utf-8")
    shutil.copy(MONITORING / "rules.yml", folder)
    port = free_port()
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(30)
