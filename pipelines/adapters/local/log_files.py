"""
What servers and tasks write below the folder of logs: rotated by size, and removed by age.

A log of a server is rotated before the server starts, and by `churn prune`, while it may be
writing: its lines are copied away and the file is cut, so that whoever has it open goes on at its
beginning.
Airflow names a file for every attempt at a task and every day of its DAG processor, and removes
none of them.
"""

import contextlib
import errno
import logging.handlers
import os
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

LARGEST_BYTES = 10_000_000
GENERATIONS = 3


def rotate(path: Path) -> bool:
    """
    Begin a log anew if it is large; return whether it was.

    The last GENERATIONS stay as `<name>.1`, the latest, to `<name>.3`. Lines that are written in
    the moment between the copy and the cut are lost.
    """
    if not is_large(path):
        return False
    handler = logging.handlers.RotatingFileHandler(path, backupCount=GENERATIONS, delay=True)
    handler.rotator = _move_content
    handler.doRollover()
    handler.close()

    return True


@dataclass(frozen=True)
class LogFolders:
    """
    Where servers and tasks write.

    Attributes:
        servers: Holds one `<name>.log` a server.
        tasks: Folders of which all that is old can go: those of Airflow's tasks and DAG processor.
    """

    servers: Path
    tasks: tuple[Path, ...]

    def discard_before(self, before: date) -> int:
        """Remove what tasks last wrote before *before*, 00:00 UTC; rotate the logs of servers."""
        midnight = datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp()
        for path in sorted(self.servers.glob("*.log")):
            rotate(path)

        return sum(_discard(folder, midnight) for folder in self.tasks)


def _discard(top: Path, moment: float) -> int:
    """
    Remove the plain files below *top* that were last written before *moment*; return how many.

    Every step down is made from a folder that is held open, so that no link is followed even if
    somebody puts one in the place of a folder meanwhile.
    """
    if not top.exists():
        return 0
    if top.is_symlink() or top.parent.is_symlink():
        log.warning("link_not_followed", folder=str(top))
        return 0
    parent = os.open(top.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return _discard_within(parent, top.name, moment)
    finally:
        os.close(parent)


def _discard_within(parent: int, name: str, moment: float) -> int:
    """Do that in the folder called *name* of an open one; folders nobody fills any more go too."""
    removed = 0
    # In a folder that somebody has just filled, more may be on its way, though it be empty now.
    unused: set[tuple[int, int]] = set()
    walk = os.fwalk(name, topdown=False, onerror=_raise_unless_gone, dir_fd=parent)
    for _, folders, files, here in walk:
        found = os.fstat(here)
        if found.st_mtime < moment:
            unused.add((found.st_dev, found.st_ino))
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(file, dir_fd=here, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_mtime < moment:
                    os.unlink(file, dir_fd=here)
                    removed += 1
        for folder in folders:
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(folder, dir_fd=here, follow_symlinks=False)
                if (found.st_dev, found.st_ino) in unused:
                    _remove_if_empty(folder, here)

    return removed


def _remove_if_empty(name: str, here: int) -> None:
    """Remove a folder of the open folder *here*, unless there is something in it."""
    try:
        os.rmdir(name, dir_fd=here)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise


def _raise_unless_gone(error: OSError) -> None:
    """Let no folder be skipped in silence but one that is not there."""
    if not isinstance(error, FileNotFoundError):
        raise error


def is_large(path: Path) -> bool:
    """Tell whether *path* is a plain file of one name, in a folder that is no link, and large."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False

    return (
        stat.S_ISREG(found.st_mode)
        and found.st_nlink == 1
        and found.st_size > LARGEST_BYTES
        and not path.parent.is_symlink()
    )


def _move_content(source: str, target: str) -> None:
    """
    Copy a log away and cut it, for whoever has it open to go on at its beginning.

    What is cut is what was copied: neither file can be a link that was put in its place meanwhile.
    """
    Path(target).unlink(missing_ok=True)
    descriptor = os.open(source, os.O_RDWR | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "r+b") as old, Path(target).open("xb") as new:
        shutil.copyfileobj(old, new)
        old.truncate(0)
