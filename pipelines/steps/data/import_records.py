"""Load the tables a population is declared to be made of, once and again, in one transaction."""

import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import structlog

from pipelines.domain.imports import snapshots
from pipelines.domain.imports.declared import CUSTOMER, Declared, DeclaredTable
from pipelines.domain.imports.imported import ImportedTable
from pipelines.domain.imports.loads import Load
from pipelines.domain.imports.quarantine import Quarantine
from pipelines.domain.imports.sieve import REPEATED, Sieve
from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.records import DeclaredLoad, DeclaredTables, RawTables
from pipelines.domain.ports.sources import RefusedRow, SourceTable
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)

TELL_EVERY_SECONDS = 10
# Of a header that is shown.
EXAMPLE_LENGTH = 40


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
        undeclared = {
            table.name: _undeclared(table, sources[table.name]) for table in declared.tables
        }
        sieves = {
            table.name: _sieve(
                table,
                sources[table.name].origin,
                as_of=as_of,
                erased=raw.erased(),
                earlier=raw.loads(table.raw_table),
                identity=tables.identity(table),
            )
            for table in declared.tables
        }
        with tables.loading() as load:
            imported = [
                _import_table(
                    _owned(sieves[table.name], declared, load),
                    sources[table.name],
                    load,
                    undeclared=undeclared[table.name],
                    refused_rows_pct=refused_rows_pct,
                    earlier=raw.loads(table.raw_table),
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
    """
    Return columns of a source nobody declared; ImportRefused if one that was is missing.

    Only who left may be, in a snapshot of customers of whom that is not known yet.
    """
    found = source.schema.names
    needed = [column.header for column in table.columns if column.name != table.label]
    missing = [header for header in needed if header not in found]
    if missing:
        raise ImportRefused(
            f"{source.origin}: {len(missing)} of {len(needed)} columns that {table.population} "
            f"declares of {table.name} are missing: {', '.join(missing)} "
            f"(found: {', '.join(name[:EXAMPLE_LENGTH] for name in found)}); nothing was loaded",
            next_step=f"correct the source, or the declaration in sources/{table.population}.toml",
        )
    declared = {*table.dropped, *(column.header for column in table.columns)}
    new = tuple(name for name in found if name not in declared)
    if new:
        log.warning("columns_not_declared", table=table.raw_table, left_out=", ".join(new))

    return new


def _sieve(
    table: DeclaredTable,
    origin: str,
    *,
    as_of: date,
    erased: frozenset[bytes],
    earlier: Sequence[Load],
    identity: tuple[str, ...] | None,
) -> Sieve:
    """Return what sorts the rows of *table*, if they may be loaded into what is there."""
    everything = [*(column.name for column in table.columns), *[CUSTOMER] * table.is_numbered]
    if table.happened_at is None:
        identity = tuple(everything)
    elif identity is None:
        identity = table.identity
    elif gone := [name for name in identity if name not in everything]:
        raise ImportRefused(
            f"rows of {table.raw_table} are known by {len(gone)} columns that are not declared "
            f"any more: {', '.join(gone)}; nothing was loaded",
            next_step="declare them as they were, or the table under another name",
        )
    sieve = Sieve(
        table=table,
        as_of=as_of,
        is_first=not earlier,
        identity=identity,
        erased=erased,
        quarantine=Quarantine(table.population, table.raw_table, origin),
    )
    last = max((str(load.details["known_on"]) for load in earlier), default="")
    if table.happened_at is not None and last > sieve.known_at.date().isoformat():
        raise ImportRefused(
            f"{table.raw_table} was last loaded as known on {last}, and what came after that was "
            f"not known before; nothing was loaded",
            next_step=f"use an as_of after {last}",
        )

    return sieve


def _owned(sieve: Sieve, declared: Declared, load: DeclaredLoad) -> Sieve:
    """Return what sorts the rows of a table, told whose they are if another table says it."""
    if sieve.table.through is not None:
        name, column = sieve.table.through
        sieve.owners = load.owners(declared.table(name), column)

    return sieve


def _import_table(
    sieve: Sieve,
    source: SourceTable,
    load: DeclaredLoad,
    *,
    undeclared: tuple[str, ...],
    refused_rows_pct: float,
    earlier: Sequence[Load],
) -> ImportedTable:
    """Load one table."""
    table, quarantine = sieve.table, sieve.quarantine
    progress = _Progress(sieve)
    load.stage(table, progress.sifted(source))
    read = sieve.read + progress.unreadable
    if progress.is_long:
        log.info("rows_gathered", table=table.raw_table, rows=read, refused=quarantine.rows)
    if read == 0:
        raise ImportRefused(
            f"{source.origin} has a header and no rows; nothing was loaded",
            next_step="name a source with rows",
        )
    repeats = load.repeats(table) if table.holds == "snapshot" else None
    is_whole = table.holds != "log"
    refused = quarantine.table()
    if repeats is not None and repeats.rows:
        quarantine.count(repeats.rows, repeats.lines, CUSTOMER, REPEATED)
    quarantine.require(of_rows=read, most_pct=refused_rows_pct)

    outcome = functools.partial(
        ImportedTable,
        table.raw_table,
        read=read,
        of_nobody=sieve.of_nobody,
        of_erased=sieve.of_erased,
        not_yet=sieve.not_yet,
        refused=quarantine.rows,
        undeclared=undeclared,
    )
    known_on = sieve.known_at.date()
    alike = [one for one in earlier if one.details["content"] == sieve.fingerprint]
    same = snapshots.same(sieve, earlier) if is_whole else None
    if same is not None:
        since = date.fromisoformat(same.details["known_on"])
        there = read - sieve.of_erased - sieve.of_nobody - quarantine.rows
        return outcome(loaded=0, already_there=there, known_on=since, is_new=False)

    settled = load.settle(table)
    if not is_whole and alike and settled.loaded == 0:
        since = date.fromisoformat(alike[0].details["known_on"])
        return outcome(loaded=0, already_there=settled.already_there, known_on=since, is_new=False)
    there = 0 if is_whole else settled.already_there
    imported = outcome(loaded=settled.loaded, already_there=there, known_on=known_on)
    # A snapshot that holds again after another one did, or a log whose future has come.
    fingerprint = f"{sieve.fingerprint} {known_on}" if alike else sieve.fingerprint
    details = _details(source, imported, sieve.fingerprint)
    load.note(Load(table.raw_table, fingerprint, imported.loaded, details), refused)

    return imported


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
        "not_yet": imported.not_yet,
        "refused": imported.refused,
    }


@dataclass
class _Progress:
    """
    Rows on their way from a source through its sieve, told now and then.

    Attributes:
        sieve: Of the table.
        unreadable: Rows that could not be read as rows.
        is_long: Whether it took so long that it was told.
    """

    sieve: Sieve
    unreadable: int = 0
    is_long: bool = False
    _told_at: float = field(default_factory=time.monotonic)

    def sifted(self, source: SourceTable) -> Iterator[pa.RecordBatch]:
        """Yield what is to be loaded."""
        for batch in source.batches(self._refuse):
            yield self.sieve.sift(batch)
            if time.monotonic() - self._told_at >= TELL_EVERY_SECONDS:
                self._told_at = time.monotonic()
                self.is_long = True
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
