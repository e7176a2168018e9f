"""Leakage: features that tell churners from stayers too well, each of them alone."""

import numpy as np

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.training.evaluation import auc

# Fewer churners or stayers with a value than this say nothing about the value.
LEAST_OF_EACH = 30


def single_feature_aucs(
    matrix: Matrix, is_churned: Flags, contract: FeatureContract
) -> dict[str, float]:
    """
    Return how well each feature alone tells churners from stayers, whichever way it points.

    The larger of two: by its value, where there is one, and by being NULL or not. The levels of a
    categorical feature are put in the order of their churn rates.

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
            codes = known.astype(np.intp)
            rates = np.bincount(codes, outcome) / np.maximum(np.bincount(codes), 1)
            known = rates[codes]
        found.append(auc(outcome, known))

    return float(max(max(value, 1 - value) for value in found))
