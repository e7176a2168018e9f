"""A score of a table's quality, in parts, each with the rows that cost it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import may_lie_ahead

Part = Literal["completeness", "validity", "uniqueness", "consistency", "timeliness"]
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What costs a part of the score.

    Attributes:
        reason: What is wrong, with the column, and no value.
        rows: In how many of the rows looked at.
        examples: The numbers of the first of them, from 1.
    """

    reason: str
    rows: int
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PartScore:
    """
    One part of the score.

    Attributes:
        part: Its name.
        score: 100 where nothing is wrong; None where the table has nothing to judge it by.
        costs: What was taken off, the most rows first.
    """

    part: Part
    score: float | None
    costs: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """
    All parts.

    Attributes:
        parts: Of the score.
    """

    parts: tuple[PartScore, ...]

    @property
    def score(self) -> float:
        """The mean of the parts that could be judged, 0 to 100."""
        return float(np.mean([part.score for part in self.parts if part.score is not None]))


def judge(
    columns: Sequence[Column],
    numbers: npt.NDArray[np.int64],
    key: Column | None,
    as_of: date,
    unread: Cost,
) -> Quality:
    """
    Judge a table.

    - completeness: cells that hold something, in whatever disguise nothing came;
    - validity: of those, the cells that are what their column is, and rows that could be read;
    - uniqueness: rows that repeat no other, in every column or in their key;
    - consistency: cells whose spelling is not another's but for case and blanks;
    - timeliness: times that are not after *as_of*, but for those of an end that may be planned.

    Args:
        columns: Of the table, `(n_rows,)` each.
        numbers: `(n_rows,)`, the number of each row.
        key: The column that should tell rows apart, if there is one.
        as_of: The day it is.
        unread: Lines of the source that could not be read as rows, 0 of them if all could.
    """
    rows = len(numbers)
    cells = rows * len(columns)

    def costs(masks: Sequence[tuple[str, npt.NDArray[np.bool_]]]) -> list[Cost]:
        found = [
            Cost(reason, int(mask.sum()), tuple(map(int, numbers[mask][:EXAMPLES])))
            for reason, mask in masks
            if mask.any()
        ]
        return sorted(found, key=lambda cost: -cost.rows)

    def part(name: Part, of: int, found: Sequence[Cost], lost: int | None = None) -> PartScore:
        lost = sum(cost.rows for cost in found) if lost is None else lost
        return PartScore(name, 100 * (1 - min(lost / of, 1)) if of else None, tuple(found))

    missing = costs([(f"{column.name}: nothing", column.missing_rows) for column in columns])
    known = cells - sum(cost.rows for cost in missing)
    invalid = costs(
        [(f"{column.name}: not {_noun(column)}", column.bad_rows) for column in columns]
    )
    # A line that is no row costs all the cells of one.
    unread_cells = unread.rows * len(columns)
    lost = unread_cells + sum(cost.rows for cost in invalid)
    if unread.rows:
        invalid.insert(0, unread)
    is_repeated = _repeats([column.values.codes for column in columns])
    repeated = [("the same in every column as an earlier row", is_repeated)]
    if key is not None:
        is_again = _repeats([key.values.codes]) & ~key.missing_rows & ~is_repeated
        repeated.append((f"{key.name}: the key of an earlier row", is_again))
    midnight = np.datetime64(as_of, "us")
    timed = [
        column
        for column in columns
        if column.kind in {"date", "instant"} and not may_lie_ahead(column.name)
    ]
    late = [
        (f"{column.name}: after {as_of}", column.values.row_mask(column.instants >= midnight))
        for column in timed
    ]
    times = sum(column.known for column in timed)

    return Quality(
        (
            part("completeness", cells, missing),
            part("validity", known + unread_cells, invalid, lost),
            part("uniqueness", rows, costs(repeated)),
            part("consistency", known, costs(_spellings(columns))),
            part("timeliness", times, costs(late)),
        )
    )


def _noun(column: Column) -> str:
    """Return what the values of a column are, in words."""
    return {
        "integer": "a whole number",
        "number": "a number",
        "date": "a date",
        "instant": "a time",
    }.get(column.kind, f"of the kind {column.kind}")


def _repeats(codes: Sequence[npt.NDArray[np.int32]]) -> npt.NDArray[np.bool_]:
    """Return `(n_rows,)`, whether a row is the same as an earlier one in all of *codes*."""
    frame = pd.DataFrame(dict(enumerate(codes)))

    return np.asarray(frame.duplicated(), dtype=np.bool_)


def _spellings(columns: Sequence[Column]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """Return, for each category, where it is spelled otherwise than most often."""
    found = []
    for column in columns:
        if not column.is_told or not column.known:
            continue
        plain = column.values.levels.str.casefold().str.replace(r"[\s_-]+", " ", regex=True)
        counts = pd.Series(np.where(column.is_known, column.values.counts, 0))
        most = counts.groupby(plain.to_numpy()).transform("max")
        is_other = np.asarray(column.is_known & (counts < most))
        found.append((f"{column.name}: another spelling", column.values.row_mask(is_other)))

    return found
