"""How well each column tells who left, and whether the order of rows does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.column import Column
from pipelines.domain.leakage.probe import auc_alone, is_enough
from pipelines.domain.leakage.told import of_column
from pipelines.domain.training.evaluation import auc

ORDER_AUC = 0.65


@dataclass(frozen=True, slots=True)
class Tell:
    """
    How well one column alone tells who left.

    Attributes:
        column: Its header.
        auc: Area under the ROC curve, out of fold, 0.5 to 1.
    """

    column: str
    auc: float


def tells(columns: Sequence[Column], label: Column, is_churned: Flags) -> list[Tell]:
    """
    Return how well each column alone tells who left, the best first.

    Values are put into bins, missing ones into one of their own, and each bin gets the churn rate
    of the other folds; so many values of few rows each tell nothing by themselves.

    Args:
        columns: Of the table.
        label: The one left out.
        is_churned: `(n_rows,)`, with enough of both.
    """
    others = [column for column in columns if column.name != label.name]

    return tells_of_rows(others, judged_rows(label), is_churned)


def tells_of_rows(columns: Sequence[Column], is_judged: Flags, is_churned: Flags) -> list[Tell]:
    """
    Return how well each column alone tells who left, the best first; none of too few rows.

    Args:
        columns: Of the table.
        is_judged: `(n_rows,)`, which rows are looked at.
        is_churned: `(n_rows,)`, whose customer left.
    """
    outcome = is_churned[is_judged]
    if not is_enough(outcome):
        return []
    found = [
        Tell(column.name, auc_alone(of_column(column).only(is_judged), outcome))
        for column in columns
        if column.kind not in {"empty", "text"}
    ]

    return sorted(found, key=lambda tell: -tell.auc)


def order_auc(label: Column, is_churned: Flags) -> float:
    """Return how well the number of a row tells who left, 0.5 to 1."""
    is_judged = judged_rows(label)
    outcome = is_churned[is_judged]
    if not is_enough(outcome):
        return 0.5
    found = auc(outcome, np.flatnonzero(is_judged).astype(np.float64))

    return float(max(found, 1 - found))


def judged_rows(label: Column) -> Flags:
    """Return `(n_rows,)`, where a label says anything."""
    return np.asarray(~label.missing_rows & ~label.bad_rows, dtype=np.bool_)
