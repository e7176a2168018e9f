"""
dbt in a process that need not import it: two thirds of what a call costs.

A server imports dbt once and parses a project; each call is a fork of it that runs the same command
line, with arguments, environment, working folder and output of its own. Whoever kills, looks at or
measures what is started has it started as people do (`is_started_anew`, `Business.start`), and so
have Airflow's tasks.
"""

import functools
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.adapters.dbt import ahead, project
from pipelines.settings import ROOT

# Variable that tells a command, itself forked, where the server of its tests listens.
ADDRESS = "TESTS_DBT"
SERVERS: list[subprocess.Popen[bytes]] = []
# For Dbt, and what is started ahead of it, to which this module is their `subprocess`.
DEVNULL, PIPE = subprocess.DEVNULL, subprocess.PIPE
CompletedProcess = subprocess.CompletedProcess


def use() -> None:
    """Let every Dbt of this process fork what it runs."""
    for module in (ahead, project):
        module.subprocess = sys.modules[__name__]  # type: ignore[attr-defined]


class Popen:
    """A call that is told what to do later, and forked then."""

    def __init__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, **_: object
    ) -> None:
        """Remember how it was called."""
        self.call = functools.partial(run, env=env, cwd=cwd)
        self.arguments = arguments
        self.stdin = io.StringIO()
        self.returncode: int | None = None

    def __enter__(self) -> "Popen":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def poll(self) -> int | None:
        """Return how it ended."""
        return self.returncode

    def communicate(self) -> tuple[str, str]:
        """Run it to its end; return what it printed."""
        done = self.call([*self.arguments, *json.loads(self.stdin.getvalue())])
        self.returncode = done.returncode

        return done.stdout, done.stderr

    def kill(self) -> None:
        """End it: it has not begun, or has ended."""


def run(
    arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, **_: object
) -> subprocess.CompletedProcess[str]:
    """Run one call of dbt to its end; return its exit code and what it printed."""
    words = [*arguments[arguments.index(str(project.COMMAND_LINE)) :]]
    call = json.dumps({"words": words, "environ": dict(env), "folder": str(cwd)}).encode()
    with (
        socket.socket(socket.AF_UNIX) as server,
        tempfile.TemporaryFile("w+") as stdout,
        tempfile.TemporaryFile("w+") as stderr,
    ):
        server.connect(address())
        socket.send_fds(server, [b"1"], [stdout.fileno(), stderr.fileno()])
        server.sendall(call)
        server.shutdown(socket.SHUT_WR)
        code = int(server.recv(16))
        stdout.seek(0)
        stderr.seek(0)

        return subprocess.CompletedProcess([*arguments], code, stdout.read(), stderr.read())


@functools.cache
def address() -> str:
    """Return where the server listens; it starts with the first call and ends with this process."""
    if told := os.environ.get(ADDRESS):
        return told
    path = f"{tempfile.mkdtemp(prefix='churn-dbt-')}/socket"
    server = subprocess.Popen(
        [
            *(sys.executable, "-P", Path(__file__).with_name("dbt_server.py")),
            *(path, project.COMMAND_LINE, ROOT / "dbt_project"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    SERVERS.append(server)  # or its stdin would be closed
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"

    return path
