"""
Learn what the levels of a category add, of customers other than the one who is told.

A level's churn rate is drawn towards that of everybody, the more the fewer customers have it: the
mean of a random effect (Micci-Barreca 2001), of which Pargent et al. 2022 found that, learned in
folds, no other way to code categories with many levels predicts better.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.level_effects import Effects, LevelEffects, many_levels, places
from pipelines.domain.features.splits import CUSTOMER_FOLDS


@dataclass(frozen=True, slots=True)
class LearnedLevels:
    """
    Effects of levels, and what a model learns from in their place.

    Attributes:
        effects: Learned from all rows, for rows that are not among them.
        columns: By position of the feature `(n_customers,)`, for the rows themselves: learned from
            the customers of other folds, so that no row is told what became of its customer.
    """

    effects: LevelEffects
    columns: dict[int, npt.NDArray[np.float32]]

    def put_into(self, matrix: Matrix) -> None:
        """Replace codes in *matrix*, the rows that were learned from, which is modified."""
        for position, values in self.columns.items():
            matrix[:, position] = values


def learned(
    matrix: Matrix,
    is_churned: Flags,
    folds: npt.NDArray[np.intp],
    contract: FeatureContract,
) -> LearnedLevels:
    """
    Learn the effects of the levels of every category with many of them.

    Args:
        matrix: `(n_customers, n_features)` as `encode` returns it. Not modified.
        is_churned: `(n_customers,)`.
        folds: `(n_customers,)` below CUSTOMER_FOLDS; rows of one customer are of one fold.
        contract: Names, kinds and levels of the features, in column order.
    """
    effects, columns = {}, {}
    for position in many_levels(contract):
        levels = len(contract.features[position].levels)
        where = places(matrix[:, position], levels)
        cells, size = folds * (levels + 1) + where, CUSTOMER_FOLDS * (levels + 1)
        rows, left = (
            np.bincount(counted, minlength=size).reshape(CUSTOMER_FOLDS, -1).astype(np.float64)
            for counted in (cells, cells[is_churned])
        )
        effects[position] = _effects(rows, left)
        of_others = [
            _effects(np.delete(rows, own, axis=0), np.delete(left, own, axis=0))
            for own in range(CUSTOMER_FOLDS)
        ]
        columns[position] = np.where(where == levels, np.nan, np.stack(of_others)[folds, where])

    return LearnedLevels(LevelEffects(effects), columns)


def _effects(rows: Vector, left: Vector) -> Effects:
    """
    Return the log-odds of each level less those of everybody, drawn towards 0.

    Args:
        rows: `(n_folds, n_levels + 1)`, the last without a level.
        left: Of these, those who left.
    """
    drawn = _drawn(rows[:, :-1], left[:, :-1])
    has_null = rows[:, -1].any()
    rows, left = rows.sum(axis=0), left.sum(axis=0)
    everybody = (left.sum() + 0.5) / (rows.sum() + 1)
    rates = everybody + rows / (rows + drawn) * (left / np.maximum(rows, 1) - everybody)
    effects = np.log(rates / (1 - rates)) - np.log(everybody / (1 - everybody))
    effects[-1] = np.nan if has_null else 0

    return np.asarray(effects, dtype=np.float32)


def _drawn(rows: Vector, left: Vector) -> float:
    """
    Return how many rows of everybody a level is given beside its own.

    It is the variance of a row over that of the levels. Levels vary by as much as their rates in
    one fold go with those in another, which are of other customers: what is common to the rows of
    one customer is no difference of levels.

    Args:
        rows: `(n_folds, n_levels)`.
        left: Of these, those who left.
    """
    beyond = left - rows * (left.sum() / max(1, rows.sum()))
    pairs = (rows.sum(axis=0) ** 2 - (rows**2).sum(axis=0)).sum()
    together = (beyond.sum(axis=0) ** 2 - (beyond**2).sum(axis=0)).sum()
    if pairs == 0 or together <= 0:
        return np.inf
    of_levels = together / pairs
    of_rows = ((beyond**2).sum() - of_levels * (rows**2).sum()) / rows.sum()

    return float(max(1.0, of_rows / of_levels))
