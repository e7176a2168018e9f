"""Whether a table beside a labelled one knows too well who left."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.label_leaks import judged_rows
from pipelines.domain.inspection.tables import churned
from pipelines.domain.leakage import probe
from pipelines.domain.leakage.finding import by_column
from pipelines.domain.leakage.probe import LEAK_AUC
from pipelines.domain.scaffolds.several.owners import OwnedTable
from pipelines.domain.training.evaluation import auc


def column_leaks(main: OwnedTable, beside: OwnedTable) -> Mapping[str, str]:
    """
    Return the header of each column that tells who left, row by row, with the reason.

    Args:
        main: The table that says who left.
        beside: The other one; its rows are the customers' of the first.
    """
    outcome = _outcome(main)
    if outcome is None:
        return {}
    of_rows = outcome.reindex(beside.row_customers).fillna(False).astype(bool).to_numpy()
    customer = beside.column(beside.customer)

    judged = probe.of_table(
        beside.found.columns,
        judged_rows(customer),
        np.asarray(of_rows, dtype=np.bool_),
        key=beside.customer,
    )
    reasons = by_column(judged.findings)
    reasons.pop(beside.customer, None)

    return reasons


def table_leak(main: OwnedTable, beside: OwnedTable, happened: Column | None) -> str | None:
    """
    Return why a table is left out: whether, or when last, a customer is in it tells who left.

    Args:
        main: The table that says who left.
        beside: The other one.
        happened: Its column that says when; None where none does.

    Returns:
        None where it does not.
    """
    outcome = _outcome(main)
    if outcome is None:
        return None
    customers = beside.row_customers
    is_there = np.asarray(outcome.index.isin(customers[~pd.isna(customers)]), dtype=np.float64)
    found = _either_way(outcome, is_there)
    if found >= LEAK_AUC:
        return f"to be in it tells alone who left (AUC {found:.2f}): known only afterwards?"
    if happened is None:
        return None
    last = pd.Series(happened.row_instants, index=customers)
    latest = last[last.index.notna()].groupby(level=0).max().reindex(outcome.index)
    # Who never had a row is silent for longest.
    when = latest.fillna(latest.min()).to_numpy().astype("datetime64[us]").astype(np.float64)
    found = _either_way(outcome, when)
    if found < LEAK_AUC:
        return None

    return (
        f"the day of a customer's last row tells alone who left (AUC {found:.2f}): who has left "
        "has no rows any more; --gone learns from the days before"
    )


def rows_leak(main: OwnedTable, beside: OwnedTable) -> str | None:
    """
    Return why items are left out: whether how many of them a customer has tells who left.

    Args:
        main: The table that says who left.
        beside: The items.

    Returns:
        None where it does not.
    """
    outcome = _outcome(main)
    if outcome is None:
        return None
    rows = pd.Series(1.0, index=beside.row_customers)
    counts = rows[rows.index.notna()].groupby(level=0).sum().reindex(outcome.index).fillna(0.0)
    found = _either_way(outcome, counts.to_numpy(dtype=np.float64))
    if found < LEAK_AUC:
        return None

    return f"how many rows a customer has tells alone who left (AUC {found:.2f}): known afterwards?"


def _outcome(main: OwnedTable) -> "pd.Series[bool] | None":
    """Return whether each customer left, by customer; None where too few did, or stayed."""
    label = main.found.label
    if label is None:
        return None
    column = main.column(label.column)
    left = pd.Series(churned(column, label.value), index=main.row_customers)
    found = left[judged_rows(column)]
    found = found[found.index.notna() & ~found.index.duplicated()]

    return found if probe.is_enough(found.to_numpy(dtype=np.bool_)) else None


def _either_way(outcome: "pd.Series[bool]", values: np.ndarray) -> float:
    """Return the AUC of values, whichever way they tell."""
    found = auc(outcome.to_numpy(dtype=np.bool_), values)

    return float(max(found, 1 - found))
