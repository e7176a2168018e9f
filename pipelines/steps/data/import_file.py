"""Load one file of real customers into its raw table, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from pipelines.domain.imports import files
from pipelines.domain.imports.files import DataFile, SourceFile
from pipelines.domain.imports.loads import Load
from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.records import RawTables
from pipelines.domain.privacy.erasure import without_erased
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Imported:
    """
    What an import did.

    Attributes:
        source: telco or retail.
        rows: Rows of the file that are in the raw table.
        is_new: False when the file had been loaded before, and this changed nothing.
        known_from: Day the first row was known; features of a later as_of use it.
        known_until: Day the last row was known.
        erased_rows: Rows that were left out now, because their customer was erased.
    """

    source: str
    rows: int
    is_new: bool
    known_from: date
    known_until: date
    erased_rows: int = 0

    def __str__(self) -> str:
        """Say it in one line, for the command line."""
        done = "loaded" if self.is_new else "were loaded before; nothing changed"
        if self.erased_rows:
            done += f", {self.erased_rows:,} of erased customers left out"
        if self.known_from == self.known_until:
            return f"{self.rows:,} rows of {self.source} {done} (known on {self.known_from})"

        known = f"{self.known_from} to {self.known_until}"
        return f"{self.rows:,} rows of {self.source} {done} (known from {known})"


def import_file(
    *,
    source: SourceFile,
    file: DataFile,
    as_of: date | None = None,
    raw: RawTables,
    locks: Locks,
) -> Imported:
    """
    Load *file* and note it in the ledger, in one transaction; erased customers are left out.

    Args:
        source: What the file must hold.
        file: What it holds.
        as_of: First day its rows may be used, for a source whose rows do not say.
        raw: The raw tables.
        locks: One import of a source at a time.

    Raises:
        ImportRefused: The file is not what the importer reads, or contradicts an earlier load.
        RunLocked: Another import of this source is under way.
    """
    with locks.lock(f"import of {source.name}"):
        earlier = [load for load in raw.loads(source.name) if load.fingerprint == file.fingerprint]
        if earlier:
            return _unchanged(source, file, _imported_before(earlier[0]), as_of)

        table = files.conform(source, file, as_of)
        if source.known_from is None:
            _refuse_second_snapshot(raw, source, file, table)

        known = pc.min_max(table["loaded_at"]).as_py()
        kept = without_erased(table, raw.erased())
        imported = Imported(
            source=source.name,
            rows=kept.num_rows,
            is_new=True,
            known_from=known["min"].date(),
            known_until=known["max"].date(),
            erased_rows=table.num_rows - kept.num_rows,
        )
        load = Load(source.name, file.fingerprint, imported.rows, _details(file, imported))
        raw.append({source.table: kept}, load)

    log.info(
        "file_imported",
        source=source.name,
        file=file.name,
        rows=imported.rows,
        erased_rows=imported.erased_rows,
    )
    return imported


def _imported_before(load: Load) -> Imported:
    """Return what the ledger says about an earlier import."""
    return Imported(
        source=load.source,
        rows=load.rows,
        is_new=False,
        known_from=date.fromisoformat(load.details["known_from"]),
        known_until=date.fromisoformat(load.details["known_until"]),
    )


def _unchanged(
    source: SourceFile, file: DataFile, earlier: Imported, as_of: date | None
) -> Imported:
    """Report a file that is there already, unless it was asked to be known earlier than it is."""
    if source.known_from is None and as_of and earlier.known_until >= as_of:
        raise ImportRefused(
            f"{file.name} was loaded before as known on {earlier.known_until}, so its "
            f"{earlier.rows} rows cannot be used as of {as_of}; nothing was changed",
            next_step=f"use an as_of after {earlier.known_until}",
        )

    log.info("file_known_already", source=source.name, file=file.name, rows=earlier.rows)
    return earlier


def _refuse_second_snapshot(
    raw: RawTables, source: SourceFile, file: DataFile, table: pa.Table
) -> None:
    """Refuse a file known at the moment another one is: nobody could say which one holds."""
    known_at = table["loaded_at"][0].as_py()
    rows = raw.rows_known_at(source.table, known_at)
    if rows:
        raise ImportRefused(
            f"{file.name}: another {source.name} file with {rows} rows is already known "
            f"on {known_at.date()}; nothing was loaded",
            next_step=f"give another date: `{source.command}`",
        )


def _details(file: DataFile, imported: Imported) -> Mapping[str, str | int]:
    """Return what the ledger keeps of an import, besides its rows."""
    return {
        "file": file.name,
        "known_from": imported.known_from.isoformat(),
        "known_until": imported.known_until.isoformat(),
        "erased_rows": imported.erased_rows,
    }
