"""
Long-running processes of this installation: started apart from the shell, found again, ended whole.

Each runs in a session of its own. What is needed to find it again is a file in the run folder: its
pid, and when it started, because the system gives pids away again.
"""

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from pipelines.adapters.local import log_files, private_files
from pipelines.errors import ServiceFailed

GRACE_SECONDS = 10.0
SETTINGS = ("AIRFLOW", "CHURN_", "MLFLOW_")
MARK = "CHURN_SERVICES_OF"  # in the environment of every process of ours: its run folder


@dataclass(frozen=True, slots=True)
class Service:
    """
    One process to keep running.

    Attributes:
        name: Name of its record and its log.
        command: Program and arguments.
        environment: Added to, and winning over, what is inherited.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Changes with the command and its settings, but not with the shell it is started from."""
        settings = {
            key: value for key, value in self.environment.items() if key.startswith(SETTINGS)
        }
        wanted = json.dumps([self.command, sorted(settings.items())])

        return hashlib.sha256(wanted.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """What the run folder knows of a process that was started."""

    name: str
    pid: int
    started: str
    started_at: float
    fingerprint: str


@contextlib.contextmanager
def exclusive(run: Path) -> Iterator[None]:
    """Let one process at a time start or end the services of the run folder."""
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private_files.locked(run / "lock"):
        yield


def start(service: Service, run: Path, logs: Path) -> bool:
    """
    Start *service* unless it runs already as asked; return whether it was started now.

    One that runs with another command or other settings is ended first. A log that has grown large
    is rotated.
    """
    record = _record(run / f"{service.name}.pid.json")
    if record and _is_alive(record):
        if record.fingerprint == service.fingerprint:
            return False
        stop(run, [service.name])

    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    log_files.rotate(log_file(logs, service.name))
    with log_file(logs, service.name).open("ab") as log:
        process = subprocess.Popen(
            service.command,
            env={**service.environment, MARK: str(run)},
            cwd=run,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    record = Record(
        name=service.name,
        pid=process.pid,
        started=_started(process.pid) or "ended at once",
        started_at=time.time(),
        fingerprint=service.fingerprint,
    )
    process.returncode = 0  # it outlives us on purpose: no warning that it was not waited for
    (run / f"{service.name}.pid.json").write_text(json.dumps(asdict(record)))

    return True


def check(service: Service, run: Path, logs: Path) -> None:
    """Raise ServiceFailed with the end of its log when *service* has ended."""
    record = _record(run / f"{service.name}.pid.json")
    if record and _is_alive(record):
        return

    log = log_file(logs, service.name)
    raise ServiceFailed(
        f"{service.name} ended while it was starting:\n{tail(log)}",
        next_step=f"read {log}",
    )


def running(run: Path) -> list[str]:
    """Return the names of the services that run."""
    return sorted(record.name for record in _records(run) if _is_alive(record))


def stop(
    run: Path, names: list[str] | None = None, *, grace_seconds: float = GRACE_SECONDS
) -> list[str]:
    """
    End services with everything they started: SIGTERM, and SIGKILL after a grace.

    Args:
        run: The run folder.
        names: Services to end; None ends all of the folder.
        grace_seconds: Between the two signals.

    Returns:
        Names of the services that were running.
    """
    records = [record for record in _records(run) if names is None or record.name in names]
    ended = [record.name for record in records if _is_alive(record)]

    family = _family(run, records, everyone=names is None)
    _signal(family, "terminate")
    _, stubborn = psutil.wait_procs(family, timeout=grace_seconds)
    # What a dying process started in its last seconds was not in the family yet.
    late = [*stubborn, *_family(run, records, everyone=names is None)]
    _signal(late, "kill")
    psutil.wait_procs(late, timeout=GRACE_SECONDS)

    for record in records:
        (run / f"{record.name}.pid.json").unlink(missing_ok=True)

    return sorted(ended)


def free_port(wanted: int | None = None) -> int:
    """Return *wanted* if nobody listens there, else a port that is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError:
            probe.bind(("127.0.0.1", 0))

        return int(probe.getsockname()[1])


def log_file(logs: Path, name: str) -> Path:
    """Return where the service called *name* writes what it prints."""
    return logs / f"{name}.log"


def tail(path: Path, lines: int = 20) -> str:
    """Return the last *lines* of a text file, or nothing where there is none."""
    if not path.exists():
        return ""

    return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-lines:])


def _records(run: Path) -> list[Record]:
    """Return every record of the run folder."""
    found = [_record(path) for path in sorted(run.glob("*.pid.json"))]

    return [record for record in found if record]


def _record(path: Path) -> Record | None:
    """Read one record."""
    if not path.exists():
        return None

    return Record(**json.loads(path.read_text()))


def _started(pid: int) -> str | None:
    """
    Say when a process started, in a way no change of the clock alters; None when there is none.

    Linux counts clock ticks since a boot that has an id; elsewhere the kernel keeps the time.
    """
    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return None
        if not psutil.LINUX:
            return str(psutil.Process(pid).create_time())
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None

    return f"{boot}:{ticks}"


def _is_alive(record: Record) -> bool:
    """Tell whether the very process of *record* runs, not a later one with its pid."""
    return _started(record.pid) == record.started


def _family(run: Path, records: list[Record], *, everyone: bool) -> list[psutil.Process]:
    """
    Return the processes of *records* and all that descends from them, alive or orphaned.

    Descendants are found by parenthood, by session, and, where a task went into a session of its
    own and lost its parent, by the mark in its environment (*everyone*).
    """
    alive = {record.pid for record in records if _is_alive(record)}
    orphaned = {
        record.pid: record.started_at for record in records if not psutil.pid_exists(record.pid)
    }
    family: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            session = os.getsid(process.pid)
            is_ours = session in alive or (
                session in orphaned and process.create_time() >= orphaned[session] - 1
            )
            if not is_ours and everyone and process.pid != os.getpid():
                is_ours = process.environ().get(MARK) == str(run)
            if is_ours:
                family[process.pid] = process
                family.update({child.pid: child for child in process.children(recursive=True)})
    family.pop(os.getpid(), None)

    return list(family.values())


def _signal(family: list[psutil.Process], signal: str) -> None:
    """Send *signal* to each process that is still there; psutil spares recycled pids."""
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess, PermissionError):
            getattr(process, signal)()
