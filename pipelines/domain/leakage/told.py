"""What one column tells of each row, whether a file or the warehouse holds it."""

from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import PAIRS
from pipelines.domain.features.contract import Feature

Codes = npt.NDArray[np.intp]
# What the values of a column are: measures, times in days, words, or a name each row has for
# itself, of which no model learns.
Scale = Literal["number", "days", "word", "own"]

YES = frozenset(yes for yes, _ in PAIRS)
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Told:
    """
    One column, row by row.

    Attributes:
        name: Its header, or the name of the feature.
        scale: What its values are.
        codes: `(n_rows,)`, which of its values a row has, from 0; -1 where it has none.
        numbers: `(n_rows,)`, NaN where a row has none; None of words that have no order.
    """

    name: str
    scale: Scale
    codes: Codes = field(repr=False)
    numbers: Vector | None = field(repr=False)

    @property
    def is_known(self) -> Flags:
        """`(n_rows,)`, whether a row has a value."""
        return np.asarray(self.codes >= 0, dtype=np.bool_)

    @property
    def measures(self) -> Vector | None:
        """`(n_rows,)`, its numbers, where more or less of them means something."""
        return self.numbers if self.scale in {"number", "days"} else None

    def only(self, rows: Flags | Codes) -> Self:
        """Return what it tells of those rows."""
        return replace(
            self,
            codes=self.codes[rows],
            numbers=None if self.numbers is None else self.numbers[rows],
        )


def of_column(column: Column) -> Told:
    """Return what a column of a table tells; what is none of its kind is a value all the same."""
    codes = np.where(column.missing_rows, -1, column.values.codes).astype(np.intp)
    if column.kind in {"integer", "number"}:
        return Told(column.name, "number", codes, _of_rows(column, column.numbers))
    if column.kind in {"date", "instant"}:
        days = (column.instants - np.datetime64("1970-01-01", "us")) / DAY
        return Told(column.name, "days", codes, _of_rows(column, days))
    if column.kind == "boolean":
        is_yes = np.asarray(column.values.levels.str.lower().isin(YES), dtype=np.float64)
        return Told(column.name, "word", codes, _of_rows(column, is_yes))

    return Told(column.name, "word" if column.kind == "category" else "own", codes, None)


def of_feature(feature: Feature, values: npt.NDArray[np.float32]) -> Told:
    """
    Return what a feature tells.

    Args:
        feature: What the contract says of it.
        values: `(n_rows,)`, its column of the matrix as `encode` returns it.
    """
    numbers = values.astype(np.float64)
    codes = np.full(len(numbers), -1, dtype=np.intp)
    is_known = ~np.isnan(numbers)
    codes[is_known] = np.unique(numbers[is_known], return_inverse=True)[1]
    if feature.kind == "categorical":
        return Told(feature.name, "word", codes, None)

    return Told(feature.name, "word" if feature.kind == "boolean" else "number", codes, numbers)


def _of_rows(column: Column, of_levels: Vector) -> Vector:
    """Return a number of each row; NaN where a row has none."""
    known = np.where(column.is_known, of_levels, np.nan)

    return np.append(known, np.nan)[column.values.codes]
