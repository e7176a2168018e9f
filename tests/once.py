"""What the workers of one run share: the first who needs it makes it, the others wait for it."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.adapters.local import postgres


def begin() -> Path:
    """Make the folder of one run, which the database's user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="churn-tests-"))
    folder.chmod(0o755)

    return folder


@contextlib.contextmanager
def lasting() -> Iterator[Path]:
    """Have the folder of a run for the block."""
    run = begin()
    try:
        yield run
    finally:
        end(run)


def made(run: Path, name: str, make: Callable[[Path], object]) -> Path:
    """
    Return the state folder *name* of the run, made by *make* if nobody has made it yet.

    Args:
        run: The folder of the run.
        name: Of the folder below it.
        make: Fills the folder, which is there and empty, and leaves no process behind.
    """
    home, mark = run / name, run / f"{name}.made"
    with (run / f"{name}.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not mark.exists():
            _remove(home)
            home.mkdir(mode=0o755)
            make(home)
            mark.touch()

    return home


def end(run: Path) -> None:
    """Remove the folder of the run, and whatever databases its state folders keep elsewhere."""
    for home in run.iterdir():
        if home.is_dir():
            _remove(home)
    shutil.rmtree(run, ignore_errors=True)


def _remove(home: Path) -> None:
    """Remove a state folder and its database."""
    postgres.stop(home)
    postgres.remove(home)
    shutil.rmtree(home, ignore_errors=True)
