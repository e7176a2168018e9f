"""Load one file of real customers into its raw table, once."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from pipelines.domain.imports import files as source_files
from pipelines.domain.imports.files import DataFile, SourceFile
from pipelines.domain.privacy.erasure import without_erased
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)


class Files(Protocol):
    """Where the rows come from."""

    def read(self, path: Path) -> DataFile:
        """Return the rows of a file; ImportRefused if there are none to be had."""


class Loads(Protocol):
    """Where the rows go, and what went there before."""

    def rows(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
        """Return the rows of a query."""

    def ingest(self, schema: str, batches: Mapping[str, pa.Table]) -> int:
        """Append to several tables in one transaction."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock for the block; RunLocked if somebody else does."""


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
    warehouse: Loads,
    files: Files,
    source: SourceFile,
    path: Path,
    as_of: date | None = None,
    raw_schema: str = "raw",
) -> Imported:
    """
    Load *path* and note it in the ledger, in one transaction; erased customers are left out.

    Args:
        warehouse: Database that is loaded into.
        files: Reads the file.
        source: What the file must hold.
        path: The file.
        as_of: First day its rows may be used, for a source whose rows do not say.
        raw_schema: Schema of the raw tables.

    Raises:
        ImportRefused: The file is not what the importer reads, or contradicts an earlier load.
        RunLocked: Another import of this source is under way.
    """
    file = files.read(path)
    with warehouse.lock(f"import of {source.name}"):
        if earlier := _earlier_load(warehouse, source, file, raw_schema):
            return _unchanged(source, file, earlier, as_of)

        table = source_files.conform(source, file, as_of)
        if source.known_from is None:
            _refuse_second_snapshot(warehouse, source, file, table, raw_schema)

        known = pc.min_max(table["loaded_at"]).as_py()
        erased = {row[0] for row in warehouse.rows("select customer_sha256 from churn.erasures")}
        kept = without_erased(table, erased)
        imported = Imported(
            source=source.name,
            rows=kept.num_rows,
            is_new=True,
            known_from=known["min"].date(),
            known_until=known["max"].date(),
            erased_rows=table.num_rows - kept.num_rows,
        )
        ledger = _ledger_row(file, imported)
        warehouse.ingest(raw_schema, {source.table: kept, "loads": ledger})

    log.info(
        "file_imported",
        source=source.name,
        file=file.name,
        rows=imported.rows,
        erased_rows=imported.erased_rows,
    )
    return imported


def _earlier_load(
    warehouse: Loads, source: SourceFile, file: DataFile, raw_schema: str
) -> Imported | None:
    """Return what the ledger says about this very file, if anything."""
    found = warehouse.rows(
        f"select rows, details from {raw_schema}.loads "  # noqa: S608  a name from churn.toml
        "where source = :source and fingerprint = :fingerprint",
        {"source": source.name, "fingerprint": file.fingerprint},
    )
    if not found:
        return None

    rows, details = found[0]
    return Imported(
        source=source.name,
        rows=rows,
        is_new=False,
        known_from=date.fromisoformat(details["known_from"]),
        known_until=date.fromisoformat(details["known_until"]),
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
    warehouse: Loads, source: SourceFile, file: DataFile, table: pa.Table, raw_schema: str
) -> None:
    """Refuse a file known at the moment another one is: nobody could say which one holds."""
    known_at = table["loaded_at"][0].as_py()
    found = warehouse.rows(
        f"select count(*) from {raw_schema}.{source.table} "  # noqa: S608  names of ours
        "where loaded_at = :known_at",
        {"known_at": known_at},
    )
    if found[0][0]:
        raise ImportRefused(
            f"{file.name}: another {source.name} file with {found[0][0]} rows is already known "
            f"on {known_at.date()}; nothing was loaded",
            next_step=f"give another date: `{source.command}`",
        )


def _ledger_row(file: DataFile, imported: Imported) -> pa.Table:
    """Return the row of raw.loads that says what was loaded."""
    details = {
        "file": file.name,
        "known_from": imported.known_from.isoformat(),
        "known_until": imported.known_until.isoformat(),
        "erased_rows": imported.erased_rows,
    }
    return pa.table(
        {
            "source": [imported.source],
            "fingerprint": [file.fingerprint],
            "rows": pa.array([imported.rows], pa.int64()),
            "details": pa.array([json.dumps(details)], pa.json_()),
        }
    )
