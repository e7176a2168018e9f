"""Columns that know the label too well, and whether the order of rows does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.leakage import out_of_fold_auc

# Single honest columns reached 0.82 on eight tables and leaks began at 0.85, both out of fold.
LEAK_AUC = 0.85
ORDER_AUC = 0.65
LEAST_OF_EACH = 30
BINS = 32


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
    is_judged = ~label.missing_rows & ~label.bad_rows
    others = [column for column in columns if column.name != label.name]

    return tells_of_rows(others, is_judged, is_churned)


def tells_of_rows(columns: Sequence[Column], is_judged: Flags, is_churned: Flags) -> list[Tell]:
    """
    Return how well each column alone tells who left, the best first; none of too few rows.

    Args:
        columns: Of the table.
        is_judged: `(n_rows,)`, which rows are looked at.
        is_churned: `(n_rows,)`, whose customer left.
    """
    outcome = is_churned[is_judged]
    if min(outcome.sum(), (~outcome).sum()) < LEAST_OF_EACH:
        return []
    found = [
        Tell(column.name, out_of_fold_auc(_binned(column)[is_judged], outcome))
        for column in columns
        if column.kind not in {"empty", "text"}
    ]

    return sorted(found, key=lambda tell: -tell.auc)


def order_auc(label: Column, is_churned: Flags) -> float:
    """Return how well the number of a row tells who left, 0.5 to 1."""
    is_judged = ~label.missing_rows & ~label.bad_rows
    outcome = is_churned[is_judged]
    if min(outcome.sum(), (~outcome).sum()) < LEAST_OF_EACH:
        return 0.5
    found = auc(outcome, np.flatnonzero(is_judged).astype(np.float64))

    return float(max(found, 1 - found))


def _binned(column: Column) -> np.ndarray:
    """Return `(n_rows,)`, the bin of each row; 0 is missing or bad."""
    known = column.is_known
    bins = np.zeros(len(known) + 1, dtype=np.intp)
    if column.kind in {"integer", "number", "date", "instant"}:
        scale = (
            column.numbers
            if column.kind in {"integer", "number"}
            else column.instants.astype(np.int64).astype(np.float64)
        )
        edges = np.unique(_quantiles(scale[known], column.values.counts[known]))
        bins[:-1][known] = 1 + np.searchsorted(edges, scale[known], side="left")
    else:
        order = np.argsort(-np.where(known, column.values.counts, 0), kind="stable")[:COMMONEST]
        bins[:-1][known] = COMMONEST + 1
        bins[order] = np.where(known[order], 1 + np.arange(len(order)), 0)

    return np.asarray(bins[column.values.codes])


def _quantiles(values: Vector, counts: np.ndarray) -> Vector:
    """Return the edges of bins of about as many rows each."""
    order = np.argsort(values)
    share = np.cumsum(counts[order]) / counts.sum()
    places = np.searchsorted(share, np.arange(1, BINS) / BINS)

    return values[order][np.minimum(places, len(values) - 1)]
