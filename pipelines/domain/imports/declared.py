"""What sources/NAME.toml declares: which tables a population is made of, and what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["text", "integer", "number", "boolean", "date", "instant"]
# As PostgreSQL calls them.
SQL_TYPES: Mapping[ColumnType, str] = {
    "text": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "date": "date",
    "instant": "timestamp with time zone",
}
# snapshot: one row a customer, and every load replaces the one before it.
# log: what happened; rows are added, and one that was there before is not added again.
# items: what customers have, many rows each; every load replaces the one before it.
Holds = Literal["snapshot", "log", "items"]

# Between the name of a population and that of a table; no name of either has it.
BETWEEN = "__"
CUSTOMER = "customer_id"
# Where migrations made the ledger of loads, and imports make tables.
LOADED = "raw"


@dataclass(frozen=True, slots=True)
class DeclaredColumn:
    """
    One column that is loaded.

    Attributes:
        name: Its name in the raw table.
        header: Its name in the source.
        type: What its values are; dates and instants without a zone are UTC.
        style: How numbers or dates are written there, as `domain.columns` names it; empty for
            other types.
        missing: Values that stand for nothing, besides the blank and the words for it.
        through: TABLE.COLUMN, of `customer_id` alone: what the source holds is a value of that
            column, and the customer is whose row of that table has it.
        identifies: Whether another value makes another row of a log; what only says what a
            customer is like may change in a later load, and stays as it was first said.
    """

    name: str
    header: str
    type: ColumnType
    style: str = ""
    missing: tuple[str, ...] = ()
    through: str = ""
    identifies: bool = True


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    """
    One table of a source.

    Attributes:
        population: Whose it is.
        name: What it is called there.
        origin: The SOURCE it is read from when the command names none.
        holds: What a row is.
        columns: Columns that are loaded; `customer_id` says whose a row is, and where no column
            is called so, rows are numbered.
        happened_at: Column that says when a row of a log happened; None of the others.
        known_at: Column of a log that says when a row was known, if that was after it happened;
            None where none does.
        label: Column that says who left; None where none does.
        dropped: Header of each column that is left out, with the reason.
        is_open: Whether a row of a log that has no time, or one ahead of the day of the load, has
            not happened yet, such as the end of a contract; else it is refused.
    """

    population: str
    name: str
    origin: str
    holds: Holds
    columns: tuple[DeclaredColumn, ...]
    happened_at: str | None = None
    known_at: str | None = None
    label: str | None = None
    dropped: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False

    @property
    def raw_table(self) -> str:
        """Name of its raw table, which no table of another population has."""
        return f"{self.population}{BETWEEN}{self.name}"

    @property
    def is_numbered(self) -> bool:
        """Whether no column says whose a row is, and its number does."""
        return all(column.name != CUSTOMER for column in self.columns)

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns a row is known by when the table is made."""
        numbered = (CUSTOMER,) if self.is_numbered else ()

        return (*numbered, *(column.name for column in self.columns if column.identifies))

    @property
    def through(self) -> tuple[str, str] | None:
        """Table and column that say whose a row is by what its own column holds."""
        owner = next((each.through for each in self.columns if each.name == CUSTOMER), "")
        table, _, column = owner.partition(".")

        return (table, column) if owner else None


def schema_of(table: str, raw_schema: str) -> str:
    """
    Return the schema a raw table stands in: that of imports, for one of a declared population.

    Args:
        table: Its name.
        raw_schema: Schema of the tables that others load, as churn.toml says.
    """
    return LOADED if BETWEEN in table else raw_schema


def ordered(tables: Iterable[DeclaredTable]) -> tuple[DeclaredTable, ...]:
    """
    Return tables in an order in which each comes after the one it goes through.

    Raises:
        ValueError: One goes through a table that is not there, or through itself.
    """
    rest, found = list(tables), list[DeclaredTable]()
    while rest:
        known = {table.name for table in found}
        ready = [table for table in rest if not table.through or table.through[0] in known]
        if not ready:
            raise ValueError(
                f"nothing leads to a customer: {', '.join(each.name for each in rest)}"
            )
        found.append(ready[0])
        rest.remove(ready[0])

    return tuple(found)


@dataclass(frozen=True, slots=True)
class Declared:
    """
    The sources of one population.

    Attributes:
        population: Its name.
        tables: Its tables, at least one; one comes before those that go through it.
    """

    population: str
    tables: tuple[DeclaredTable, ...]

    def table(self, name: str) -> DeclaredTable:
        """Return the table that is called *name*."""
        return next(table for table in self.tables if table.name == name)
