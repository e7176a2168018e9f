"""Tables of populations that people declare: made when first loaded, filled in one transaction."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
from psycopg.sql import Identifier

from pipelines.adapters.loads import denials, first_loads, handing, ledger, statements
from pipelines.adapters.loads.first_loads import Parted
from pipelines.adapters.warehouse.columns import Transaction
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.imports.declared import CUSTOMER, LOADED, SQL_TYPES, DeclaredTable
from pipelines.domain.imports.loads import Load, Repeats, Settled
from pipelines.domain.imports.quarantine import LINES
from pipelines.domain.imports.sieve import LINE, LOADED_AT, PLACE, REPEATED, ROW_DIGEST
from pipelines.domain.imports.sieve import staged_schema as staged
from pipelines.domain.imports.suspects import Suspects
from pipelines.errors import ImportRefused

# Where the function of the migrations makes them.
TEMPORARY = "pg_temp"
TEMPORARIES = ("staged", "suspects", "repeats")
LOCK_TIMEOUT_SECONDS = 60
LOADS = {
    "snapshot": statements.LOAD_SNAPSHOT,
    "log": statements.LOAD_LOG,
    "items": statements.LOAD_ITEMS,
}


@dataclass(frozen=True)
class WarehouseDeclaredTables:
    """
    The declared tables of one warehouse.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def identity(self, table: DeclaredTable) -> tuple[str, ...] | None:
        """Return the columns its rows are known by; ImportRefused if one has another type now."""
        rows = self.warehouse.rows(statements.COLUMNS, {"schema": LOADED, "table": table.raw_table})
        found = {str(name): str(kind) for name, kind in map(tuple, rows)}
        if not found:
            return None
        changed = [
            f"{name} is {found[name]} there and declared as {kind}"
            for name, kind in _kinds(table).items()
            if found.get(name, kind) != kind
        ]
        if changed:
            raise ImportRefused(
                f"{LOADED}.{table.raw_table} has rows of other types: {'; '.join(changed)}; "
                "nothing was loaded",
                next_step="declare the column as it was, or under another name",
            )
        names = list(found)

        return tuple(names[: names.index(LOADED_AT)]) if LOADED_AT in found else tuple(names)

    @contextlib.contextmanager
    def loading(self) -> Iterator["WarehouseDeclaredLoad"]:
        """Have a transaction for the block, kept at its end unless it raises."""
        with denials.explained(self.warehouse), self.warehouse.loading() as transaction:
            transaction.rows(statements.SETTINGS, [f"{LOCK_TIMEOUT_SECONDS}s"])
            yield WarehouseDeclaredLoad(transaction)


@dataclass(frozen=True)
class WarehouseDeclaredLoad:
    """
    One transaction.

    Attributes:
        transaction: Where its statements run.
    """

    transaction: Transaction
    _staged: dict[str, int] = field(default_factory=dict)
    _first: dict[str, int] = field(default_factory=dict)

    def owners(self, table: DeclaredTable, column: str) -> pa.Table:
        """Return whose row of *table* has a value in *column*, whichever was known last."""
        return self.transaction.columns(statements.OWNERS, [table.raw_table, column])

    def stage(self, table: DeclaredTable, batches: Iterable[pa.RecordBatch]) -> None:
        """Gather rows in a temporary table."""
        names = self._names(table)
        kinds = _kinds(table) | {
            LOADED_AT: SQL_TYPES["instant"],
            ROW_DIGEST: "bytea",
            PLACE: "bigint",
            LINE: "bigint",
        }
        columns = ", ".join(f"{_quoted(name)} {kind}" for name, kind in kinds.items())
        self.transaction.execute(
            f"create temporary table {names['staged']} ({columns}) on commit drop"
        )
        aside = TEMPORARY, _temporary("staged", table)
        if table.holds == "log" and not self.transaction.rows(
            statements.IS_THERE, [table.raw_table]
        ):
            self._make(table)
            into = LOADED, table.raw_table
            parted = Parted(staged(table), iter(batches))
            made = first_loads.fill(self.transaction, into, aside, parted)
            self._first[table.raw_table], self._staged[table.raw_table] = made
            return
        suspects = Suspects()

        def watched() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                if table.holds == "log":
                    suspects.add(batch.column(ROW_DIGEST))
                yield batch

        self._staged[table.raw_table] = handing.ingest(
            self.transaction, *aside, staged(table), watched()
        )
        if table.holds == "items":
            return
        self.transaction.execute(f'analyze {names["staged"]} ({names["key"]}, "#place")')
        if table.holds == "log":
            self.transaction.execute(
                f"create temporary table {names['suspects']} (key bytea) on commit drop"
            )
            keys = pa.table({"key": suspects.keys()})
            self.transaction.ingest(TEMPORARY, _temporary("suspects", table), keys)
            self.transaction.execute(f"analyze {names['suspects']}")
        self.transaction.execute(statements.REPEATS.format(**names))
        self.transaction.execute(f"analyze {names['repeats']}")

    def repeats(self, table: DeclaredTable) -> Repeats:
        """Return the gathered rows whose customer an earlier one has."""
        rows = self.transaction.rows(
            statements.FIRST_REPEATS.format(**self._names(table), limit=LINES)
        )

        return Repeats(rows[0][1] if rows else 0, tuple(line for line, _ in rows))

    def settle(self, table: DeclaredTable) -> Settled:
        """Load what was gathered, and make the table or its new columns where they are missing."""
        names = self._names(table)
        at_once = self._first.get(table.raw_table)
        statement = LOADS[table.holds] if at_once is None else statements.LOAD_SUSPECTS
        if at_once is None:
            self._make(table)
        else:
            self.transaction.execute(f"analyze {names['staged']} (row_digest)")
        if table.holds == "snapshot":
            self.transaction.execute(
                statements.QUARANTINE_REPEATS.format(**names),
                [table.population, table.raw_table, CUSTOMER, REPEATED],
            )
        loaded = self.transaction.execute(statement.format(**names))
        # Made by this transaction, it gives its disk back at once and not at the end.
        self.transaction.execute(f"truncate {names['staged']}")
        self.transaction.rows(statements.INDEX, [table.raw_table, table.happened_at])
        # For the planner, so that the first features are not built slowly.
        self.transaction.execute(f"analyze {names['table']}")

        return Settled(loaded + (at_once or 0), self._staged[table.raw_table] - loaded)

    def _make(self, table: DeclaredTable) -> None:
        """Make *table* where it is missing, or the columns it has gained."""
        kinds = _kinds(table)
        # First what a row is known by, as `identity` reads it of the order of columns.
        for made in ({name: kinds[name] for name in table.identity}, kinds):
            self.transaction.rows(
                statements.MAKE, [table.raw_table, ",".join(made), ",".join(made.values())]
            )

    def note(self, load: Load, refused: pa.Table) -> None:
        """Add an entry to the ledger, and refused rows."""
        self.transaction.ingest(LOADED, "quarantine", refused)
        self.transaction.ingest(LOADED, ledger.TABLE, ledger.entry(load))

    def _names(self, table: DeclaredTable) -> dict[str, str]:
        """Return what goes into the statements above, quoted."""
        names = {
            "table": _quoted(LOADED, table.raw_table),
            "columns": ", ".join(map(_quoted, _kinds(table))),
            "key": CUSTOMER if table.holds == "snapshot" else ROW_DIGEST,
            "compared": CUSTOMER if table.holds == "snapshot" else statements.BEGINNING,
        } | {kind: _quoted(TEMPORARY, _temporary(kind, table)) for kind in TEMPORARIES}
        suspected = statements.OF_CUSTOMERS if table.holds == "snapshot" else statements.OF_DIGESTS

        return names | {"suspected": suspected.format(**names)}


def _kinds(table: DeclaredTable) -> dict[str, str]:
    """Return the columns people declared, by name with the type of the database."""
    numbered = {CUSTOMER: SQL_TYPES["text"]} if table.is_numbered else {}

    return numbered | {column.name: SQL_TYPES[column.type] for column in table.columns}


def _temporary(kind: str, table: DeclaredTable) -> str:
    """Return the name of a temporary table, which no declared one has."""
    return f"#{kind} {table.name}"


def _quoted(*names: str) -> str:
    """Return a dotted identifier, each part quoted."""
    return Identifier(*names).as_string(None)
