"""`churn serve` as a process of its own, on a real installation."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.e2e.churn_home import CHURN, ChurnHome
from tests.faults.server import wait

SOON = {"model_poll_seconds = 15": "model_poll_seconds = 1"}


@dataclass
class ServiceProcess:
    """
    One process that answers.

    Attributes:
        process: The process.
        said: The file of what it says.
        url: Where it answers.
    """

    process: subprocess.Popen[str]
    said: Path
    url: str

    def ask(self, method: str, path: str, key: str | None = None, **more: Any) -> requests.Response:
        """Ask once, without any proxy of this machine."""
        with session(key) as asked:
            return asked.request(method, f"{self.url}{path}", timeout=120, **more)

    def end(self) -> int:
        """Send SIGTERM; return how it ended."""
        self.process.send_signal(signal.SIGTERM)

        return self.process.wait(60)


def session(key: str | None) -> requests.Session:
    """Return a connection that is kept, and shows a key."""
    made = requests.Session()
    made.trust_env = False
    if key is not None:
        made.headers["Authorization"] = f"Bearer {key}"

    return made


@contextlib.contextmanager
def serving(churn_home: ChurnHome, *options: object) -> Iterator[ServiceProcess]:
    """Have a process that is ready, started with some options more, and end it."""
    with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
        process = subprocess.Popen(
            [CHURN, "serve", "--port", "0", *map(str, options)],
            env={**os.environ, "CHURN_HOME": str(churn_home.home), **churn_home.environ},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        said = Path(log.name)
        try:
            wait("the service to listen", lambda: _port(process, said))
            found = ServiceProcess(process, said, f"http://127.0.0.1:{_port(process, said)}")
            wait("the service to be ready", lambda: _is_ready(found))
            yield found
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(60)


def _port(process: subprocess.Popen[str], said: Path) -> str | None:
    """Return the port a process says it listens at."""
    assert process.poll() is None, said.read_text("utf-8")
    found = re.search(r"listening.*port=\D*(\d+)", said.read_text("utf-8"))

    return found[1] if found else None


def _is_ready(service: ServiceProcess) -> bool:
    """Tell whether a process answers that it is."""
    assert service.process.poll() is None, service.said.read_text("utf-8")
    try:
        return service.ask("GET", "/health/ready").status_code == 200
    except requests.ConnectionError:
        return False
