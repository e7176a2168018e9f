"""Load the tables a population is declared to be made of, once and again, in one transaction."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import structlog

from pipelines.domain.imports.declared import CUSTOMER, Declared, DeclaredTable
from pipelines.domain.imports.loads import Load
from pipelines.domain.imports.quarantine import Quarantine
from pipelines.domain.imports.sieve import REPEATED, Sieve
from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.records import DeclaredLoad, DeclaredTables, RawTables
from pipelines.domain.ports.sources import RefusedRow, SourceTable
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)

TELL_EVERY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """
    What an import did to one table; its rows add up.

    Attributes:
        raw_table: The table, in the schema of the raw tables.
        read: Rows of the source, those that could not be read as rows among them.
        loaded: Rows that are in the table now.
        already_there: Rows that were there before.
        of_nobody: Rows of a log that name no customer, left out.
        of_erased: Rows of customers who were erased, left out.
        refused: Rows that are in raw.quarantine instead.
        known_on: The last day on which a snapshot was not known yet to anybody who asks as of it;
            of a log, the day that rows count as known that came late.
        is_new: False when the same content had been loaded before, and this changed nothing.
        undeclared: Columns of the source that the declaration does not have.
    """

    raw_table: str
    read: int
    loaded: int
    already_there: int
    of_nobody: int
    of_erased: int
    refused: int
    known_on: date
    is_new: bool = True
    undeclared: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one line, for the command line."""
        if not self.is_new:
            return (
                f"{self.raw_table}: {self.read:,} rows read, the same as were loaded before; "
                f"nothing changed (known on {self.known_on})"
            )
        parts = {
            "loaded": self.loaded,
            "already there": self.already_there,
            "of nobody": self.of_nobody,
            "of erased customers": self.of_erased,
            "refused": self.refused,
        }
        told = [f"{rows:,} {what}" for what, rows in parts.items() if rows or what == "loaded"]

        return f"{self.raw_table}: {self.read:,} rows read: {', '.join(told)}"


def import_records(
    *,
    declared: Declared,
    sources: Mapping[str, SourceTable],
    as_of: date,
    refused_rows_pct: float,
    raw: RawTables,
    tables: DeclaredTables,
    locks: Locks,
) -> list[ImportedTable]:
    """
    Load every table of a population, and note it in the ledger, in one transaction.

    Args:
        declared: The population, and what its tables hold.
        sources: Name of each table to where its rows are.
        as_of: First day the rows may be used, where they do not say when they were known.
        refused_rows_pct: So many of a hundred rows of a table may be refused.
        raw: The raw tables and their ledger.
        tables: Those that are declared.
        locks: One import of a population at a time.

    Raises:
        ImportRefused: A source is not what is declared, or contradicts an earlier load; nothing
            of any table was loaded.
        RunLocked: Another import of this population is under way.
    """
    with locks.lock(f"import of {declared.population}"):
        erased = raw.erased()
        undeclared = {
            table.name: _undeclared(table, sources[table.name]) for table in declared.tables
        }
        sieves = {
            table.name: _sieve(table, sources[table.name].origin, as_of, erased, raw, tables)
            for table in declared.tables
        }
        with tables.loading() as load:
            imported = [
                _import_table(
                    sieves[table.name],
                    sources[table.name],
                    undeclared[table.name],
                    refused_rows_pct,
                    raw.loads(table.raw_table),
                    load,
                )
                for table in declared.tables
            ]
    for table in imported:
        log.info(
            "table_imported" if table.is_new else "table_known_already",
            table=table.raw_table,
            read=table.read,
            loaded=table.loaded,
            refused=table.refused,
        )

    return imported


def _undeclared(table: DeclaredTable, source: SourceTable) -> tuple[str, ...]:
    """Return columns of a source nobody declared; ImportRefused if one that was is missing."""
    found = source.schema.names
    needed = [column.header for column in table.columns]
    missing = [header for header in needed if header not in found]
    if missing:
        raise ImportRefused(
            f"{source.origin}: {len(missing)} of {len(needed)} columns that {table.population} "
            f"declares of {table.name} are missing: {', '.join(missing)} "
            f"(found: {', '.join(found)}); nothing was loaded",
            next_step="correct the source, or the declaration in "
            f"sources/{table.population}.toml",
        )
    new = tuple(name for name in found if name not in needed and name not in table.dropped)
    if new:
        log.warning("columns_not_declared", table=table.raw_table, left_out=", ".join(new))

    return new


def _sieve(
    table: DeclaredTable,
    origin: str,
    as_of: date,
    erased: frozenset[bytes],
    raw: RawTables,
    tables: DeclaredTables,
) -> Sieve:
    """Return what sorts the rows of *table*, if they may be loaded into what is there."""
    everything = [column.name for column in table.columns] + [CUSTOMER] * table.is_numbered
    identity = tables.identity(table)
    earlier = raw.loads(table.raw_table)
    if table.happened_at is None or identity is None:
        identity = tuple(everything)
    elif gone := [name for name in identity if name not in everything]:
        raise ImportRefused(
            f"rows of {table.raw_table} are known by {len(gone)} columns that are not declared "
            f"any more: {', '.join(gone)}; nothing was loaded",
            next_step="declare them as they were, or the table under another name",
        )
    last = max((load.details["known_on"] for load in earlier), default="")
    if table.happened_at is not None and last > _known_on(as_of).isoformat():
        raise ImportRefused(
            f"{table.raw_table} was last loaded as known on {last}, so what came since was not "
            f"known before; nothing was loaded",
            next_step=f"use an as_of after {last}",
        )

    return Sieve(
        table=table,
        as_of=as_of,
        is_first=not earlier,
        identity=identity,
        erased=erased,
        quarantine=Quarantine(table.population, table.raw_table, origin),
    )


def _import_table(
    sieve: Sieve,
    source: SourceTable,
    undeclared: tuple[str, ...],
    refused_rows_pct: float,
    earlier: Sequence[Load],
    load: DeclaredLoad,
) -> ImportedTable:
    """Load one table."""
    table, quarantine = sieve.table, sieve.quarantine
    progress = _Progress(sieve)
    load.stage(table, progress.sifted(source))
    read = sieve.read + progress.unreadable
    if read == 0:
        raise ImportRefused(
            f"{source.origin} has a header and no rows; nothing was loaded",
            next_step="name a source with rows",
        )
    repeats = load.repeats(table) if table.happened_at is None else None
    refused = quarantine.table()
    if repeats is not None and repeats.rows:
        quarantine.count(repeats.rows, repeats.lines, CUSTOMER, REPEATED)
    quarantine.require(of_rows=read, most_pct=refused_rows_pct)

    known_on = _known_on(sieve.as_of)
    before = _same(sieve, known_on, earlier)
    if before is not None:
        return ImportedTable(
            table.raw_table,
            read=read,
            loaded=0,
            already_there=before.rows,
            of_nobody=sieve.of_nobody,
            of_erased=sieve.of_erased,
            refused=quarantine.rows,
            known_on=date.fromisoformat(before.details["known_on"]),
            is_new=False,
            undeclared=undeclared,
        )
    settled = load.settle(table)
    imported = ImportedTable(
        table.raw_table,
        read=read,
        loaded=settled.loaded,
        already_there=0 if repeats is not None else settled.already_there,
        of_nobody=sieve.of_nobody,
        of_erased=sieve.of_erased,
        refused=quarantine.rows,
        known_on=known_on,
        undeclared=undeclared,
    )
    known = {one.fingerprint for one in earlier}
    fingerprint = sieve.fingerprint
    if fingerprint in known:
        # A snapshot that holds again, after another one did.
        fingerprint = f"{fingerprint} {known_on}"
    details = _details(source, imported, sieve.fingerprint)
    load.note(Load(table.raw_table, fingerprint, imported.loaded, details), refused)

    return imported


def _same(sieve: Sieve, known_on: date, earlier: Sequence[Load]) -> Load | None:
    """
    Return the earlier load of the same content that makes this one needless, or None.

    Raises:
        ImportRefused: Another snapshot is known on that day, or the same one later.
    """
    table = sieve.table
    day = known_on.isoformat()
    alike = [load for load in earlier if load.details["content"] == sieve.fingerprint]
    if table.happened_at is not None:
        return alike[0] if alike else None
    others = [load for load in earlier if load.details["known_on"] == day and load not in alike]
    if others:
        raise ImportRefused(
            f"{sieve.quarantine.origin}: another snapshot of {table.raw_table} with "
            f"{others[0].rows:,} rows is already known on {day}; nothing was loaded",
            next_step=f"give another date: `churn import {table.population} --as-of YYYY-MM-DD`",
        )
    later = [load for load in alike if load.details["known_on"] > day]
    before = [load for load in earlier if load.details["known_on"] <= day]
    latest = max(before, key=lambda load: load.details["known_on"], default=None)
    if later and latest not in alike:
        known_later = later[0].details["known_on"]
        raise ImportRefused(
            f"{sieve.quarantine.origin} was loaded before as known on {known_later}, so its "
            f"{later[0].rows:,} rows cannot be used as of {sieve.as_of}; nothing was changed",
            next_step=f"use an as_of after {known_later}",
        )

    return latest if latest in alike else None


def _known_on(as_of: date) -> date:
    """Return the day on which rows count as known that may be used from *as_of*."""
    return as_of - timedelta(days=1)


def _details(source: SourceTable, imported: ImportedTable, content: str) -> dict[str, Any]:
    """Return what the ledger keeps of a load, besides its rows."""
    return {
        "origin": source.origin,
        "content": content,
        "known_on": imported.known_on.isoformat(),
        "rows_read": imported.read,
        "already_there": imported.already_there,
        "of_nobody": imported.of_nobody,
        "of_erased": imported.of_erased,
        "refused": imported.refused,
    }


@dataclass
class _Progress:
    """
    Rows on their way from a source through its sieve, told now and then.

    Attributes:
        sieve: Of the table.
        unreadable: Rows that could not be read as rows.
    """

    sieve: Sieve
    unreadable: int = 0
    _told_at: float = field(default_factory=time.monotonic)

    def sifted(self, source: SourceTable) -> Iterator[pa.RecordBatch]:
        """Yield what is to be loaded."""
        for batch in source.batches(self._refuse):
            yield self.sieve.sift(batch)
            if time.monotonic() - self._told_at >= TELL_EVERY_SECONDS:
                self._told_at = time.monotonic()
                log.info(
                    "rows_read",
                    table=self.sieve.table.raw_table,
                    rows=self.sieve.read + self.unreadable,
                    refused=self.sieve.quarantine.rows,
                )

    def _refuse(self, row: RefusedRow) -> None:
        """Take a row that could not be read as one."""
        self.unreadable += 1
        self.sieve.quarantine.add([row.line], None, row.reason)
