"""
dbt in a process that need not import it: two thirds of what a call costs.

A server imports dbt once and parses a project; each call is a fork of it that runs the same command
line, with arguments, environment, working folder and output of its own. Whoever kills, looks at or
measures what is started has it started as people do (`is_started_anew`, `Business.start`), and so
have Airflow's tasks.
"""

import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.adapters.dbt import project
from pipelines.settings import ROOT

# Variable that tells a command, itself forked, where the server of its tests listens.
ADDRESS = "TESTS_DBT"
SERVERS: list[subprocess.Popen[bytes]] = []
# For Dbt, to which this module is its `subprocess`.
DEVNULL = subprocess.DEVNULL


def use() -> None:
    """Let every Dbt of this process fork what it runs."""
    project.subprocess = sys.modules[__name__]  # type: ignore[attr-defined]


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
