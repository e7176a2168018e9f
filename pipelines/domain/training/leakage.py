"""Leakage: features that tell churners from stayers too well, each of them alone."""

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.training.evaluation import auc

# Fewer churners or stayers with a value than this say nothing about the value.
LEAST_OF_EACH = 30
FOLDS = 5


def single_feature_aucs(
    matrix: Matrix, is_churned: Flags, contract: FeatureContract
) -> dict[str, float]:
    """
    Return how well each feature alone tells churners from stayers, whichever way it points.

    The larger of two: by its value, where there is one, and by being NULL or not. The levels of a
    categorical feature are put in the order of their churn rates, each row's in the other folds.

    Args:
        matrix: `(n_customers, n_features)` as `encode` returns it.
        is_churned: `(n_customers,)`.
        contract: Names, kinds and levels of the features, in column order.
    """
    return {
        feature.name: _alone(matrix[:, position].astype(np.float64), is_churned, feature)
        for position, feature in enumerate(contract.features)
    }


def _alone(values: Vector, is_churned: Flags, feature: Feature) -> float:
    """Return the better AUC of value and missingness of one feature."""
    is_missing = np.isnan(values)
    found = [0.5]
    if is_missing.any():
        found.append(auc(is_churned, is_missing.astype(np.float64)))
    known, outcome = values[~is_missing], is_churned[~is_missing]
    if min(outcome.sum(), (~outcome).sum()) >= LEAST_OF_EACH:
        if feature.kind == "categorical":
            found.append(out_of_fold_auc(known.astype(np.intp), outcome))
        else:
            found.append(auc(outcome, known))

    return float(max(max(value, 1 - value) for value in found))


def out_of_fold_auc(codes: npt.NDArray[np.intp], is_churned: Flags) -> float:
    """
    Return how well the churn rates of groups tell who left, each row's rate from other folds.

    From its own rows the rate of a group of one would be its answer.

    Args:
        codes: `(n_rows,)`, the group of each row, from 0.
        is_churned: `(n_rows,)`, with both outcomes among them.

    Returns:
        AUC, at least 0.5.
    """
    fold = np.arange(len(codes)) % FOLDS
    size = int(codes.max()) + 1
    place, shape = codes * FOLDS + fold, (size, FOLDS)
    churned = np.bincount(place, is_churned, minlength=size * FOLDS).reshape(shape)
    rows = np.bincount(place, minlength=size * FOLDS).reshape(shape)
    others = rows.sum(axis=1, keepdims=True) - rows
    # One row of prior: a group nobody else is in says what all say.
    rates = (churned.sum(axis=1, keepdims=True) - churned + is_churned.mean()) / (others + 1)

    return float(max(0.5, auc(is_churned, rates[codes, fold])))
