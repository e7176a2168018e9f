"""Tables of populations that people declare: made when first loaded, filled in one transaction."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
from psycopg.sql import Identifier

from pipelines.adapters.loads import denials, ledger
from pipelines.adapters.warehouse.columns import Transaction
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.imports.declared import CUSTOMER, LOADED, SQL_TYPES, DeclaredTable
from pipelines.domain.imports.loads import Load, Repeats, Settled
from pipelines.domain.imports.quarantine import LINES
from pipelines.domain.imports.sieve import LINE, LOADED_AT, PLACE, REPEATED, ROW_DIGEST
from pipelines.domain.imports.sieve import staged_schema as staged
from pipelines.errors import ImportRefused

# Where the function of the migrations makes them.
TEMPORARY = "pg_temp"
LOCK_TIMEOUT_SECONDS = 60

# In the order they came to be.
COLUMNS = """
select attribute.attname, format_type(attribute.atttypid, attribute.atttypmod)
from pg_attribute as attribute
inner join pg_class as relation on attribute.attrelid = relation.oid
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
  namespace.nspname = :schema and relation.relname = :table
  and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attnum
"""

SETTINGS = """
select
  set_config('lock_timeout', $1, true),
  set_config('idle_in_transaction_session_timeout', '0', true),
  set_config('transaction_timeout', '0', true),
  set_config('statement_timeout', '0', true),
  set_config('work_mem', '64MB', true),
  set_config('maintenance_work_mem', '256MB', true)
"""

MAKE = "select churn.make_declared_table($1, string_to_array($2, ','), string_to_array($3, ','))"

INDEX = "select churn.index_declared_table($1, $2)"

OWNERS = "select value, customer_id from churn.declared_owners($1, $2)"

# Few rows repeat another, so that they are looked up and the others need not be sorted.
REPEATS = """
create temporary table {repeats} on commit drop as
select "#place", row_number() over (partition by {key} order by "#place") as "#number"
from {staged}
where {key} in (select {key} from {staged} group by {key} having count(*) > 1)
"""

FIRST_REPEATS = """
select staged."#line", count(*) over ()
from {staged} as staged
inner join {repeats} as repeats on staged."#place" = repeats."#place"
where repeats."#number" > 1
order by staged."#place"
limit {limit}
"""

QUARANTINE_REPEATS = """
insert into raw.quarantine (source, raw_table, line, column_name, reason)
select $1, $2, staged."#line", $3, $4
from {staged} as staged
inner join {repeats} as repeats on staged."#place" = repeats."#place"
where repeats."#number" > 1
"""

LOAD_SNAPSHOT = """
insert into {table} ({columns}, loaded_at, row_digest)
select {columns}, staged.loaded_at, staged.row_digest
from {staged} as staged
left join {repeats} as repeats on staged."#place" = repeats."#place"
where repeats."#number" is null or repeats."#number" = 1
"""

LOAD_ITEMS = """
insert into {table} ({columns}, loaded_at, row_digest)
select {columns}, staged.loaded_at, staged.row_digest
from {staged} as staged
"""

# As domain.imports.digests.of_repetition.
LOAD_LOG = """
insert into {table} ({columns}, loaded_at, row_digest)
select {columns}, numbered.loaded_at, numbered."#digest"
from (
  select
    staged.*,
    case
      when repeats."#number" > 1
        then sha256(staged.row_digest || convert_to(cast(repeats."#number" as text), 'UTF8'))
      else staged.row_digest
    end as "#digest"
  from {staged} as staged
  left join {repeats} as repeats on staged."#place" = repeats."#place"
) as numbered
where not exists (select from {table} as known where known.row_digest = numbered."#digest")
"""


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
        rows = self.warehouse.rows(COLUMNS, {"schema": LOADED, "table": table.raw_table})
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
            transaction.rows(SETTINGS, [f"{LOCK_TIMEOUT_SECONDS}s"])
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

    def owners(self, table: DeclaredTable, column: str) -> pa.Table:
        """Return whose row of *table* has a value in *column*, whichever was known last."""
        return self.transaction.columns(OWNERS, [table.raw_table, column])

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
        reader = pa.RecordBatchReader.from_batches(staged(table), batches)
        self._staged[table.raw_table] = self.transaction.ingest(
            TEMPORARY, _temporary("staged", table), reader
        )
        self.transaction.execute(f'analyze {names["staged"]} ({names["key"]}, "#place")')
        self.transaction.execute(REPEATS.format(**names))
        self.transaction.execute(f"analyze {names['repeats']}")

    def repeats(self, table: DeclaredTable) -> Repeats:
        """Return the gathered rows whose customer an earlier one has."""
        rows = self.transaction.rows(FIRST_REPEATS.format(**self._names(table), limit=LINES))

        return Repeats(rows[0][1] if rows else 0, tuple(line for line, _ in rows))

    def settle(self, table: DeclaredTable) -> Settled:
        """Load what was gathered, and make the table or its new columns where they are missing."""
        names, kinds = self._names(table), _kinds(table)
        # First what a row is known by, as `identity` reads it of the order of columns.
        for made in ({name: kinds[name] for name in table.identity}, kinds):
            self.transaction.rows(MAKE, [table.raw_table, ",".join(made), ",".join(made.values())])
        statement = {"snapshot": LOAD_SNAPSHOT, "log": LOAD_LOG, "items": LOAD_ITEMS}[table.holds]
        if table.holds == "snapshot":
            self.transaction.execute(
                QUARANTINE_REPEATS.format(**names),
                [table.population, table.raw_table, CUSTOMER, REPEATED],
            )
        loaded = self.transaction.execute(statement.format(**names))
        self.transaction.rows(INDEX, [table.raw_table, table.happened_at])
        # For the planner, so that the first features are not built slowly.
        self.transaction.execute(f"analyze {names['table']}")

        return Settled(loaded, self._staged[table.raw_table] - loaded)

    def note(self, load: Load, refused: pa.Table) -> None:
        """Add an entry to the ledger, and refused rows."""
        self.transaction.ingest(LOADED, "quarantine", refused)
        self.transaction.ingest(LOADED, ledger.TABLE, ledger.entry(load))

    def _names(self, table: DeclaredTable) -> dict[str, str]:
        """Return what goes into the statements above, quoted."""
        return {
            "table": _quoted(LOADED, table.raw_table),
            "columns": ", ".join(map(_quoted, _kinds(table))),
            "staged": _quoted(TEMPORARY, _temporary("staged", table)),
            "repeats": _quoted(TEMPORARY, _temporary("repeats", table)),
            "key": CUSTOMER if table.holds == "snapshot" else ROW_DIGEST,
        }


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
