"""Columns of a log that were written after what they say happened."""

from collections.abc import Mapping

import numpy as np

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.label_leaks import tells
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.leakage.probe import LEAK_AUC

# Of the rows that have both: so many ends come after their beginning, but for mistakes.
SHARE_AFTER = 0.95
# Of rows that would have a value if it had nothing to do with the end; none of 10 is no chance.
LEAST_BY_CHANCE = 10


def written_later(found: Inspected, happened: Column) -> Mapping[str, str]:
    """
    Return the header of each column that knows how a row ended, with the reason.

    A row of a contract or a ticket is made when it begins, and changed when it ends: what tells
    whether its end is known was not there on most days a training learns from.

    Args:
        found: The log, looked at.
        happened: Its column that says when a row happened.
    """
    reasons = {
        column.name: f"often later than {happened.name}: written later?"
        for column in found.columns
        if column.name != happened.name and _is_ahead(column, happened)
    }
    for end in found.columns:
        if end.name == happened.name or not is_end(end, happened):
            continue
        is_ended = ~end.missing_rows & ~end.bad_rows
        for header, reason in knows_end(found, happened, end, is_ended).items():
            reasons.setdefault(header, reason)

    return reasons


def knows_end(
    found: Inspected, happened: Column, end: Column, is_ended: Flags
) -> Mapping[str, str]:
    """
    Return the header of each column that tells which rows have ended, with the reason.

    Args:
        found: The log, looked at.
        happened: Its column that says when a row happened.
        end: The one that says when it ended.
        is_ended: `(n_rows,)`, whether it has.
    """
    others = [column for column in found.columns if column not in (end, happened)]
    reasons = {
        column.name: f"known only where {end.name} is: written later?"
        for column in others
        if _is_known_only(column, is_ended)
    }
    for tell in tells(others, happened, is_ended):
        if tell.auc >= LEAK_AUC:
            why = f"tells whether {end.name} is known (AUC {tell.auc:.2f}): written later?"
            reasons.setdefault(tell.column, why)

    return reasons


def _is_ahead(column: Column, happened: Column) -> bool:
    """Tell whether a column holds times of which more than a few lie after their row's day."""
    if column.kind not in {"date", "instant"}:
        return False
    times, days = column.row_instants, happened.row_instants.astype("datetime64[D]")
    both = ~np.isnat(times) & ~np.isnat(days)

    return bool(both.any()) and bool(
        (times[both] >= days[both] + np.timedelta64(1, "D")).mean() > 1 - SHARE_AFTER
    )


def _is_known_only(column: Column, is_ended: Flags) -> bool:
    """Tell whether a column is known of no row without an end, though by chance of some."""
    is_known = ~column.missing_rows
    by_chance = is_known.mean() * (~is_ended).sum()

    return bool(by_chance >= LEAST_BY_CHANCE) and not (is_known & ~is_ended).any()


def is_end(end: Column, begin: Column) -> bool:
    """Tell whether a column holds times that come later than those of another, or not yet."""
    if end.kind not in {"date", "instant"}:
        return False
    both = ~np.isnat(end.row_instants) & ~np.isnat(begin.row_instants)

    return not both.all() and comes_later(end, begin)


def comes_later(later: Column, earlier: Column) -> bool:
    """Tell whether a column of times comes after another one, where rows have both."""
    laters, earliers = later.row_instants, earlier.row_instants
    both = ~np.isnat(laters) & ~np.isnat(earliers)

    return bool(both.any()) and bool((laters[both] >= earliers[both]).mean() >= SHARE_AFTER)
