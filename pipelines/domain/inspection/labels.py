"""Which column may say who left, and which of its values says so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import MOST_SPELLINGS, PAIRS
from pipelines.domain.columns.names import LEAVING_STEMS, begins_with, words

# What a header of a label says besides: that somebody stayed, or only that it is a label.
STAYED = ("retain", "retention", "active", "stayed", "renew", "loyal")
SOME_LABEL = ("target", "label", "outcome", "class", "y", "status")
TRUE = frozenset(yes for yes, _ in PAIRS)
# A label splits customers, and one so rare or so common is something else.
RATES = (0.001, 0.6)
# Of a status that may say so, in whatever spellings.
MOST_VALUES = 6


@dataclass(frozen=True, slots=True)
class LabelGuess:
    """
    A column that may be the label.

    Attributes:
        column: Its header.
        value: What it says of those who left.
        rate: Share of the known rows that say so.
        reason: Why it is thought to be.
    """

    column: str
    value: str
    rate: float
    reason: str


def guesses(columns: Sequence[Column]) -> list[LabelGuess]:
    """Return what may be the label, the likeliest first; a table of events has none."""
    found = [
        (weight, guess)
        for column in columns
        if column.kind in {"boolean", "category", "integer"} and column.known
        for weight, guess in _guess(column)
    ]

    return [guess for _, guess in sorted(found, key=lambda pair: -pair[0])]


def leavers(column: Column) -> tuple[str, str] | None:
    """
    Return which of two values says who left, and why; None where there are not two.

    Yes, of a column that is called after leaving, be they many or few; else the rarer.
    """
    counts = _counts(column)
    if len(counts) == 2 and begins_with(column.name, LEAVING_STEMS):
        true = next((level for level in counts if level.lower() in TRUE), None)
        if true is not None:
            return true, "by its name"
    told = rarer(column)

    return None if told is None else (told, "the rarer of its two values")


def rarer(column: Column) -> str | None:
    """Return the rarer of two values of a column; None where there are not two."""
    counts = _counts(column)

    return min(counts, key=lambda level: counts[level]) if len(counts) == 2 else None


def _guess(column: Column) -> list[tuple[int, LabelGuess]]:
    """Return how likely a column is the label, and why, if it may be."""
    counts = _counts(column)
    if not 2 <= len(counts) <= MOST_VALUES:
        return []
    found = [
        (5, level, f"{level!r} says that somebody left")
        for level in counts
        if begins_with(level, LEAVING_STEMS)
    ][:1]
    if len(counts) == 2:
        true = next((level for level in counts if level.lower() in TRUE), None)
        false = next((level for level in counts if level != true), "")
        if begins_with(column.name, LEAVING_STEMS):
            found.append((6, true or min(counts, key=counts.__getitem__), "its name"))
        elif begins_with(column.name, STAYED) and true is not None:
            found.append((2, false, "its name says who stayed"))
        elif {*words(column.name)} & {*SOME_LABEL}:
            found.append((3, true or min(counts, key=counts.__getitem__), "its name"))
    if not found:
        return []
    weight, value, reason = max(found)
    rate = counts[value] / column.known

    return (
        [(weight, LabelGuess(column.name, value, rate, reason))]
        if RATES[0] <= rate <= RATES[1]
        else []
    )


def _counts(column: Column) -> dict[str, int]:
    """Return the rows of each known value, as it is spelled most often; none where there are many.

    Values that differ by capital letters are one, as they are for whoever writes them.
    """
    if column.distinct > MOST_SPELLINGS:
        return {}
    known = np.flatnonzero(column.is_known)
    rows = pd.Series(column.values.counts[known], index=column.values.levels.iloc[known])
    spelled = rows.sort_values(ascending=False, kind="stable")
    folded = spelled.groupby(spelled.index.str.casefold(), sort=False)
    counts = {each.index[0]: int(each.sum()) for _, each in folded}

    return counts if len(counts) <= MOST_VALUES else {}
