"""How a column somebody brings is loaded, and which values are expected of it."""

from collections.abc import Collection, Mapping

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.values import NOTHING_IF_DECLARED
from pipelines.domain.imports.declared import ColumnType, DeclaredColumn

# Beyond what was seen, a number may reach so many times its own span before the gate speaks.
WIDER_BY = 1.0
# Of the rows: a load that refuses more of them is refused, as `refused_rows_pct` has it by default.
SHARE_REFUSED = 0.01
MOST_WORDS = 10


def declared(name: str, column: Column, kind: ColumnType) -> DeclaredColumn:
    """
    Return the declaration of a column.

    Args:
        name: Its name in the raw table.
        column: What was found in it.
        kind: What it is loaded as; text and answers need no way of writing.
    """
    return DeclaredColumn(
        name,
        column.name,
        kind,
        style="" if kind in {"text", "boolean"} else column.style,
        missing=tuple(
            word
            for word in column.disguises
            if kind != "text" or word.lower() in NOTHING_IF_DECLARED
        )
        + (_words_beside(column) if kind != "text" else ()),
    )


def _words_beside(column: Column) -> tuple[str, ...]:
    """
    Return what a column of numbers or dates says in words, where a load would be refused for them.

    A few words on many rows, such as `pending`, are how its source writes that it knows nothing
    yet; many different ones, or few rows, are mistakes, which a load tells.
    """
    words = column.values.levels[column.is_bad]
    if not 0 < len(words) <= MOST_WORDS or column.bad_rows.mean() <= SHARE_REFUSED:
        return ()

    return tuple(map(str, words))


def time_of(named: Mapping[str, str], column: Column) -> DeclaredColumn:
    """Return the declaration of a column of dates or instants."""
    return declared(named[column.name], column, "date" if column.kind == "date" else "instant")


def carried(
    headers: Collection[str], there: Collection[DeclaredColumn], named: Mapping[str, str]
) -> list[DeclaredColumn]:
    """
    Return the columns that are loaded for the sake of other tables only.

    Args:
        headers: Of the columns other tables go through.
        there: Columns that are loaded anyway.
        named: What each is called in the warehouse, by its header.
    """
    loaded = {column.header for column in there}

    return [
        DeclaredColumn(named[header], header, "text") for header in headers if header not in loaded
    ]


def widened(column: Column) -> tuple[float, float]:
    """Return what is expected of a numeric column: what was seen, widened by its own span."""
    known = column.numbers[column.is_known]
    low, high = float(np.min(known)), float(np.max(known))
    wider = WIDER_BY * (high - low)

    return (low - wider if low < 0 else max(0.0, low - wider)), high + wider
