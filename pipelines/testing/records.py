"""Raw tables in memory, and the erasure of customers from them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.domain.imports.declared import CUSTOMER, DeclaredTable
from pipelines.domain.imports.digests import of_repetition
from pipelines.domain.imports.loads import Load, Repeats, Settled
from pipelines.domain.imports.quarantine import LINES
from pipelines.domain.imports.sieve import (
    LINE,
    LOADED_AT,
    PLACE,
    REPEATED,
    ROW_DIGEST,
    staged_schema,
)
from pipelines.domain.privacy.erasure import Erasure, customer_sha256, without_erased
from pipelines.errors import CustomerUnknown, ImportRefused


@dataclass
class MemoryRawTables:
    """
    Raw tables and the ledger.

    Attributes:
        tables: What was appended, by name.
        ledger: Every load, oldest first.
        tombstones: Digests of erased customers.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)
    ledger: list[Load] = field(default_factory=list)
    tombstones: set[bytes] = field(default_factory=set)

    def loads(self, source: str) -> list[Load]:
        """Return what was loaded from *source*, oldest first."""
        return [load for load in self.ledger if load.source == source]

    def erased(self) -> frozenset[bytes]:
        """Return the digests of erased customers."""
        return frozenset(self.tombstones)

    def rows(self, tables: Sequence[str]) -> dict[str, int]:
        """Return the number of rows of each of *tables*."""
        return {name: len(self.tables.get(name, ())) for name in tables}

    def append(self, blocks: Iterable[Mapping[str, pa.Table]], load: Load) -> dict[str, int]:
        """
        Add rows, and the load to the ledger: all of it or nothing.

        ArrowInvalid if a schema differs, ValueError if the load is there already.
        """
        grown = dict(self.tables)
        added: Counter[str] = Counter()
        for block in blocks:
            for name, rows in block.items():
                grown[name] = pa.concat_tables([grown[name], rows]) if name in grown else rows
                added[name] += rows.num_rows
        self.enter(replace(load, rows=added.total()))
        self.tables |= grown

        return dict(added)

    def enter(self, load: Load) -> None:
        """Add an entry to the ledger; ValueError if the load is there already."""
        if load.fingerprint in {known.fingerprint for known in self.loads(load.source)}:
            raise ValueError(f"fingerprint {load.fingerprint} of {load.source} was loaded before")
        self.ledger.append(load)


@dataclass
class MemoryDeclaredTables:
    """
    Declared tables.

    Attributes:
        raw: Where their rows and the ledger are.
        made: Columns of each, in the order they came to be, and how many it was made with.
        quarantine: Every refused row.
    """

    raw: MemoryRawTables
    made: dict[str, tuple[pa.Schema, int]] = field(default_factory=dict)
    quarantine: list[dict[str, Any]] = field(default_factory=list)

    def identity(self, table: DeclaredTable) -> tuple[str, ...] | None:
        """Return the columns its rows are known by; ImportRefused if one has another type now."""
        if table.raw_table not in self.made:
            return None
        there, first = self.made[table.raw_table]
        wanted = _declared(table)
        changed = [
            name
            for name in wanted.names
            if name in there.names and there.field(name).type != wanted.field(name).type
        ]
        if changed:
            raise ImportRefused(
                f"{table.raw_table} has other types: {', '.join(changed)}",
                next_step="declare the column as it was, or under another name",
            )

        return tuple(there.names[:first])

    @contextmanager
    def loading(self) -> Iterator["MemoryDeclaredLoad"]:
        """Have a transaction for the block; what it did is undone if the block raises."""
        before = dict(self.raw.tables), list(self.raw.ledger), dict(self.made), [*self.quarantine]
        try:
            yield MemoryDeclaredLoad(self)
        except BaseException:
            self.raw.tables, self.raw.ledger, self.made, self.quarantine = before
            raise


@dataclass
class MemoryDeclaredLoad:
    """
    One transaction.

    Attributes:
        tables: What it fills.
        staged: Rows that were gathered, by table.
    """

    tables: MemoryDeclaredTables
    staged: dict[str, pa.Table] = field(default_factory=dict)

    def owners(self, table: DeclaredTable, column: str) -> pa.Table:
        """Return whose row of *table* has a value in *column*, whichever was known last."""
        rows = self.tables.raw.tables[table.raw_table].sort_by(
            [(LOADED_AT, "ascending"), (CUSTOMER, "descending")]
        )
        found = dict(zip(rows[column].to_pylist(), rows[CUSTOMER].to_pylist(), strict=True))
        known = {value: customer for value, customer in found.items() if value is not None}

        return pa.table(
            {
                "value": pa.array([*known], pa.string()),
                CUSTOMER: pa.array(known.values(), pa.string()),
            }
        )

    def stage(self, table: DeclaredTable, batches: Iterable[pa.RecordBatch]) -> None:
        """Gather rows."""
        self.staged[table.raw_table] = pa.Table.from_batches(batches, staged_schema(table))

    def repeats(self, table: DeclaredTable) -> Repeats:
        """Return the gathered rows whose customer an earlier one has."""
        rows = self.staged[table.raw_table]
        lines = [
            line
            for line, number in zip(rows[LINE].to_pylist(), _numbers(rows[CUSTOMER]), strict=True)
            if number > 1
        ]

        return Repeats(len(lines), tuple(lines[:LINES]))

    def settle(self, table: DeclaredTable) -> Settled:
        """Load what was gathered."""
        rows = self.staged[table.raw_table]
        declared = _declared(table)
        new = pa.schema([declared.field(name) for name in table.identity])
        schema, first = self.tables.made.get(table.raw_table, (new, len(new)))
        for column in declared:
            if column.name not in schema.names:
                schema = schema.append(column)
        self.tables.made[table.raw_table] = (schema, first)
        numbers = _numbers(rows[CUSTOMER if table.holds == "snapshot" else ROW_DIGEST])
        digests = [
            of_repetition(digest, number)
            for digest, number in zip(rows[ROW_DIGEST].to_pylist(), numbers, strict=True)
        ]
        old = self.tables.raw.tables.get(table.raw_table)
        if table.holds == "items":
            is_new = [True] * len(numbers)
        elif table.holds == "log":
            there = set() if old is None else {*old[ROW_DIGEST].to_pylist()}
            is_new = [digest not in there for digest in digests]
            place = rows.schema.get_field_index(ROW_DIGEST)
            rows = rows.set_column(place, ROW_DIGEST, pa.array(digests, pa.binary()))
        else:
            is_new = [number == 1 for number in numbers]
            self.tables.quarantine += [
                {
                    "source": table.population,
                    "raw_table": table.raw_table,
                    "line": line,
                    "column_name": CUSTOMER,
                    "reason": REPEATED,
                }
                for line, number in zip(rows[LINE].to_pylist(), numbers, strict=True)
                if number > 1
            ]
        new = rows.filter(pa.array(is_new, pa.bool_())).drop_columns([PLACE, LINE])
        grown = [new] if old is None else [old, new]
        self.tables.raw.tables[table.raw_table] = pa.concat_tables(grown, promote_options="default")

        return Settled(new.num_rows, rows.num_rows - new.num_rows)

    def note(self, load: Load, refused: pa.Table) -> None:
        """Add an entry to the ledger, and refused rows."""
        self.tables.raw.enter(load)
        self.tables.quarantine += refused.to_pylist()


def _declared(table: DeclaredTable) -> pa.Schema:
    """Return the columns people declared."""
    own = {LOADED_AT, ROW_DIGEST, PLACE, LINE}

    return pa.schema([column for column in staged_schema(table) if column.name not in own])


def _numbers(keys: pa.ChunkedArray) -> list[int]:
    """Return how often each key has been there so far, with this time."""
    seen: Counter[object] = Counter()
    numbers = []
    for key in keys.to_pylist():
        seen[key] += 1
        numbers.append(seen[key])

    return numbers


@dataclass
class MemoryErasures:
    """
    Erasure of customers from raw tables.

    Attributes:
        raw: The tables.
        today: The date an erasure is dated by.
        erased_on: When each digest was first erased.
        audited: How many erasures there were.
        schema: Schema of the raw tables.
    """

    raw: MemoryRawTables
    today: date
    erased_on: dict[bytes, date] = field(default_factory=dict)
    audited: int = 0
    schema: str = "raw"

    def erase(self, customer_id: str, progress: Callable[[str, int], None]) -> Erasure:
        """Remove one customer; CustomerUnknown if nobody knows them or ever did."""
        digest = customer_sha256(customer_id)
        kept = {name: without_erased(rows, {digest}) for name, rows in self.raw.tables.items()}
        removed = {
            f"{self.schema}.{name}": len(self.raw.tables[name]) - len(rows)
            for name, rows in kept.items()
        }
        before = self.erased_on.get(digest)
        if before is None and not any(removed.values()):
            raise CustomerUnknown(
                f"none of {len(kept)} tables has this customer, and nobody of this id was erased "
                "before; nothing was changed",
                next_step="look the id up where it comes from, then `churn erase --customer ID`",
            )
        for name, rows in removed.items():
            progress(name, rows)
        self.raw.tables = kept
        self.raw.tombstones.add(digest)
        self.erased_on.setdefault(digest, self.today)
        self.audited += 1

        return Erasure(removed, lists=0, erased_before=before, audit_id=self.audited)
