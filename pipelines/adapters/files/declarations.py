"""
What a population is made of, as a person declares it in `sources/NAME.toml` of their project.

    [tables.customers]
    origin = "/data/bank.csv.gz"
    holds = "snapshot"            # or "log", or "items"
    happened_at = "occurred_at"   # only in a log: the name of a column below
    label = "exited"              # may be left out
    [tables.customers.columns]
    customer_id = { header = "CustomerId", type = "text" }
    balance = { header = "Balance", type = "number", style = "1,234.5", missing = ["-1", "999"] }
    joined = { header = "Joined", type = "date", style = "day first" }
    [tables.customers.dropped]
    Surname = "personal data: names"
    [tables.payments.columns]     # whose account has the number is the customer
    customer_id = { header = "account", type = "text", through = "accounts.account_no" }
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pipelines.domain.columns import dates, numbers
from pipelines.domain.imports.declared import (
    BETWEEN,
    CUSTOMER,
    ColumnType,
    Declared,
    DeclaredColumn,
    DeclaredTable,
    Holds,
    ordered,
)
from pipelines.domain.imports.sieve import LOADED_AT, ROW_DIGEST
from pipelines.errors import ConfigError

FOLDER = "sources"
NOUNS: Mapping[Holds, str] = {"snapshot": "a snapshot", "log": "a log", "items": "items"}
COLUMN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# Neither begins or ends with _, or two populations could have one table.
PART = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_TABLE = 63
# As many columns as a table of PostgreSQL may have, less its own.
MOST_COLUMNS = 1_500
RESERVED = (LOADED_AT, ROW_DIGEST)
TYPES = get_args(ColumnType)
STYLES: Mapping[str, Collection[str]] = {
    "integer": tuple(numbers.BY_NAME),
    "number": tuple(numbers.BY_NAME),
    "date": get_args(dates.Order),
    "instant": get_args(dates.Order),
}
TABLE_KEYS = (
    "origin",
    "holds",
    "happened_at",
    "known_at",
    "is_open",
    "label",
    "columns",
    "dropped",
)
COLUMN_KEYS = ("header", "type", "style", "missing", "through", "identifies")


def path(project: Path, population: str) -> Path:
    """Return where *population* is declared, whether it is or not."""
    return project / FOLDER / f"{population}.toml"


def names(project: Path) -> list[str]:
    """Return the populations that are declared in a project, in the order of their names."""
    found = project / FOLDER

    return sorted(file.stem for file in found.glob("*.toml")) if found.is_dir() else []


def read(project: Path, population: str) -> Declared:
    """
    Return what *population* is declared to be made of.

    Raises:
        ConfigError: There is no such file, it cannot be read, or holds what is not legal; with what
            is.
    """
    there = names(project)
    if population not in there:
        known = ", ".join(there) or "none"
        raise ConfigError(
            f"{project} declares no population {population!r}; it has: {known}",
            next_step="churn new NAME SOURCE declares one; CHURN_PROJECT names another project",
        )
    file = path(project, population)
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror}", next_step=f"make {file} readable"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{file} is not UTF-8 text, first at byte {error.start}", next_step=f"edit {file}"
        ) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{file} is not TOML: {error}", next_step=f"edit {file}") from None

    return _Reader(file, population).declared(written)


@dataclass(frozen=True)
class _Reader:
    """
    Reads one file.

    Attributes:
        file: Where it is.
        population: Whose.
    """

    file: Path
    population: str

    def declared(self, written: Mapping[str, Any]) -> Declared:
        """Return the population."""
        self._require_part("the population", self.population)
        self._require_keys("", written, ("tables",))
        tables = self._table("tables", written.get("tables"))
        if not tables:
            raise self._fault("tables", "is missing", "a table for each source, [tables.NAME]")

        read = [self._read_table(name, tables[name]) for name in tables]
        for table in read:
            self._require_owner(table, read)
        try:
            return Declared(self.population, ordered(read))
        except ValueError as error:
            fault, legal = f"lead in a circle: {error}", "customers at the end"
            raise self._fault("tables", fault, legal) from None

    def _require_owner(self, table: DeclaredTable, tables: Collection[DeclaredTable]) -> None:
        """Refuse a table that goes through a column nobody loads."""
        if table.through is None:
            return
        known = [f"{other.name}.{own.name}" for other in tables for own in other.columns]
        self._choice(
            f"tables.{table.name}.columns.{CUSTOMER}.through", ".".join(table.through), known
        )

    def _read_table(self, name: str, value: object) -> DeclaredTable:
        """Return one table."""
        where = f"tables.{name}"
        self._require_part(where, name)
        longest = LONGEST_TABLE - len(self.population) - len(BETWEEN)
        if len(name) > longest:
            raise self._fault(where, "is too long a name", f"at most {longest} characters")
        keys = self._table(where, value)
        self._require_keys(where, keys, TABLE_KEYS)
        holds: Holds = self._choice(f"{where}.holds", keys.get("holds"), get_args(Holds))
        written = self._table(f"{where}.columns", keys.get("columns"))
        if not 0 < len(written) <= MOST_COLUMNS:
            raise self._fault(f"{where}.columns", f"has {len(written)} columns", "1 to 1,500")
        columns = tuple(self._column(f"{where}.columns", own, written[own]) for own in written)
        by_name = {column.name: column for column in columns}
        dropped = {
            header: self._text(f"{where}.dropped.{header}", reason)
            for header, reason in self._table(f"{where}.dropped", keys.get("dropped", {})).items()
        }
        if both := [column.header for column in columns if column.header in dropped]:
            raise self._fault(f"{where}.dropped", f"has {both[0]}", "headers no column has")

        happened_at = self._named(f"{where}.happened_at", keys.get("happened_at"), by_name)
        if (happened_at is not None) != (holds == "log"):
            legal = "a column of a log, and of nothing else"
            raise self._fault(f"{where}.happened_at", f"does not go with {NOUNS[holds]}", legal)
        if happened_at is not None:
            self._choice(f"{where}.happened_at", by_name[happened_at].type, ("date", "instant"))
        if holds != "snapshot" and CUSTOMER not in by_name:
            raise self._fault(f"{where}.columns", f"has no {CUSTOMER}", f"one, of {NOUNS[holds]}")

        known_at = self._named(f"{where}.known_at", keys.get("known_at"), by_name)
        if known_at is not None and holds != "log":
            legal = "a column of a log, and of nothing else"
            raise self._fault(f"{where}.known_at", f"does not go with {NOUNS[holds]}", legal)
        if known_at is not None:
            self._choice(f"{where}.known_at", by_name[known_at].type, ("date", "instant"))
        is_open = keys.get("is_open", False)
        if not isinstance(is_open, bool) or (is_open and holds != "log"):
            raise self._fault(f"{where}.is_open", "is none", "true or false, in a log")

        return DeclaredTable(
            population=self.population,
            name=name,
            origin=self._text(f"{where}.origin", keys.get("origin")),
            holds=holds,
            columns=columns,
            happened_at=happened_at,
            known_at=known_at,
            label=self._named(f"{where}.label", keys.get("label"), by_name),
            dropped=dropped,
            is_open=is_open,
        )

    def _column(self, where: str, name: str, value: object) -> DeclaredColumn:
        """Return one column."""
        if not COLUMN_NAME.fullmatch(name) or name in RESERVED:
            legal = f"{COLUMN_NAME.pattern}, and not {' or '.join(RESERVED)}"
            raise self._fault(where, f"has a column called {name!r}", legal)
        where = f"{where}.{name}"
        keys = self._table(where, value)
        self._require_keys(where, keys, COLUMN_KEYS)
        kind: ColumnType = self._choice(f"{where}.type", keys.get("type"), TYPES)
        if name == CUSTOMER:
            self._choice(f"{where}.type", kind, ("text",))
        style = keys.get("style", "")
        if style != "" and kind not in STYLES:
            raise self._fault(f"{where}.style", f"does not go with {kind}", "left out")
        if style != "":
            self._choice(f"{where}.style", style, STYLES[kind])
        missing = keys.get("missing", [])
        if not isinstance(missing, list) or not all(isinstance(item, str) for item in missing):
            raise self._fault(f"{where}.missing", "is none", 'a list of texts, such as ["-1"]')

        through = keys.get("through", "")
        if through != "" and name != CUSTOMER:
            raise self._fault(f"{where}.through", "is of no customer", f"only in {CUSTOMER}")
        identifies = keys.get("identifies", True)
        if not isinstance(identifies, bool) or (name == CUSTOMER and not identifies):
            raise self._fault(f"{where}.identifies", "is none", f"false, and not of {CUSTOMER}")

        return DeclaredColumn(
            name=name,
            header=self._text(f"{where}.header", keys.get("header")),
            type=kind,
            style=style,
            missing=tuple(missing),
            through=self._text(f"{where}.through", through) if through != "" else "",
            identifies=identifies,
        )

    def _require_part(self, where: str, name: str) -> None:
        """Refuse a name that cannot be part of one of a table."""
        if not PART.fullmatch(name) or len(name) > LONGEST_TABLE - len(BETWEEN) - 1:
            raise self._fault(where, f"is called {name!r}", f"{PART.pattern}, at most 60 of it")

    def _require_keys(self, where: str, keys: Mapping[str, Any], legal: Collection[str]) -> None:
        """Refuse keys nobody reads."""
        for key in keys:
            if key not in legal:
                raise self._fault(f"{where}.{key}".strip("."), "is unknown", ", ".join(legal))

    def _table(self, where: str, value: object) -> Mapping[str, Any]:
        """Return *value* if it is a table."""
        if not isinstance(value, dict):
            raise self._fault(where, "is no table" if value is not None else "is missing", "one")

        return value

    def _text(self, where: str, value: object) -> str:
        """Return *value* if it is a text with something in it."""
        if not isinstance(value, str) or not value.strip():
            raise self._fault(where, "is missing" if value is None else "is no text", "a text")

        return value

    def _choice(self, where: str, value: object, legal: Collection[Any]) -> Any:  # noqa: ANN401
        """Return *value* if it is one of *legal*."""
        if value not in legal:
            fault = "is missing" if value is None else f"is {value!r}"
            raise self._fault(where, fault, ", ".join(map(str, legal)))

        return value

    def _named(self, where: str, value: object, columns: Collection[str]) -> str | None:
        """Return *value* if it is the name of a column, or None."""
        return None if value is None else str(self._choice(where, value, [*columns]))

    def _fault(self, where: str, fault: str, legal: str) -> ConfigError:
        """Return the refusal of the file."""
        return ConfigError(
            f"{self.file}: {where} {fault}; legal here: {legal}", next_step=f"edit {self.file}"
        )
