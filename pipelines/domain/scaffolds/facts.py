"""What one row says of a customer: which columns are loaded, and what feature each becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST, learnable
from pipelines.domain.features.contract import Feature
from pipelines.domain.imports.declared import CUSTOMER, ColumnType, DeclaredColumn
from pipelines.domain.scaffolds import loading
from pipelines.domain.scaffolds.names import header_words, is_readable
from pipelines.domain.scaffolds.spelling import OTHER, in_one_spelling, jinja_text

TYPES: Mapping[str, ColumnType] = {
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "date": "date",
    "instant": "instant",
}
# Of the rows: a value on fewer, or on nearly all, is a mistake rather than an answer.
LEAST_THERE = 0.01
SQL_TYPES = {"numeric": "double precision", "categorical": "text", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class FactFeature:
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

    @property
    def name(self) -> str:
        """Name of its column."""
        return self.feature.name

    @property
    def or_zero(self) -> bool:
        """Never: who has no such row has no such value."""
        return False


@dataclass(frozen=True, slots=True)
class Facts:
    """
    The columns of a table with one row a customer.

    Attributes:
        columns: Those that are loaded, whose a row is first.
        features: One a column that is used, in the order of the file.
        bounds: Least and greatest value that is expected of numeric columns.
        dropped: Header of each column that is left out, with the reason.
    """

    columns: tuple[DeclaredColumn, ...]
    features: tuple[FactFeature, ...]
    bounds: Mapping[str, tuple[float, float]]
    dropped: Mapping[str, str]


def facts(
    columns: Sequence[Column],
    named: Mapping[str, str],
    *,
    key: str | None,
    label: str | None = None,
    through: str = "",
    unfit: Mapping[str, str] | None = None,
    drops: Sequence[str] = (),
) -> Facts:
    """
    Decide what becomes of each column.

    Args:
        columns: Of the table.
        named: What each is called in the warehouse, by its header.
        key: Header of the column that says whose a row is; None numbers the rows.
        label: Header of the one that says who left; None where none does.
        through: As of a `DeclaredColumn`, of the key.
        unfit: Header of each column that is not to be used though it could, with the reason.
        drops: Headers that are left out whatever they hold.
    """
    dropped: dict[str, str] = {}
    declared: list[DeclaredColumn] = []
    features: list[FactFeature] = []
    bounds: dict[str, tuple[float, float]] = {}
    for column in columns:
        name = named[column.name]
        if column.name == key:
            declared.insert(0, DeclaredColumn(CUSTOMER, column.name, "text", through=through))
        elif column.name == label:
            declared.append(loading.declared(name, column, "text"))
        elif reason := _reason_to_drop(column, drops, unfit or {}):
            dropped[column.name] = reason
        else:
            declared.append(loading.declared(name, column, TYPES.get(column.kind, "text")))
            features.append(_feature(name, column))
            if column.kind in {"integer", "number"}:
                bounds[name] = _bounds(column)

    return Facts(tuple(declared), tuple(features), bounds, dropped)


def spelled_levels(column: Column) -> dict[str, int]:
    """Return the rows of each level of a category, in one spelling, the commonest first."""
    if column.kind != "category":
        return {}
    rows: dict[str, int] = {}
    for level, count, is_known in zip(
        column.values.levels, column.values.counts, column.is_known, strict=True
    ):
        if is_known and is_readable(level):
            spelled = in_one_spelling(level)
            rows[spelled] = rows.get(spelled, 0) + int(count)

    return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))


def _reason_to_drop(column: Column, drops: Sequence[str], unfit: Mapping[str, str]) -> str | None:
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
    is_same = column.distinct < 2 or len(spelled_levels(column)) == 1
    if is_same and not _tells_by_being_there(column):
        return "the same on every row that has it"

    return unfit.get(column.name)


def _tells_by_being_there(column: Column) -> bool:
    """Tell whether a column of one value has it on some rows only, as a cross in a box is."""
    rows = column.values.rows

    return (
        column.kind == "category" and LEAST_THERE * rows <= column.known <= (1 - LEAST_THERE) * rows
    )


def _feature(name: str, column: Column) -> FactFeature:
    """Return a column as a feature. A value may always be missing tomorrow, so NULL is legal."""
    words = header_words(column.name)
    known = Feature(name=name, kind="numeric", title=words, family="columns", nullable=True)
    if column.kind in {"date", "instant"}:
        feature = replace(
            known, name=f"days_since_{name}", title=f"days since {words}", unit="days"
        )
        at = f"churn.midnight('{name}')" if column.kind == "date" else f"'{name}'"
        expression = "{{ churn.days_between(" + at + ", churn.midnight()) }}"
        return FactFeature(feature, expression, f"Whole days from {words} to as_of.")
    if column.kind in {"integer", "number"}:
        return FactFeature(known, name, f"{words.capitalize()}.")
    if column.kind == "boolean":
        return FactFeature(replace(known, kind="boolean"), name, f"{words.capitalize()}.")

    rows = spelled_levels(column)
    levels = [*rows]
    if len(levels) <= COMMONEST:
        expression = "{{ churn.category('" + name + "') }}"
    else:
        # Where there are many, tomorrow brings others, which gates would call unknown.
        levels = levels[: learnable([*rows.values()])]
        listed = ", ".join(map(jinja_text, levels))
        expression = "{{ churn.commonest('" + name + f"', [{listed}]) " + "}}"
        levels = [*levels, OTHER] if OTHER not in levels else levels

    return FactFeature(
        replace(known, kind="categorical", levels=tuple(levels)),
        expression,
        f"{words.capitalize()}.",
    )


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
