"""No room to write: a small tmpfs for root, a limit on the size of every file for anybody."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from pipelines.adapters.local import postgres
from pipelines.adapters.local.postgresql.programs import NOBODY
from tests.faults.business import Business

SPARE_BYTES = 64 << 20
FILE_BYTES = 8192


def can_be_mounted() -> bool:
    """Tell whether this user may mount a tmpfs; root in a container often may not."""
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "tmpfs", folder], check=False, capture_output=True
        )
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)

    return tried.returncode == 0


@contextlib.contextmanager
def small(business: Business) -> Iterator[Path]:
    """Have the data on a tmpfs with 64 MB to spare, and back again; gives the data folder."""
    state = postgres.state_folder(business.churn_home.home)
    data, aside = state / "data", state / "aside"
    business.stop_server("fast")
    data.rename(aside)
    data.mkdir()
    size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file()) + SPARE_BYTES
    owner = f"uid={NOBODY},gid={NOBODY},mode=0700"
    options = f"size={size},{owner}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", data], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", data], check=True)
        postgres.start(business.churn_home.home)
        yield data
        business.stop_server("fast")
        shutil.rmtree(aside)
        subprocess.run(["cp", "-a", f"{data}/.", aside], check=True)
    finally:
        postgres.stop(business.churn_home.home)
        subprocess.run(["umount", data], check=True)
        data.rmdir()
        aside.rename(data)
        postgres.start(business.churn_home.home)


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Have a tmpfs without a free byte in the place of *folder*."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    try:
        fill(folder)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> None:
    """Fill a file system to its last byte."""
    with (folder / "filler").open("wb", buffering=0) as handle, contextlib.suppress(OSError):
        while True:
            handle.write(b"\0" * (1 << 16))


def empty(folder: Path) -> None:
    """Undo *fill*."""
    (folder / "filler").unlink()


def limit(business: Business) -> list[psutil.Process]:
    """Let no process of the server write beyond 8 kB of a file; gives those it holds for."""
    pid_file = postgres.state_folder(business.churn_home.home) / "data" / "postmaster.pid"
    postmaster = psutil.Process(int(pid_file.read_text().splitlines()[0]))
    processes = [postmaster, *postmaster.children()]
    _limit_files(processes, str(FILE_BYTES))

    return processes


def free(processes: list[psutil.Process]) -> None:
    """Undo *limit* for the processes that are still there."""
    _limit_files([process for process in processes if process.is_running()], "unlimited")


def _limit_files(processes: list[psutil.Process], soft: str) -> None:
    """Set the soft limit on file sizes, as the server's user: no other may, not even root here."""
    user = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    done = [
        subprocess.run(["prlimit", f"--pid={process.pid}", f"--fsize={soft}:"], check=False, **user)
        for process in processes
    ]
    gone = [process for process in processes if not process.is_running()]
    assert sum(one.returncode != 0 for one in done) <= len(gone)
