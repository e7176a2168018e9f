"""One row a customer: which columns are loaded, what feature each becomes, and what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.features.contract import Feature
from pipelines.domain.imports.declared import (
    CUSTOMER,
    ColumnType,
    DeclaredColumn,
    DeclaredTable,
)
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import loading
from pipelines.domain.scaffolds import names as naming
from pipelines.domain.scaffolds.names import header_words, is_readable
from pipelines.errors import ImportRefused

TYPES: Mapping[str, ColumnType] = {
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "date": "date",
    "instant": "instant",
}
SQL_TYPES = {"numeric": "double precision", "categorical": "text", "boolean": "boolean"}
OTHER = "other"


@dataclass(frozen=True, slots=True)
class FlatFeature:
    """
    A column as a feature.

    Attributes:
        feature: What the contract says of it.
        expression: SQL, with macros of the house.
        description: For its YAML.
    """

    feature: Feature
    expression: str
    description: str

    @property
    def data_type(self) -> str:
        """Its type in the warehouse."""
        return "bigint" if self.feature.unit == "days" else SQL_TYPES[self.feature.kind]


@dataclass(frozen=True, slots=True)
class FlatPopulation:
    """
    Everything that is written of a population with one row a customer.

    Attributes:
        table: What is loaded.
        gone: The value of the label, in lower case; None where the file has none.
        features: One a column that is used, in the order of the file.
        bounds: Least and greatest value that is expected of numeric columns.
    """

    table: DeclaredTable
    gone: str | None
    features: tuple[FlatFeature, ...]
    bounds: Mapping[str, tuple[float, float]]


def plan(
    population: str,
    found: Inspected,
    *,
    key: str | None,
    drops: Sequence[str] = (),
    accepts: Mapping[str, str] | None = None,
) -> FlatPopulation:
    """
    Decide what becomes of each column.

    Args:
        population: Its name.
        found: The table, looked at; its label says who left.
        key: Header of the column that says whose a row is; None numbers the rows.
        drops: Headers that are left out whatever they hold.
        accepts: Header of each column that is used though it may know the answer, with the reason.

    Raises:
        ImportRefused: A named column is not there, or no feature is left.
    """
    headers = [column.name for column in found.columns]
    accepted = accepts or {}
    if missing := [name for name in [key, *drops, *accepted] if name and name not in headers]:
        raise ImportRefused(
            f"{found.name} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(headers)}",
            next_step="name columns as the file calls them",
        )
    names = naming.columns(headers)
    label = found.label
    leaks = {tell.column: tell.auc for tell in found.leaks if tell.column not in accepted}
    dropped: dict[str, str] = {}
    columns: list[DeclaredColumn] = []
    features: list[FlatFeature] = []
    bounds: dict[str, tuple[float, float]] = {}
    for column in found.columns:
        name = names[column.name]
        if column.name == key:
            columns.insert(0, DeclaredColumn(CUSTOMER, column.name, "text"))
        elif label is not None and column.name == label.column:
            columns.append(DeclaredColumn(name, column.name, "text"))
        elif reason := _reason_to_drop(column, drops, leaks, column.name in accepted):
            dropped[column.name] = reason
        else:
            columns.append(loading.declared(name, column, TYPES.get(column.kind, "text")))
            features.append(_feature(name, column))
            if column.kind in {"integer", "number"}:
                bounds[name] = _bounds(column)
    if not features:
        raise ImportRefused(
            f"no column of {found.name} is left to learn from: "
            + "; ".join(f"{header}: {reason}" for header, reason in dropped.items()),
            next_step="--accept COLUMN='reason' takes one that was left out",
        )
    table = DeclaredTable(
        population=population,
        name="customers",
        origin=found.origin,
        holds="snapshot",
        columns=tuple(columns),
        label=names[label.column] if label else None,
        dropped=dropped,
    )

    return FlatPopulation(
        table=table,
        gone=label.value.strip().lower() if label else None,
        features=tuple(features),
        bounds=bounds,
    )


def _reason_to_drop(
    column: Column, drops: Sequence[str], leaks: Mapping[str, float], is_accepted: bool
) -> str | None:
    """Return why a column is left out, if it is."""
    if column.name in drops:
        return "left out with --drop"
    if column.personal is not None:
        return f"personal data: {column.personal}"
    unusable = {
        "empty": "empty",
        "identifier": "nearly every row has its own",
        "text": "free text",
    }
    if column.kind in unusable:
        return unusable[column.kind]
    if column.is_constant or len(_levels(column)) == 1 or column.distinct < 2:
        return "the same on every row that has it"
    if column.name in leaks and not is_accepted:
        return f"tells alone who left (AUC {leaks[column.name]:.2f}): known only afterwards?"

    return None


def _feature(name: str, column: Column) -> FlatFeature:
    """Return a column as a feature. A value may always be missing tomorrow, so NULL is legal."""
    words = header_words(column.name)
    known = Feature(name=name, kind="numeric", title=words, family="columns", nullable=True)
    if column.kind in {"date", "instant"}:
        feature = replace(
            known, name=f"days_since_{name}", title=f"days since {words}", unit="days"
        )
        at = f"churn.midnight('{name}')" if column.kind == "date" else f"'{name}'"
        expression = "{{ churn.days_between(" + at + ", churn.midnight()) }}"
        return FlatFeature(feature, expression, f"Whole days from {words} to as_of.")
    if column.kind in {"integer", "number"}:
        return FlatFeature(known, name, f"{words.capitalize()}.")
    if column.kind == "boolean":
        return FlatFeature(replace(known, kind="boolean"), name, f"{words.capitalize()}.")

    levels = _levels(column)
    if len(levels) <= COMMONEST:
        expression = "{{ churn.category('" + name + "') }}"
    else:
        levels = levels[:COMMONEST]
        listed = ", ".join(map(_in_jinja, levels))
        expression = "{{ churn.commonest('" + name + f"', [{listed}]) " + "}}"
        levels = [*levels, OTHER] if OTHER not in levels else levels

    return FlatFeature(
        replace(known, kind="categorical", levels=tuple(levels)),
        expression,
        f"{words.capitalize()}.",
    )


def _levels(column: Column) -> list[str]:
    """Return the levels of a category in one spelling, the commonest first."""
    if column.kind != "category":
        return []
    rows: dict[str, int] = {}
    for level, count, is_known in zip(
        column.values.levels, column.values.counts, column.is_known, strict=True
    ):
        if is_known and is_readable(level):
            spelled = level.strip().lower().translate({ord(" "): "_", ord("-"): "_"})
            rows[spelled] = rows.get(spelled, 0) + int(count)

    return sorted(rows, key=lambda level: (-rows[level], level))


def _bounds(column: Column) -> tuple[float, float]:
    """Return what is expected of a numeric column, in figures people read."""
    low, high = loading.widened(column)

    return _rounded(low, down=True), _rounded(high, down=False)


def _rounded(value: float, *, down: bool) -> float:
    """Return *value* with three digits, further out and never further in."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (np.floor(np.log10(abs(value))) - 2)
    steps = np.floor(value / unit) if down else np.ceil(value / unit)

    return float(f"{steps * unit:.10g}")


def _in_jinja(text: str) -> str:
    """Return a text as a literal of Jinja."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")

    return f"'{escaped}'"
