"""Bytes of a file, unpacked as they are read; how it is packed is told by its first bytes."""

import bz2
import contextlib
import gzip
import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from pipelines.adapters.sources import archives
from pipelines.adapters.sources.archives import ZIP
from pipelines.adapters.sources.refusals import FETCH_AGAIN, listed, refusal
from pipelines.errors import ImportRefused

if TYPE_CHECKING:
    from typing_extensions import Buffer

PIECE = 1 << 20
LONGEST_MAGIC = 6
PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    ZIP: "zip",
}
DAMAGE = (
    *(OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
    # A zip that is encrypted, or packed by a method that Python has not.
    *(RuntimeError, NotImplementedError),
)


def checked(path: Path) -> Path:
    """
    Return *path* if a file is there.

    Raises:
        ImportRefused: It is missing, or a folder, a pipe or a device.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, a socket or a device"
        raise refusal(path, f"is not a file: it is {kind}", "name a file, or write it to one first")

    return path


def unreadable(path: Path, error: Exception) -> ImportRefused:
    """Return the refusal of what the system does not let us read."""
    reason = (isinstance(error, OSError) and error.strerror) or "no name of a file"

    return refusal(path, f"cannot be read: {reason}", "name a file that is there and may be read")


def packing(head: bytes) -> str:
    """Return how a file that begins with *head* is packed, or nothing."""
    return next((name for magic, name in PACKED.items() if head.startswith(magic)), "")


class _Content(io.RawIOBase):
    """Bytes as they are unpacked, whose failures are refusals of the file."""

    def __init__(self, path: Path, packed: str, unpacked: IO[bytes]) -> None:
        self._path = path
        self._packed = packed
        self._unpacked = unpacked

    def readable(self) -> bool:
        """Say that it is there to be read."""
        return True

    def readinto(self, buffer: "Buffer") -> int:
        """Read as io.RawIOBase does; ImportRefused where that fails."""
        view = memoryview(buffer)
        try:
            piece = self._unpacked.read(len(view))
        except DAMAGE as error:
            raise _damaged(self._path, self._packed, error) from None
        view[: len(piece)] = piece

        return len(piece)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """
    Have the content of *path* for the block, unpacked if it is packed.

    Args:
        path: A file, or one of a zip of several, named as if that was a folder.

    Raises:
        ImportRefused: There is no file, it cannot be read, it is a zip of not exactly one file,
            or it proves damaged while the block reads it.
    """
    with stored(path) as raw:
        packed = "zip" if archives.located(path) else ""
        try:
            own = packing(raw.read(LONGEST_MAGIC))
            packed = own or packed
            raw.seek(0)
            unpacked = _unpacked(path, raw, own)
        except DAMAGE as error:
            raise _damaged(path, packed, error) from None
        yield io.BufferedReader(_Content(path, packed, unpacked), PIECE)


@contextlib.contextmanager
def stored(path: Path) -> Iterator[IO[bytes]]:
    """Have the bytes of *path* for the block, as they lie there; see `opened`."""
    place = archives.located(path)
    with contextlib.ExitStack() as closing:
        try:
            if place is None:
                raw: IO[bytes] = closing.enter_context(checked(path).open("rb"))
            else:
                archive = closing.enter_context(zipfile.ZipFile(place[0]))
                raw = closing.enter_context(archive.open(place[1]))
        except DAMAGE as error:
            raise _damaged(path, "zip" if place else "", error) from None
        yield raw


def how_packed(path: Path) -> str:
    """Return how *path* is packed, in a zip of several too, or nothing; see `opened`."""
    with stored(path) as raw:
        packed = "zip" if archives.located(path) else ""
        try:
            return packing(raw.read(LONGEST_MAGIC)) or packed
        except DAMAGE as error:
            raise _damaged(path, packed, error) from None


def _damaged(path: Path, packed: str, error: Exception) -> ImportRefused:
    """Return the refusal of a file that fails while it is read."""
    if not packed:
        return unreadable(path, error)

    return refusal(path, f"is damaged: it does not unpack as {packed} to its end", FETCH_AGAIN)


def _unpacked(path: Path, raw: IO[bytes], packed: str) -> IO[bytes]:
    """Return a stream of what is packed in *raw*."""
    if packed == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if packed == "bzip2":
        return cast(IO[bytes], bz2.BZ2File(raw))
    if packed == "xz":
        return cast(IO[bytes], lzma.LZMAFile(raw))
    if packed == "zip":
        return _only_member(path, raw)

    return raw


def _only_member(path: Path, raw: IO[bytes]) -> IO[bytes]:
    """Open the one file of a zip."""
    archive = zipfile.ZipFile(raw)
    members = archives.of_people(archive.namelist())
    if len(members) != 1:
        raise refusal(
            path,
            f"holds {len(members)} files ({listed(members)})",
            "unpack it into a folder and name the folder",
        )

    return archive.open(members[0])
