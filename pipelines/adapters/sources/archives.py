"""A zip of several files, which is named as a folder of them: `export.zip/orders.csv`."""

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pipelines.adapters.sources.refusals import FETCH_AGAIN, refusal

ZIP = b"PK\x03\x04"
# What is in every xlsx workbook, which is a zip as well.
WORKBOOK = "xl/workbook.xml"


def is_workbook(path: Path) -> bool:
    """Tell whether *path*, which begins as a zip does, is an xlsx workbook."""
    return WORKBOOK in _names(path)


def is_folder(path: Path) -> bool:
    """Tell whether a zip of several files lies at *path*, and no workbook."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as raw:
            is_zip = raw.read(len(ZIP)) == ZIP
    except (OSError, ValueError):
        return False

    return is_zip and not is_workbook(path) and len(members(path)) > 1


def members(path: Path) -> list[str]:
    """Return the names of the files of a zip, in their order; none of what is no zip."""
    return of_people(_names(path))


def of_people(names: Sequence[str]) -> list[str]:
    """Return those names in a zip that somebody packed."""
    # Where a Mac packs a file, it puts what it knows about the file beside it.
    return [
        name
        for name in names
        if not (name.endswith("/") or name.startswith("__MACOSX/") or _last(name).startswith("."))
    ]


def files(path: Path) -> list[Path]:
    """
    Return where the files of a zip are named to lie, in the order of their names.

    Raises:
        ImportRefused: One of them is named as if it lay elsewhere, or as another one.
    """
    names = members(path)
    astray = [name for name in names if name.startswith("/") or ".." in PurePosixPath(name).parts]
    if astray or len({*names}) < len(names):
        fault = "outside of it" if astray else "named twice"
        raise refusal(path, f"holds {len(names)} files, of which some are {fault}", FETCH_AGAIN)

    return sorted(path / name for name in names)


def located(path: Path) -> tuple[Path, str] | None:
    """Return the zip in which *path* is named to lie, and its name there; None of any other."""
    try:
        packed = next((folder for folder in path.parents if folder.is_file()), None)
    except (OSError, ValueError):  # no name of a file
        return None
    name = "" if packed is None else path.relative_to(packed).as_posix()

    return None if packed is None or name not in members(packed) else (packed, name)


def _names(path: Path) -> list[str]:
    """Return all names in a zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return []


def _last(name: str) -> str:
    """Return the name of a member without its folders."""
    return PurePosixPath(name).name
