"""Other people's models with their defaults, to be compared with ours on the same rows."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xgboost
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from pipelines.domain.arrays import Flags, Matrix, Vector

MODELS: Mapping[str, Callable[[int], Any]] = {
    "HistGradientBoosting": lambda seed: HistGradientBoostingClassifier(random_state=seed),
    "RandomForest": lambda seed: RandomForestClassifier(random_state=seed),
    "XGBoost": lambda seed: xgboost.XGBClassifier(random_state=seed, n_jobs=1),
}


def rivals() -> dict[str, Callable[[Matrix, Flags, Matrix, int], Vector]]:
    """Return what fits each of MODELS on some rows and scores others."""
    return {name: _scorer(make) for name, make in MODELS.items()}


def _scorer(make: Callable[[int], Any]) -> Callable[[Matrix, Flags, Matrix, int], Vector]:
    """Return what fits one model, and scores others."""

    def scored(matrix: Matrix, is_churned: Flags, others: Matrix, seed: int) -> Vector:
        # Threads that wait for each other on busy cores took ten times as long.
        with threadpool_limits(1):
            model = make(seed).fit(matrix, is_churned)

            return np.asarray(model.predict_proba(others)[:, 1], dtype=np.float64)

    return scored
