"""The database restarts, or its disk is full: a clear failure, the old list, and a night that can be run again."""

import contextlib
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.adapters import postgres
from tests.faults.business import NIGHT, NO_SCORES_WRITTEN, Business
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

NO_FEATURES_READ = "lock table analytics.fct_customer_features in access exclusive mode"
SPARE_BYTES = 64 << 20


@pytest.mark.parametrize(
    ("mode", "moment", "hold"),
    [
        ("immediate", "write", NO_SCORES_WRITTEN),
        pytest.param("immediate", "read", NO_FEATURES_READ, marks=pytest.mark.slow),
        pytest.param("fast", "write", NO_SCORES_WRITTEN, marks=pytest.mark.slow),
        pytest.param("fast", "read", NO_FEATURES_READ, marks=pytest.mark.slow),
    ],
)
def test_a_restart(business: Business, tell: Tell, mode: str, moment: str, hold: str) -> None:
    """The score in progress ends with 11 and a sentence; the next command starts the server."""
    checker = Checker(business, NIGHT, *business.turn())
    with checker.watched():
        with business.held(hold):
            process = business.start("score")
            business.wait_until_blocked()
            business.stop_server(mode)
            _, said = process.communicate(timeout=60)
        assert (11, "error: the warehouse failed") == (
            process.returncode,
            said[-4000:][said[-4000:].find("error:") :][:27],
        )
        assert "Traceback" not in said
        for command in (["score"], ["gate", "scores"], ["publish"]):
            assert business.run(*command).returncode == 0
    checker.check_finished(checker.new)
    tell(f"database: {mode} stop in mid-{moment}", "score exit 11; re-run works", checker.polls)


def test_a_full_disk(business: Business, tell: Tell) -> None:
    """No byte can be written any more: score says so, and works when there is room again."""
    checker = Checker(business, NIGHT, *business.turn())
    with small_disk(business) as (kind, full), checker.watched():
        with full():
            failed = business.run("score")
        assert failed.returncode == 11, failed.stderr
        assert "Traceback" not in failed.stderr
        checker.check(checker.old)
        for command in (["score"], ["gate", "scores"], ["publish"]):
            done = business.run(*command)
            assert done.returncode == 0, done.stderr
    checker.check_finished(checker.new)
    tell(f"database: disk full ({kind})", "score exit 11; re-run works", checker.polls)


@contextlib.contextmanager
def small_disk(business: Business) -> Iterator[tuple[str, "object"]]:
    """Put the data on a disk that can be filled: a tmpfs for root, else a limit on every file."""
    if os.geteuid() != 0:
        yield "limit on file size", lambda: files_limited(business)
        return
    state = postgres.state_folder(business.installation.home)
    data, aside = state / "data", state / "aside"
    business.stop_server("fast")
    data.rename(aside)
    data.mkdir()
    size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file()) + SPARE_BYTES
    owner = f"uid={postgres.NOBODY},gid={postgres.NOBODY},mode=0700"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},{owner}", "tmpfs", data], check=True
    )
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", data], check=True)
        postgres.start(business.installation.home)
        yield "tmpfs", lambda: filled(data)
        business.stop_server("fast")
        shutil.rmtree(aside)
        subprocess.run(["cp", "-a", f"{data}/.", aside], check=True)
    finally:
        subprocess.run(["umount", "-l", data], check=True)
        data.rmdir()
        aside.rename(data)
        postgres.start(business.installation.home)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fill a file system to its last byte, and empty it again."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as handle, contextlib.suppress(OSError):
        while True:
            handle.write(b"\0" * (1 << 16))
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def files_limited(business: Business) -> Iterator[None]:
    """Let the server write no file beyond 8 kB, and any file again."""
    pid_file = postgres.state_folder(business.installation.home) / "data" / "postmaster.pid"
    pid = int(pid_file.read_text().splitlines()[0])
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
