"""One column of a table that somebody brings: what its values are, and which of them are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Vector
from pipelines.domain.columns import dates, kinds
from pipelines.domain.columns import values as column_values
from pipelines.domain.columns.kinds import COMMONEST, Kind
from pipelines.domain.columns.personal_data import Personal, personal
from pipelines.domain.columns.stand_ins import Marks
from pipelines.domain.columns.values import Values


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
    def row_instants(self) -> dates.Instants:
        """`(n_rows,)`, the time of each row; NaT where none is known."""
        known = np.where(self.is_known, self.instants, np.datetime64("NaT", "us"))

        return np.append(known, np.datetime64("NaT", "us"))[self.values.codes]

    @property
    def row_texts(self) -> npt.NDArray[np.object_]:
        """`(n_rows,)`, what each row holds; None where nothing is known."""
        levels = np.asarray([*self.values.levels, None], dtype=object)
        texts: npt.NDArray[np.object_] = levels[self.values.codes]
        texts[self.missing_rows] = None

        return texts

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
        order = np.argsort(-counts, kind="stable")[:COMMONEST]

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
    found = kinds.recognised(name, values)
    whose = personal(name, values.levels[is_something], values.counts[is_something])
    if whose is not None and found.kind in {"integer", "number"}:
        # Digits of a telephone or an account; there is nothing to count.
        found = replace(found, kind="identifier", is_kind=is_something)

    return Column(
        name=name,
        kind=found.kind,
        values=values,
        is_missing=values.is_nothing | found.is_stand_in,
        is_bad=is_something & ~found.is_kind,
        numbers=found.numbers,
        instants=found.instants,
        style=found.style,
        personal=whose,
    )
