"""Whether a table beside a labelled one knows too well who left."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.label_leaks import LEAK_AUC, LEAST_OF_EACH, tells
from pipelines.domain.inspection.tables import Inspected, churned
from pipelines.domain.scaffolds.several.roles import OwnedTable
from pipelines.domain.training.evaluation import auc


def column_leaks(main: OwnedTable, beside: OwnedTable) -> Mapping[str, str]:
    """
    Return the header of each column that tells who left, row by row, with the reason.

    Args:
        main: The table that says who left.
        beside: The other one; its rows are the customers' of the first.
    """
    outcome = _outcome_of_rows(main, beside)
    if outcome is None:
        return {}
    customer = _column(beside.found, beside.customer)
    return {
        tell.column: f"tells alone who left (AUC {tell.auc:.2f}): known only afterwards?"
        for tell in tells(beside.found.columns, customer, outcome)
        if tell.auc >= LEAK_AUC
    }


def silence_reason(main: OwnedTable, beside: OwnedTable, happened: Column) -> str | None:
    """Return why a log is left out: its last rows alone tell who left; None where they do not."""
    outcome = _outcome(main)
    if outcome is None or beside.through:
        return None
    customer = _column(beside.found, beside.customer)
    is_known = ~customer.missing_rows
    levels = np.asarray(customer.values.levels, dtype=object)
    last = pd.Series(happened.row_instants[is_known], index=levels[customer.values.codes[is_known]])
    latest = last.groupby(level=0).max().reindex(outcome.index)
    # Who never had a row is silent for longest.
    when = latest.fillna(latest.min()).astype("datetime64[us]").astype(np.int64)
    found = _either_way(outcome.to_numpy(), when.to_numpy().astype(np.float64))
    if found < LEAK_AUC:
        return None

    return (
        f"the day of a customer's last row tells alone who left (AUC {found:.2f}): who has left "
        "has no rows any more; say who left by its days, with --gone"
    )


def _outcome(main: OwnedTable) -> "pd.Series[bool] | None":
    """Return whether each customer left, by customer; None where too few did, or stayed."""
    label = main.found.label
    if label is None:
        return None
    column = _column(main.found, label.column)
    customer = _column(main.found, main.customer)
    is_judged = ~column.missing_rows & ~column.bad_rows & ~customer.missing_rows
    found = pd.Series(
        churned(column, label.value)[is_judged],
        index=np.asarray(customer.values.levels, dtype=object)[customer.values.codes[is_judged]],
    )
    found = found[~found.index.duplicated()]
    is_enough = min(found.sum(), (~found).sum()) >= LEAST_OF_EACH

    return found if is_enough else None


def _outcome_of_rows(main: OwnedTable, beside: OwnedTable) -> Flags | None:
    """Return `(n_rows,)`, whether the customer of each row left; False where nobody knows."""
    outcome = _outcome(main)
    if outcome is None or beside.through:
        return None
    customer = _column(beside.found, beside.customer)
    of_levels = outcome.reindex(np.asarray(customer.values.levels, dtype=object))
    is_gone = np.asarray(of_levels.fillna(False).astype(bool), dtype=np.bool_)

    return customer.values.row_mask(is_gone)


def _column(table: Inspected, header: str) -> Column:
    """Return a column by its header."""
    return next(column for column in table.columns if column.name == header)


def _either_way(outcome: Flags, values: Vector) -> float:
    """Return the AUC of values, whichever way they tell."""
    found = auc(outcome, values)

    return float(max(found, 1 - found))
