"""The two-sample tests of scipy, and a classifier of scikit-learn, in this process."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
from scipy import stats

from pipelines.domain.arrays import Matrix
from pipelines.domain.drift.columns import level_counts, missing_count, require_same_columns, values
from pipelines.domain.drift.joint import JointTest

FOLDS = 5
SEED = 20261130


@dataclass(frozen=True)
class ScipyEngine:
    """Kolmogorov-Smirnov for numbers, chi-squared for categories, boosted trees for all of them."""

    name: ClassVar[str] = "scipy"

    def p_values(
        self, reference: pa.Table, current: pa.Table, categorical: Sequence[str]
    ) -> dict[str, tuple[float, float]]:
        """
        Return statistic and p-value of each column.

        Args:
            reference: Comparable columns: float64 or strings, null where there is no value.
            current: The same columns of other rows, in the same order.
            categorical: Which of them are categories.

        Returns:
            Both NaN for a column without any value on one side.

        Raises:
            ContractMismatch: The columns are not the same.
        """
        require_same_columns(reference, current)
        found = {}
        for name in reference.column_names:
            columns = reference[name], current[name]
            if any(missing_count(column) == len(column) for column in columns):
                found[name] = (math.nan, math.nan)
                continue
            if name in categorical:
                tested = stats.chi2_contingency(level_counts(*columns))
            else:
                # The asymptotic p-value: the exact one takes seconds a column beyond 10,000 rows.
                tested = stats.ks_2samp(*map(values, columns), method="asymp")
            found[name] = (float(tested.statistic), float(tested.pvalue))

        return found

    def joint(self, reference: Matrix, current: Matrix) -> JointTest:
        """
        Let boosted trees tell two samples apart, each row by trees that have not seen it.

        The AUC is the Mann-Whitney statistic of their probabilities; its variance without a
        difference is `(n + m + 1) / (12 n m)`.

        Args:
            reference: `(n_rows, n_columns)` without NaN, as many rows of each side as of its folds.
            current: The same columns of other rows.
        """
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  takes seconds
        from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: PLC0415
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

        rows = np.vstack([reference, current])
        is_current = np.repeat([0, 1], [len(reference), len(current)])
        trees = HistGradientBoostingClassifier(
            max_iter=40,
            learning_rate=0.15,
            max_leaf_nodes=16,
            min_samples_leaf=40,
            early_stopping=False,
            random_state=SEED,
        )
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
        # On a busy machine a second thread costs more than it brings to ten thousand rows.
        with threadpool_limits(1):
            told = cross_val_predict(trees, rows, is_current, cv=folds, method="predict_proba")
        told = told[:, 1]
        tested = stats.mannwhitneyu(
            told[is_current == 1], told[is_current == 0], alternative="greater", method="asymptotic"
        )

        return JointTest(
            auc=float(tested.statistic) / (len(reference) * len(current)),
            p_value=float(tested.pvalue),
        )
