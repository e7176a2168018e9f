"""
Files in a folder of another user, read and taken over without being led astray.

Whoever owns a folder may put a link, a pipe or a device in the place of a file. Root follows none.
"""

import os
import stat
from pathlib import Path

from pipelines.adapters.local import private_files
from pipelines.errors import DatabaseUnavailable


def head(path: Path, size: int) -> str | None:
    """Return the first *size* bytes of a plain file as text; None where there is none."""
    return _read(path, 0, size)


def tail(path: Path, size: int) -> str:
    """Return the last *size* bytes of a plain file as text; nothing where there is none."""
    return _read(path, -size, size) or ""


def take_over(folder: Path, names: tuple[str, ...]) -> None:
    """
    Make *folder* root's own, and so the files called *names* in it.

    Raises:
        DatabaseUnavailable: It is a link, or one of the files is no plain file of one name.
    """
    before = folder.lstat()
    if not stat.S_ISDIR(before.st_mode):
        raise _astray(folder)
    os.chown(folder, 0, 0, follow_symlinks=False)
    # From here on nobody else can put anything in their places.
    for path in [folder / name for name in names if os.path.lexists(folder / name)]:
        text = head(path, 4096)
        if text is None or path.lstat().st_nlink != 1:
            os.chown(folder, before.st_uid, before.st_gid, follow_symlinks=False)  # looked at again
            raise _astray(path)
        path.unlink()
        private_files.write(path, text)
    folder.chmod(0o711)


def _read(path: Path, start: int, size: int) -> str | None:
    """Read *size* bytes from *start*, counted from the end where negative."""
    try:
        # Without waiting for whoever writes, if it is a pipe after all.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as handle:
        handle.seek(max(0, found.st_size + start if start < 0 else start))

        return handle.read(size).decode("utf-8", "replace")


def _astray(path: Path) -> DatabaseUnavailable:
    """Return the error for what somebody has put in the place of a file of ours."""
    return DatabaseUnavailable(
        f"{path} is not the plain file or folder it was made as, and root follows nothing there",
        next_step="find out who replaced it; then `make clean` and begin anew, or put it back",
    )
