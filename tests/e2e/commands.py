"""
The `churn` command in a process that need not import its libraries: most of what it costs.

A server of multiprocessing imports them once and does nothing else; each command is a fork of it,
with arguments, environment, working folder and output of its own. So is the dbt it calls.
"""

import functools
import multiprocessing
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pipelines
from tests import dbt_forks

TIMEOUT_SECONDS = 3000
# Runs in alibi-detect's own environment, where there is nothing of ours.
NOT_OURS = "pipelines.adapters.drift.alibi_worker"
# What is imported late: by MLflow when it is first asked something.
LATE = (
    "pytest",  # which a fork takes for its main module
    "mlflow.store.tracking.sqlalchemy_store",
    "mlflow.store.model_registry.sqlalchemy_store",
)


@functools.cache
def _server() -> ForkServerContext:
    """Return the server, which starts with the first command of this process."""
    context = multiprocessing.get_context("forkserver")
    found = pkgutil.walk_packages(pipelines.__path__, "pipelines.")
    context.set_forkserver_preload([*(m.name for m in found if m.name != NOT_OURS), *LATE])

    return context


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; return its exit code and what it printed."""
    told = {**environ, dbt_forks.ADDRESS: dbt_forks.address()}
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ("stdout", "stderr")]
        process = _server().Process(target=_command, args=(arguments, told, outputs))
        process.start()
        process.join(TIMEOUT_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([*arguments], TIMEOUT_SECONDS)
        stdout, stderr = (path.read_text("utf-8") for path in outputs)

    return subprocess.CompletedProcess([*arguments], process.exitcode, stdout, stderr)


def _command(arguments: Sequence[str], environ: Mapping[str, str], outputs: Sequence[Path]) -> None:
    """Be the command, in a process forked for it."""
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.setsid()
    for descriptor, path in enumerate(outputs, start=1):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND), descriptor)
    dbt_forks.use()
    sys.argv = ["churn", *arguments]
    from pipelines.cli.command import main  # noqa: PLC0415  forked with it, not started with it

    main()
