"""Rows that were refused: where and why, without their values, and how many are too many."""

import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipelines.errors import ImportRefused

# So many refused rows are too many of any table, and end a load that would go on for an hour.
MOST = 1_000_000
# Reasons and lines that a message names.
REASONS, LINES = 5, 3
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("raw_table", pa.string()),
        ("line", pa.int64()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
    ]
)
# Column, reason, rows and first lines.
Cause = tuple[str | None, str, int, tuple[int, ...]]


@dataclass
class Quarantine:
    """
    Refused rows of one table.

    Attributes:
        population: Whose table.
        raw_table: What it is called.
        origin: The source, for messages.
    """

    population: str
    raw_table: str
    origin: str
    _causes: dict[tuple[str | None, str], int] = field(default_factory=dict)
    _lines: "array[int]" = field(default_factory=lambda: array("q"))
    _codes: "array[int]" = field(default_factory=lambda: array("i"))
    _counted: list[Cause] = field(default_factory=list)
    _elsewhere: int = 0

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self._lines) + self._elsewhere

    def add(self, lines: Iterable[int], column: str | None, reason: str) -> None:
        """
        Add rows.

        Args:
            lines: Where they are.
            column: Which of theirs is at fault, if one is.
            reason: What is wrong, without a value.

        Raises:
            ImportRefused: They are more than a million.
        """
        code = self._causes.setdefault((column, reason), len(self._causes))
        before = len(self._lines)
        self._lines.extend(lines)
        self._codes.extend(itertools.repeat(code, len(self._lines) - before))
        if self.rows > MOST:
            raise self.refusal(f"more than {MOST:,}")

    def count(self, rows: int, first: Sequence[int], column: str, reason: str) -> None:
        """Count rows that are kept elsewhere, of which only the *first* lines are known."""
        self._elsewhere += rows
        self._counted.append((column, reason, rows, tuple(first)))

    def require(self, *, of_rows: int, most_pct: float) -> None:
        """
        Refuse the load if too many rows were.

        Args:
            of_rows: How many rows there were, with those.
            most_pct: So many of a hundred may be refused.

        Raises:
            ImportRefused: With how many they are, why, and where the first are.
        """
        if self.rows * 100 > most_pct * of_rows:
            raise self.refusal(f"{self.rows:,} of {of_rows:,}, and {most_pct:g} % may be")

    def refusal(self, size: str) -> ImportRefused:
        """Return the refusal of a load of which so much was refused."""
        return ImportRefused(
            f"{self.origin} was refused and nothing was loaded: rows that are none of "
            f"{self.raw_table} are {size}: {'; '.join(self.reasons())}",
            next_step="correct the source or its declaration; if so many are to be left out, raise "
            "refused_rows_pct of [imports] in churn.toml",
        )

    def reasons(self) -> list[str]:
        """Return the commonest reasons, each with its rows and the first lines."""
        causes = sorted([*self._causes_kept(), *self._counted], key=lambda cause: -cause[2])
        told = [
            f"{f'{column}: ' if column else ''}{reason}: {rows:,} rows, first on line "
            f"{', '.join(map(str, first[:LINES]))}"
            for column, reason, rows, first in causes[:REASONS]
        ]
        if len(causes) > REASONS:
            told.append(f"and {len(causes) - REASONS} more reasons")

        return told

    def _causes_kept(self) -> Iterator[Cause]:
        """Yield each cause of the rows kept here, with how many there are and the first lines."""
        codes = np.asarray(self._codes)
        at = np.asarray(self._lines)
        for (column, reason), code in self._causes.items():
            lines = at[codes == code]
            yield column, reason, len(lines), tuple(lines[:LINES].tolist())

    def table(self) -> pa.Table:
        """Return the rows kept here as `raw.quarantine` takes them."""
        causes = list(self._causes)
        codes = pa.array(self._codes, pa.int32())
        columns = pa.array([column for column, _ in causes], pa.string())
        reasons = pa.array([reason for _, reason in causes], pa.string())

        return pa.table(
            [
                pa.repeat(self.population, len(codes)),
                pa.repeat(self.raw_table, len(codes)),
                pa.array(self._lines, pa.int64()),
                columns.take(codes),
                reasons.take(codes),
            ],
            schema=SCHEMA,
        )
