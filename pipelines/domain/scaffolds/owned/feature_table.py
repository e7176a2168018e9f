"""A feature table that somebody owns already, as the warehouse knows it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import PAIRS
from pipelines.domain.scaffolds import names
from pipelines.errors import ImportRefused

NUMERIC = ("SMALLINT", "INTEGER", "BIGINT", "REAL", "DOUBLE PRECISION", "NUMERIC")
TEXTS = ("TEXT", "VARCHAR", "CHAR")
DATE, BOOLEAN = "DATE", "BOOLEAN"
INSTANT, TIMESTAMP = "TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE"
YES = frozenset(yes for yes, _ in PAIRS)
# How dates are written that PostgreSQL reads the same whatever it is set to.
PLAIN_DATES = ("year first", "digits")


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """
    One table or view of this warehouse.

    Attributes:
        schema: Its schema.
        name: Its name there.
        types: Type of each column as the gate of sources reads it, such as `NUMERIC(10, 2)`.
        lacking: Statements that give the roles of the nights what they lack to read it.
    """

    schema: str
    name: str
    types: Mapping[str, str]
    lacking: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What it is called in messages."""
        return f"{self.schema}.{self.name}"

    def require_plain_name(self) -> None:
        """
        Refuse a name that needs quotes: dbt and the gates read the table by it.

        Raises:
            ImportRefused: It does.
        """
        if not (names.is_name(self.schema) and names.is_name(self.name)):
            raise ImportRefused(
                f"{self.subject!r} cannot be read by its name, which takes lower-case letters, "
                "digits and _",
                next_step="make a view of it that is called so, and name that",
            )

    def kind(self, header: str) -> str:
        """Return the type of a column without its digits or lengths."""
        return self.types[header].partition("(")[0].strip()


def is_readable(header: str) -> bool:
    """Tell whether dbt reads the name of a column as it is, in quotes."""
    return names.is_readable(header) and not {"\\", "%"} & {*header}


def quoted(header: str) -> str:
    """Return the name of a column in SQL."""
    return '"' + header.replace('"', '""') + '"'


def value(table: FeatureTable, column: Column) -> str | None:
    """
    Return SQL that reads a column as a value of its kind; None where its type gives none.

    Args:
        table: Whose column it is.
        column: The column, looked at.
    """
    name, type_ = quoted(column.name), table.kind(column.name)
    as_text = f"cast({name} as text)"
    found: dict[tuple[str, str], str] = {
        ("boolean", BOOLEAN): name,
        ("date", DATE): name,
        ("date", INSTANT): f"cast({name} at time zone 'UTC' as date)",
        ("date", TIMESTAMP): f"cast({name} as date)",
        ("instant", INSTANT): name,
        ("instant", TIMESTAMP): f"({name} at time zone 'UTC')",
    }
    if (column.kind, type_) in found:
        return found[column.kind, type_]
    if column.kind == "boolean" and type_ in (*NUMERIC, *TEXTS):
        levels = {level.strip().casefold() for level in column.values.levels}
        yes = ", ".join(f"'{word}'" for word in sorted(levels & YES))
        return f"lower(btrim({as_text})) in ({yes})"
    if column.kind in {"integer", "number"} and type_ in NUMERIC:
        return f"cast({name} as double precision)"

    return as_text if column.kind == "category" and type_ in TEXTS else None


def day(table: FeatureTable, column: Column) -> str | None:
    """
    Return SQL that reads a column as the date a row is of; None where it holds no dates.

    Args:
        table: Whose column it is.
        column: The column, looked at.
    """
    name, type_ = quoted(column.name), table.kind(column.name)
    if type_ == DATE:
        return name
    if type_ == INSTANT:
        return f"cast({name} at time zone 'UTC' as date)"
    if type_ == TIMESTAMP or (type_ in TEXTS and column.style in PLAIN_DATES):
        return f"cast({name} as date)"

    return None


def rows_in_the_day(column: Column) -> int:
    """Return how many rows have a time after 00:00 UTC of their day."""
    instants = column.row_instants
    known = instants[~np.isnat(instants)]

    return int((known != known.astype("datetime64[D]")).sum())


def unfit(table: FeatureTable, column: Column) -> str | None:
    """Return why a column can be no feature whatever it holds; None where it can."""
    if not is_readable(column.name):
        return "its name holds what dbt reads as a template"
    if value(table, column) is None:
        return (
            f"{table.types[column.name].lower()} that holds {column.kind} values; a view can cast"
        )

    return None
