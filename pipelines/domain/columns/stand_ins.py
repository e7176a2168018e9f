"""Values that stand for a missing one: `999` among ages, 1900-01-01 among days of joining."""

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Vector
from pipelines.domain.columns.dates import Instants
from pipelines.domain.columns.values import Counts

Marks = npt.NDArray[np.bool_]

NUMBERS = (-1.0, *(sign * float("9" * digits) for digits in range(2, 8) for sign in (1, -1)))
DAYS = tuple(
    np.datetime64(day, "D")
    for day in (
        *("0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"),
        *("2099-12-31", "2999-12-31", "9999-12-31"),
    )
)
# One such value may be the truth.
LEAST_ROWS = 3
YEARS_APART = np.timedelta64(5 * 365, "D")


def among_numbers(numbers: Vector, counts: Counts) -> Marks:
    """
    Mark the numbers that stand for nothing: at an end of the column, and far from all others.

    Far is at least as far as the others lie apart. -1 need only be the one negative number. Where
    the others end in 9 too, as prices do, 99 is one of them.

    Args:
        numbers: `(n_levels,)`, NaN where a level is no number.
        counts: `(n_levels,)`, rows of each.
    """
    is_number = ~np.isnan(numbers)
    marks = np.zeros(len(numbers), dtype=np.bool_)
    for value in NUMBERS:
        is_value = numbers == value
        others = numbers[is_number & ~is_value & ~marks]
        if counts[is_value].sum() < LEAST_ROWS or len(others) < 2:
            continue
        low, high = others.min(), others.max()
        if value == -1.0:
            marks |= is_value & (low >= 0)
        elif (np.floor(np.abs(others)) % 10 == 9).all():
            continue
        elif value > max(high, 0):
            marks |= is_value & (value - high >= high - low)
        elif value < min(low, 0):
            marks |= is_value & (low - value >= high - low)

    return marks


def among_instants(instants: Instants, counts: Counts) -> Marks:
    """
    Mark the days that stand for nothing: at an end of the column, years from all others.

    Args:
        instants: `(n_levels,)`, NaT where a level is no time.
        counts: `(n_levels,)`, rows of each.
    """
    days = instants.astype("datetime64[D]")
    is_day = ~np.isnat(days)
    marks = np.zeros(len(days), dtype=np.bool_)
    for value in DAYS:
        is_value = days == value
        others = days[is_day & ~np.isin(days, DAYS)]
        if counts[is_value].sum() < LEAST_ROWS or len(others) == 0:
            continue
        gap = min(abs(others.min() - value), abs(others.max() - value))
        is_at_end = value < others.min() or value > others.max()
        marks |= is_value & bool(is_at_end and gap >= YEARS_APART)

    return marks
