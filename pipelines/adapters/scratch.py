"""
Folders for what is written on the way, and gone afterwards, after a `kill -9` too.

What is written may be about customers: samples of features, rows a model is proven with. So it lies
in a folder of the installation and not in the system's, and whoever makes the next folder of a kind
first removes those whose owners are dead. An owner holds a lock on a file beside its folder, which
the system takes away with the process: whatever can be locked has no owner.
"""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def folder(within: Path, kind: str) -> Iterator[Path]:
    """
    Make an empty folder for the block, readable by its owner alone.

    Args:
        within: Where it is made, and created itself where it is missing; links in it stay.
        kind: What its name begins with. Folders of dead owners are removed if they are of the same
            kind; whatever else lies in *within* is left alone.

    Yields:
        The folder, which may be moved away meanwhile.
    """
    within.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = within / f".{kind}-{secrets.token_hex(8)}"
    # Nobody sweeps between the birth of a lock and its being held.
    with _opened(within / f".{kind}.lock") as everybody:
        fcntl.flock(everybody, fcntl.LOCK_EX)
        _sweep(within, kind)
        own = _opened(_lock_of(made))
        fcntl.flock(own, fcntl.LOCK_EX)
        made.mkdir(mode=0o700)
    with own:
        try:
            yield made
        finally:
            _remove(made)


def _sweep(within: Path, kind: str) -> None:
    """Remove the folders of one *kind* that nobody holds, and their locks."""
    ours = re.compile(rf"(\.{re.escape(kind)}-[0-9a-f]{{16}})(\.owner)?")
    names = {found[1] for path in within.iterdir() if (found := ours.fullmatch(path.name))}
    for left in [within / name for name in sorted(names)]:
        with _opened(_lock_of(left)) as owner:
            try:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            log.warning("left_by_a_dead_process", removed=str(left))
            try:
                _remove(left)
            except OSError as error:
                # Something its owner had started writes there still, or it is no folder of ours.
                if error.errno not in {errno.ENOTEMPTY, errno.ENOTDIR, errno.ELOOP}:
                    raise
                log.warning("not_removed", folder=str(left), reason=error.strerror)


def _remove(made: Path) -> None:
    """Remove a folder and then its lock; no link is followed."""
    if made.is_symlink():
        raise NotADirectoryError(errno.ENOTDIR, "it is a link", str(made))
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(made)
    _lock_of(made).unlink(missing_ok=True)


def _lock_of(made: Path) -> Path:
    """Return the file the owner of a folder holds a lock on."""
    return made.with_name(f"{made.name}.owner")


def _opened(path: Path) -> IO[str]:
    """Open a file to be locked, made where it is missing; no link is followed."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW, 0o600)

    return os.fdopen(descriptor, "a")
