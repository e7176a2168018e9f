"""The process of Spark's driver: started with nothing of ours but a job, and ended whole."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from pipelines.adapters.local import log_files
from pipelines.errors import ConfigError, ServiceFailed

MODULE = "pipelines.adapters.spark.driver"
INSTALL = 'make spark, and Java 17 or 21; or engine = "here" for the population in churn.toml'
SCHEME = "spark://"
CONNECT_SECONDS = 5
GRACE_SECONDS = 5

# No login of the warehouse and no address of a channel reaches the process.
INHERITED = ("PATH", "LANG", "TZ", "JAVA_HOME")


def interpreter(root: Path) -> Path:
    """
    Return the Python of Spark's environment.

    Args:
        root: The checkout, which holds `.venv-spark`; `CHURN_SPARK_PYTHON` goes before it.

    Raises:
        ConfigError: There is none, or no Java.
    """
    chosen = os.environ.get("CHURN_SPARK_PYTHON")
    python = Path(chosen) if chosen else root / ".venv-spark" / "bin" / "python"
    if not python.exists():
        raise ConfigError(
            f'a population has engine = "spark", and its environment is not there: {python}',
            next_step=INSTALL,
        )
    java = os.environ.get("JAVA_HOME")
    if not (Path(java, "bin", "java").exists() if java else shutil.which("java")):
        raise ConfigError(
            'a population has engine = "spark", and there is no Java to run it', next_step=INSTALL
        )

    return python


def require_reachable(master: str) -> None:
    """
    Refuse a standalone cluster whose master cannot be reached; Spark itself takes a minute.

    Raises:
        ServiceFailed: None of the masters listens.
    """
    if not master.startswith(SCHEME):
        return
    for address in master.removeprefix(SCHEME).split(","):
        host, _, port = address.rpartition(":")
        with contextlib.suppress(OSError, OverflowError):
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
            return
    raise ServiceFailed(
        f"Spark's master {master} cannot be reached",
        next_step="start the cluster, see docs/scale.md, or correct master under [spark] in "
        "churn.toml; the list that is published stays meanwhile",
    )


def run(
    python: Path,
    arguments: Sequence[Path],
    *,
    code: Path,
    conf: Path,
    host: str,
    worker_python: str | None,
    log: Path,
    seconds: int,
) -> None:
    """
    Run the driver to its end, however that is; what it says goes to a log.

    Args:
        python: Interpreter of its environment.
        arguments: Its job, its answer, and what its workers import.
        code: The zip it imports our package from.
        conf: Folder of its configuration.
        host: Address of this machine by which the workers reach it.
        worker_python: Interpreter of the workers' environment; None is the driver's path.
        log: File it writes to.
        seconds: When it is ended.

    Raises:
        ServiceFailed: It did not start, or not end in time.
    """
    kept = {key: os.environ[key] for key in INHERITED if key in os.environ}
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    log_files.rotate(log)
    with log.open("ab") as written:
        try:
            process = subprocess.Popen(
                [python, "-m", MODULE, *arguments],
                env={
                    **kept,
                    "HOME": str(conf),
                    "TMPDIR": str(conf),
                    "PYTHONPATH": str(code),
                    "PYTHONUTF8": "1",
                    "PYTHONWARNINGS": "ignore",
                    "PYTHONSAFEPATH": "1",
                    "SPARK_CONF_DIR": str(conf),
                    "SPARK_LOCAL_DIRS": str(conf),
                    "SPARK_LOCAL_IP": host,
                    "PYSPARK_DRIVER_PYTHON": str(python),
                    "PYSPARK_PYTHON": worker_python or str(python),
                },
                cwd=conf,
                stdin=subprocess.PIPE,  # closed with us, whatever ends us
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        except OSError as error:
            raise ServiceFailed(
                f"Spark's driver ({python}) did not start: {error.strerror}", next_step=INSTALL
            ) from None
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ServiceFailed(
                f"Spark did not score the list within {seconds} s",
                next_step="add workers, or raise job_seconds under [spark] in churn.toml; the list "
                "that is published stays meanwhile",
            ) from None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Return when nothing of the driver runs: itself, and the JVM, which is in its group."""
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        # At first it is left to itself: Spark's JVM tidies up when the driver has ended.
        for number in (0, signal.SIGTERM, signal.SIGKILL):
            os.killpg(process.pid, number)
            deadline = time.monotonic() + GRACE_SECONDS
            while time.monotonic() < deadline:
                process.poll()  # or it stays in its group for ever
                os.killpg(process.pid, 0)
                time.sleep(0.02)
