"""One column of a table that somebody brings: what its values are, and which of them are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipelines.domain.arrays import Vector
from pipelines.domain.inspection import dates, numbers, stand_ins
from pipelines.domain.inspection import values as column_values
from pipelines.domain.inspection.names import is_key_like, is_time_like
from pipelines.domain.inspection.personal_data import Personal, personal
from pipelines.domain.inspection.stand_ins import Marks
from pipelines.domain.inspection.values import Values

Kind = Literal[
    "empty", "boolean", "integer", "number", "date", "instant", "category", "identifier", "text"
]

# What so large a share of the rows reads as, a column is; the rest of it is invalid.
SHARE_OF_KIND = 0.95
# Of the known rows: from here a text is nearly every row's own.
NEAR_UNIQUE = 0.9
FREE_TEXT_WORDS = 4
FREE_TEXT_CHARACTERS = 60
LEVELS_SHOWN = 50
PAIRS = (("yes", "no"), ("true", "false"), ("t", "f"), ("y", "n"), ("1", "0"), ("on", "off"))


@dataclass(frozen=True)
class Column:
    """
    One column, read.

    Attributes:
        name: Its header.
        kind: What its values are.
        values: What it holds, encoded.
        is_missing: `(n_levels,)`, whether a level stands for nothing.
        is_bad: `(n_levels,)`, whether it stands for something, and not for one of its kind.
        numbers: `(n_levels,)`, of numeric kinds; NaN elsewhere.
        instants: `(n_levels,)`, of dates and instants; NaT elsewhere.
        style: How numbers or dates are written; empty for other kinds.
        personal: How it may identify somebody.
    """

    name: str
    kind: Kind
    values: Values = field(repr=False)
    is_missing: Marks = field(repr=False)
    is_bad: Marks = field(repr=False)
    numbers: Vector = field(repr=False)
    instants: dates.Instants = field(repr=False)
    style: str = ""
    personal: Personal | None = None

    @property
    def is_known(self) -> Marks:
        """`(n_levels,)`, whether a level is a value of the column's kind."""
        return ~(self.is_missing | self.is_bad)

    @property
    def missing_rows(self) -> npt.NDArray[np.bool_]:
        """`(n_rows,)`, where nothing is known, in whatever disguise."""
        return (self.values.codes < 0) | self.values.row_mask(self.is_missing)

    @property
    def bad_rows(self) -> npt.NDArray[np.bool_]:
        """`(n_rows,)`, where something is known, and not of the column's kind."""
        return self.values.row_mask(self.is_bad)

    @property
    def distinct(self) -> int:
        """How many different values are known."""
        return int(self.is_known.sum())

    @property
    def known(self) -> int:
        """How many rows have one."""
        return int(self.values.counts[self.is_known].sum())

    @property
    def is_constant(self) -> bool:
        """Whether it tells nobody from anybody else."""
        return self.distinct == 1 and self.known == self.values.rows

    @property
    def is_near_unique(self) -> bool:
        """Whether nearly every row has a value of its own."""
        return self.distinct > 1 and self.distinct >= NEAR_UNIQUE * self.known

    @property
    def disguises(self) -> Mapping[str, int]:
        """Rows of each value that stands for nothing, besides the blank."""
        marks = np.flatnonzero(self.is_missing & np.asarray(self.values.levels != ""))

        return {self.values.levels[i]: int(self.values.counts[i]) for i in marks}

    @property
    def is_told(self) -> bool:
        """Whether its values may be shown: they are no person's, and repeat."""
        return self.personal is None and self.kind in {"boolean", "category"}

    @property
    def levels(self) -> Mapping[str, int]:
        """Rows of the commonest values, most first; empty where values may not be shown."""
        if not self.is_told:
            return {}
        counts = np.where(self.is_known, self.values.counts, 0)
        order = np.argsort(-counts, kind="stable")[:LEVELS_SHOWN]

        return {self.values.levels[i]: int(counts[i]) for i in order if counts[i]}

    @property
    def other_rows(self) -> int:
        """How many rows have a value that is not among `levels`."""
        return self.known - sum(self.levels.values()) if self.is_told else 0

    @property
    def spans(self) -> tuple[str, str] | None:
        """Its least and greatest value, for kinds that have an order."""
        if self.personal or self.kind not in {"integer", "number", "date", "instant"}:
            return None
        if self.kind in {"integer", "number"}:
            known = self.numbers[self.is_known]
            return f"{known.min():.10g}", f"{known.max():.10g}"
        unit: Literal["D", "s"] = "D" if self.kind == "date" else "s"
        known_at = self.instants[self.is_known].astype(f"datetime64[{unit}]")

        return str(known_at.min()), str(known_at.max())


def read(name: str, column: pa.ChunkedArray) -> Column:
    """
    Read a column as what most of its rows are.

    Args:
        name: Its header.
        column: `(n_rows,)`, text or any plain type.
    """
    values = column_values.encode(column)
    is_something = ~values.is_nothing
    found = _found(name, values, int(values.counts[is_something].sum()))

    return Column(
        name=name,
        kind=found.kind,
        values=values,
        is_missing=values.is_nothing | found.is_stand_in,
        is_bad=is_something & ~found.is_kind,
        numbers=found.numbers,
        instants=found.instants,
        style=found.style,
        personal=personal(name, values.levels[is_something], values.counts[is_something]),
    )


@dataclass
class _Found:
    """What the levels of a column are; as in Column, and which stand for nothing."""

    kind: Kind
    is_kind: Marks
    is_stand_in: Marks
    numbers: Vector
    instants: dates.Instants
    style: str = ""


def _found(name: str, values: Values, rows: int) -> _Found:
    """Return what so many *rows* that hold something are."""
    size, is_something = len(values.levels), ~values.is_nothing
    found = _Found(
        kind="empty",
        is_kind=is_something,
        is_stand_in=np.zeros(size, dtype=np.bool_),
        numbers=np.full(size, np.nan),
        instants=np.full(size, np.datetime64("NaT"), dtype="datetime64[us]"),
    )
    if rows == 0:
        return found
    if _is_pair(values):
        found.kind = "boolean"
        return found

    as_numbers, style = numbers.read(values.levels, values.counts)
    as_numbers = np.where(is_something, as_numbers, np.nan)
    is_number = ~np.isnan(as_numbers)
    is_code = _is_code(name, values.levels[is_something], as_numbers[is_number])
    if not is_code and values.counts[is_number].sum() >= SHARE_OF_KIND * rows:
        found.is_kind = is_number
        epoch = dates.read_epoch(as_numbers) if is_time_like(name) else None
        if epoch is not None:
            found.kind, found.instants, found.style = "instant", epoch.instants, epoch.order
            return found
        found.is_stand_in = stand_ins.among_numbers(as_numbers, values.counts)
        found.kind = _kind_of_numbers(as_numbers[is_number & ~found.is_stand_in], rows)
        found.numbers, found.style = as_numbers, style.name
        return found

    reading = dates.read(values.levels.where(is_something, ""), values.counts)
    is_time = ~np.isnat(reading.instants)
    if values.counts[is_time].sum() >= SHARE_OF_KIND * rows:
        found.kind = "instant" if reading.has_times else "date"
        found.is_kind, found.instants, found.style = is_time, reading.instants, reading.order
        found.is_stand_in = stand_ins.among_instants(reading.instants, values.counts)
        return found

    found.kind = _kind_of_text(name, values, is_something, rows)
    return found


def _is_pair(values: Values) -> bool:
    """Tell whether what is known are two answers, such as yes and no, in any spelling."""
    found = {*values.levels[~values.is_nothing].str.lower()}

    return any(found == {*pair} for pair in PAIRS)


def _is_code(name: str, levels: pd.Series, known: Vector) -> bool:
    """
    Tell whether digits are a code and no number.

    They are where one begins with a needless 0, as postcodes do, or where the header says so and
    there are many, all of them whole: some of them may hold letters then.
    """
    return numbers.has_leading_zeros(levels) or (
        is_key_like(name) and len(levels) > LEVELS_SHOWN and bool((known == np.floor(known)).all())
    )


def _kind_of_numbers(known: Vector, rows: int) -> Kind:
    """Tell measures, whole numbers and the numbers of rows apart."""
    if not (known == np.floor(known)).all():
        return "number"
    is_counted = len(known) == rows > 1 and known.max() - known.min() + 1 == rows

    return "identifier" if is_counted else "integer"


def _kind_of_text(name: str, values: Values, is_something: Marks, rows: int) -> Kind:
    """Tell free text, identifiers and categories apart."""
    levels, counts = values.levels[is_something], values.counts[is_something]
    spaces = levels.str.count(r"\s+").to_numpy()
    if (
        np.average(spaces + 1, weights=counts) >= FREE_TEXT_WORDS and len(levels) > LEVELS_SHOWN
    ) or np.average(levels.str.len(), weights=counts) > FREE_TEXT_CHARACTERS:
        return "text"
    is_own = len(levels) > 1 and len(levels) >= NEAR_UNIQUE * rows

    return (
        "identifier" if is_own or (is_key_like(name) and len(levels) > LEVELS_SHOWN) else "category"
    )
