"""A SOURCE that a person names, as its tables."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from pipelines.adapters.sources import archives, files, folders
from pipelines.adapters.sources.databases import addresses
from pipelines.adapters.sources.databases import tables as database_tables
from pipelines.adapters.sources.databases.addresses import Address
from pipelines.adapters.sources.refusals import listed, refusal
from pipelines.domain.ports.sources import SourceTable

WAREHOUSE = "warehouse"
ELSEWHERE = re.compile(r"(https?|ftp|sftp|s3|gs|az|abfss?|hdfs|file)://", re.IGNORECASE)


def opened(source: str, *, warehouse: Callable[[], str] | None = None) -> list[SourceTable]:
    """
    Return the tables of *source*, at least one; their rows are not read yet.

    Args:
        source: A file, `book.xlsx#Sheet`, a folder or a zip of several files, `folder#table`,
            `scheme://…#schema.table`, `scheme://…?query=select …`, or `warehouse#schema.table`. A
            file or folder that is there under the whole name is that one, whatever stands in it.
        warehouse: Returns the address of our own database; None where there is none.

    Raises:
        ImportRefused: It is missing, unreadable, or nothing that holds tables.
        DatabaseUnavailable: Its database does not answer.
    """
    if not source.partition("#")[0].strip():
        raise refusal(f"the source '{source}'", "names nothing", "name a file, folder or database")
    if ELSEWHERE.match(source):
        scheme = source.partition("://")[0]
        raise refusal(
            f"the source {scheme}://…", "is not on this machine", "fetch it and name the file"
        )
    if addresses.is_database(source):
        return database_tables.opened(addresses.parsed(source))

    path, part = _path_and_part(source)
    if str(path) == WAREHOUSE and source != "./warehouse" and not _is_there(path):
        return _of_warehouse(source, part, warehouse)
    origin = source if part is None else source.removesuffix(f"#{part}")
    # Path.is_dir raises on a name that is too long.
    if not (os.path.isdir(path) or archives.is_folder(path)):  # noqa: PTH112
        return files.opened(path, origin, part)

    tables = folders.opened(path, origin)
    if part is None:
        return tables
    named = [table for table in tables if part in {table.name, table.origin.rpartition("#")[2]}]
    if not named:
        names = listed(table.name for table in tables)
        raise refusal(source, f"is not there; it has: {names}", "name one as FOLDER#TABLE")

    return named


def only(source: str, *, warehouse: Callable[[], str] | None = None) -> SourceTable:
    """
    Return the one table of *source*, named as for `opened`.

    Raises:
        ImportRefused: It has several, or `opened` refuses it.
        DatabaseUnavailable: Its database does not answer.
    """
    tables = opened(source, warehouse=warehouse)
    if len(tables) > 1:
        names = listed(table.name for table in tables)
        raise refusal(
            tables[0].origin.partition("#")[0],
            f"holds {len(tables)} tables, and one is needed: {names}",
            "name one as SOURCE#TABLE",
        )

    return tables[0]


def kept(origin: str, project: Path) -> str:
    """
    Return the origin of a table as a declaration in *project* keeps it, see `declared`.

    What lies in the project, or beside it, is named from there, so that both can be moved together;
    what lies elsewhere on this machine by its whole path.
    """
    if _is_elsewhere(origin):
        return addresses.from_anywhere(origin)
    if is_of_warehouse(origin):
        return origin
    path, part = _path_and_part(origin)
    named = path.parent.resolve() / path.name
    folder = project.resolve()
    if named.is_relative_to(folder):
        named = named.relative_to(folder)
    elif named.parent == folder.parent:
        named = Path("..") / named.name
    written = f"./{named}" if _is_warehouse(str(named)) else str(named)

    return written if part is None else f"{written}#{part}"


def declared(origin: str, project: Path) -> str:
    """Return the SOURCE that an origin means which is declared in *project*, from any folder."""
    is_path = not (_is_elsewhere(origin) or _is_warehouse(origin))

    return str(project / origin) if is_path else origin


def is_of_warehouse(origin: str) -> bool:
    """Tell whether an origin is a table of this warehouse, and no file that is called so."""
    return _is_warehouse(origin) and not _is_there(Path(WAREHOUSE))


def _is_elsewhere(source: str) -> bool:
    """Tell whether a source is an address, and no path."""
    return ELSEWHERE.match(source) is not None or addresses.is_database(source)


def _is_warehouse(source: str) -> bool:
    """Tell whether a source is written as this warehouse is."""
    return source.partition("#")[0] == WAREHOUSE


def _path_and_part(source: str) -> tuple[Path, str | None]:
    """Split *source* at the first # before which there is a file or folder."""
    if _is_there(Path(source)) or "#" not in source:
        return Path(source), None
    places = [place for place, sign in enumerate(source) if sign == "#"]
    place = next((at for at in places if at and _is_there(Path(source[:at]))), places[-1])

    return Path(source[:place]), source[place + 1 :]


def _is_there(path: Path) -> bool:
    """Tell whether something lies at *path*."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False

    return True


def _of_warehouse(
    source: str, table: str | None, warehouse: Callable[[], str] | None
) -> list[SourceTable]:
    """Return a table of our own database."""
    if warehouse is None:
        raise refusal(source, "cannot be read: there is no warehouse here", "name a file")
    if not table:
        raise refusal(source, "names no table", f"write it as {WAREHOUSE}#schema.table")

    return database_tables.opened(Address(addresses.address_of(warehouse()), table), WAREHOUSE)
