"""How well groups of rows tell who left, each row judged by the rows of other folds."""

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.leakage.told import Codes, Told

FOLDS = 5
BINS = 32
# Fewer of those who left, or who stayed, say nothing about a column.
LEAST_OF_EACH = 30


def out_of_fold_auc(codes: Codes, is_churned: Flags, fold: Codes | None = None) -> float:
    """
    Return how well the churn rates of groups tell who left, each row's rate from other folds.

    From its own rows the rate of a group of one would be its answer.

    Args:
        codes: `(n_rows,)`, the group of each row, from 0.
        is_churned: `(n_rows,)`, with both outcomes among them.
        fold: `(n_rows,)`, the fold each is judged in; None where every row is another customer's.

    Returns:
        AUC, at least 0.5.
    """
    size = int(codes.max()) + 1
    place = codes * FOLDS + (folds(len(codes)) if fold is None else fold)
    counts = np.bincount(place * 2 + is_churned, minlength=size * FOLDS * 2)
    table = counts.astype(np.float64).reshape(1, size, FOLDS, 2)

    return float(aucs(table.sum(axis=3), table[..., 1])[0])


def folds(rows: int) -> Codes:
    """Return `(n_rows,)`, the fold each row is judged in."""
    return np.asarray(np.arange(rows) % FOLDS, dtype=np.intp)


def aucs(rows: Vector, churned: Vector) -> Vector:
    """
    Return the AUC of the churn rates of other folds, of many groupings at once.

    Args:
        rows: `(n_groupings, n_groups, n_folds)`, how many rows there are.
        churned: The same shape, how many of them left.

    Returns:
        `(n_groupings,)`, at least 0.5.
    """
    base = churned[0].sum() / rows[0].sum()
    others = rows.sum(axis=2, keepdims=True) - rows
    # One row of prior: a group nobody else is in says what all say.
    rates = (churned.sum(axis=2, keepdims=True) - churned + base) / (others + 1)
    flat = (len(rows), -1)
    order = np.argsort(rates.reshape(flat), axis=1)
    left, rate = (
        np.take_along_axis(each.reshape(flat), order, axis=1) for each in (churned, rates)
    )
    stayed = np.take_along_axis((rows - churned).reshape(flat), order, axis=1)
    below = np.cumsum(stayed, axis=1) - stayed
    # Of equal rates half count as below.
    is_new = np.diff(rate, axis=1, prepend=-1.0) > 0
    first = np.maximum.accumulate(np.where(is_new, np.arange(rate.shape[1]), 0), axis=1)
    is_last = np.append(is_new[:, 1:], np.ones((len(rows), 1), dtype=np.bool_), axis=1)
    ends = np.where(is_last, np.arange(rate.shape[1]), rate.shape[1])
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    lower = np.take_along_axis(below, first, axis=1)
    upper = np.take_along_axis(below + stayed, last, axis=1)
    found = (left * (lower + upper) / 2).sum(axis=1) / left.sum(axis=1) / stayed.sum(axis=1)

    return np.asarray(np.maximum(0.5, found), dtype=np.float64)


def grouped(told: Told, size: int = BINS, commonest: int = COMMONEST) -> Codes:
    """
    Return `(n_rows,)`, the group of each row: 0 is missing, the others from 1.

    Measures and times are in bins of about as many rows each, equal values in one; of words the
    commonest are a group each, and all others one.

    Args:
        told: The column.
        size: Bins at most.
        commonest: Words that have a group of their own.
    """
    groups = np.zeros(len(told.codes), dtype=np.intp)
    is_known = told.is_known
    if not is_known.any():
        return groups
    if told.measures is not None:
        groups[is_known] = 1 + _bins(told.measures[is_known], size)
        return groups
    counts = np.bincount(told.codes[is_known])
    order = np.argsort(-counts, kind="stable")[:commonest]
    of_levels = np.full(len(counts), commonest + 1)
    of_levels[order] = 1 + np.arange(len(order))
    groups[is_known] = of_levels[told.codes[is_known]]

    return groups


def binned(values: Vector, size: int) -> Codes:
    """Return the bin of each of *values*, all of them known, equal ones in one."""
    ranked = np.sort(values)
    edges = np.unique(ranked[np.arange(1, size) * len(ranked) // size])

    return np.asarray(np.searchsorted(edges, values, side="left"), dtype=np.intp)


def _bins(known: Vector, size: int) -> Codes:
    """Return the bin of each known row; one whose value is no number is in one of its own."""
    is_number = ~np.isnan(known)
    bins = np.full(len(known), size)
    if is_number.any():
        bins[is_number] = binned(known[is_number], size)

    return bins
