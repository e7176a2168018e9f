"""
Whose process the pid of a PostgreSQL server is.

The server leaves its pid in `postmaster.pid`, and a power cut leaves the file. After a reboot that
pid may be anybody's; PostgreSQL itself and its pg_ctl trust, and signal, whatever runs under it.
"""

import contextlib
from pathlib import Path

import psutil

from pipelines.adapters.local.foreign_files import head

PROGRAM = "postgres"


def pid_of(data: Path) -> int | None:
    """
    Return the pid of the server that runs on the folder *data*, None where none does.

    It is the server if it runs PostgreSQL's program with that folder as its own argument.
    """
    try:
        pid = int((head(pid_file(data), 64) or "").split("\n", 1)[0])
    except ValueError:
        return None
    # A process that may not be looked at is another user's, and so no server of ours.
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        process = psutil.Process(pid)
        is_ours = Path(process.exe()).name == PROGRAM and str(data) in process.cmdline()
        return pid if is_ours else None

    return None


def pid_file(data: Path) -> Path:
    """Return where the server says its pid."""
    return data / "postmaster.pid"
