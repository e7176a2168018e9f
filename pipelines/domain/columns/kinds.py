"""What the values of a column are: dates, numbers, answers, words; and which stand for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pipelines.domain.arrays import Vector
from pipelines.domain.columns import dates, numbers, stand_ins
from pipelines.domain.columns.names import is_key_like, is_time_like, names_a_code
from pipelines.domain.columns.stand_ins import Marks
from pipelines.domain.columns.values import Values

Kind = Literal[
    "empty", "boolean", "integer", "number", "date", "instant", "category", "identifier", "text"
]

# What so large a share of the rows reads as, a column is; the rest of it is invalid.
SHARE_OF_KIND = 0.95
# Of the known rows: from here a text is nearly every row's own.
NEAR_UNIQUE = 0.9
FREE_TEXT_WORDS = 4
FREE_TEXT_CHARACTERS = 60
# Whole numbers of so many digits, all of them different on as many rows, are names of the rows.
LEAST_NUMBER = 100_000
MANY_ROWS = 1_000
# So many values of a column count by themselves; more are many.
COMMONEST = 50
# Levels a model is told of, `other` among them: a line of YAML and one of SQL list them. Of a
# made-up column of 400 alike, 255 were worth 0.025 AUC beside 50, and all of them 0.042.
MOST_LEVELS = 500
# Beyond COMMONEST a level has so many rows, or is of the others. Where few of 400 were common, ten
# cost 0.003 AUC, and three brought nothing.
LEAST_ROWS = 5
# Yes first.
PAIRS = (
    *(("yes", "no"), ("true", "false"), ("t", "f"), ("y", "n"), ("1", "0"), ("on", "off")),
    *(("ja", "nein"), ("j", "n"), ("ja", "nee"), ("oui", "non"), ("si", "no"), ("sí", "no")),
    *(("sì", "no"), ("sim", "não"), ("tak", "nie"), ("да", "нет")),
)
# In small and capital letters there are 16 of true and 32 of false, and fewer of the others.
MOST_SPELLINGS = 48


@dataclass
class Recognised:
    """
    What the levels of a column are.

    Attributes:
        kind: What most of its rows are.
        is_kind: `(n_levels,)`, whether a level is of that kind.
        is_stand_in: `(n_levels,)`, whether it is, and stands for nothing all the same.
        numbers: `(n_levels,)`, NaN where none, and for kinds that are not numeric.
        instants: `(n_levels,)`, NaT where none, and for kinds that are no times.
        style: How they are written; empty for other kinds.
    """

    kind: Kind
    is_kind: Marks
    is_stand_in: Marks
    numbers: Vector
    instants: dates.Instants
    style: str = ""


def recognised(name: str, values: Values) -> Recognised:
    """
    Return what the values of a column are.

    Args:
        name: Its header, which decides where values leave a choice.
        values: What it holds.
    """
    size, is_something = len(values.levels), ~values.is_nothing
    rows = int(values.counts[is_something].sum())
    found = Recognised(
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
        as_times = _times_of_numbers(name, as_numbers)
        if as_times is not None:
            found.kind = "instant" if as_times.has_times else "date"
            found.instants, found.style = as_times.instants, as_times.order
            found.is_stand_in = is_number & np.isnat(as_times.instants)
            if found.kind == "date":
                found.is_stand_in |= stand_ins.among_instants(as_times.instants, values.counts)
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


def learnable(counts: Sequence[int]) -> int:
    """
    Return how many levels of a category count by themselves.

    Args:
        counts: Rows of each level, most first.
    """
    enough = sum(rows >= LEAST_ROWS for rows in counts)

    return min(len(counts), max(COMMONEST, min(enough, MOST_LEVELS - 1)))


def _is_pair(values: Values) -> bool:
    """Tell whether what is known are two answers, such as yes and no, in any spelling."""
    levels = values.levels[~values.is_nothing]
    if len(levels) > MOST_SPELLINGS:
        return False
    found = {*levels.str.lower()}

    return any(found == {*pair} for pair in PAIRS)


def _is_code(name: str, levels: pd.Series, known: Vector) -> bool:
    """
    Tell whether digits are a code and no number.

    They are where one begins with a needless 0, as postcodes do, or where the header says so and
    all of them are whole: of many some may hold letters then, and nobody adds up the ids of a few
    kinds of payment.
    """
    is_named = is_key_like(name) if len(levels) > COMMONEST else names_a_code(name)
    is_whole = bool(len(known)) and bool((known == np.floor(known)).all())

    return numbers.has_leading_zeros(levels) or (is_named and is_whole)


def _times_of_numbers(name: str, as_numbers: Vector) -> dates.Reading | None:
    """Return numbers as the days or seconds they write, if they are that."""
    days = dates.read_digits(as_numbers, is_named=is_time_like(name))
    if days is not None or not is_time_like(name):
        return days

    return dates.read_epoch(as_numbers)


def _kind_of_numbers(known: Vector, rows: int) -> Kind:
    """Tell measures, whole numbers and the numbers of rows apart."""
    if not (known == np.floor(known)).all():
        return "number"
    if len(known) < rows or rows < 2:
        return "integer"
    is_counted = known.max() - known.min() + 1 == rows
    # A measure of so many rows has two that are alike, or some of fewer digits.
    is_numbered = (
        rows >= MANY_ROWS
        and known.min() >= LEAST_NUMBER
        and (len(str(int(known.min()))) == len(str(int(known.max()))))
    )

    return "identifier" if is_counted or is_numbered else "integer"


def _kind_of_text(name: str, values: Values, is_something: Marks, rows: int) -> Kind:
    """Tell free text, identifiers and categories apart."""
    levels, counts = values.levels[is_something], values.counts[is_something]
    spaces = levels.str.count(r"\s+").to_numpy()
    if (
        np.average(spaces + 1, weights=counts) >= FREE_TEXT_WORDS and len(levels) > COMMONEST
    ) or np.average(levels.str.len(), weights=counts) > FREE_TEXT_CHARACTERS:
        return "text"
    is_own = len(levels) > 1 and len(levels) >= NEAR_UNIQUE * rows

    return "identifier" if is_own or (is_key_like(name) and len(levels) > COMMONEST) else "category"
