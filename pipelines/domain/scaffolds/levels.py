"""The kinds a column of a log holds."""

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.errors import ImportRefused


def levels(column: Column) -> list[str]:
    """Return the values of a column as it holds them, the commonest first."""
    counts = np.where(column.is_known, column.values.counts, 0)
    order = np.argsort(-counts, kind="stable")

    return [str(column.values.levels[place]) for place in order if counts[place]]


def level_of(column: Column, leaving: Leaving) -> str:
    """
    Return the value that says who left, as the column holds it.

    Raises:
        ImportRefused: It is never there, in whatever case.
    """
    wanted = leaving.value.strip().casefold()
    value = next((level for level in levels(column) if level.casefold() == wanted), None)
    if value is None:
        known = ", ".join(list(column.levels)[:20])
        raise ImportRefused(
            f"{leaving.column} is never {leaving.value!r}; it is {known}",
            next_step=f"say what it is of those who left: --gone '{leaving.column}=VALUE in "
            f"{leaving.days}d'",
        )

    return value
