"""The two-sample tests of scipy, in this process."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
from scipy import stats

from pipelines.domain.drift.columns import require_same_columns, values


@dataclass(frozen=True)
class ScipyEngine:
    """Kolmogorov-Smirnov for numbers, chi-squared for categories."""

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
            before, now = values(reference[name]), values(current[name])
            if not len(before) or not len(now):
                found[name] = (math.nan, math.nan)
            elif name in categorical:
                found[name] = _chi2(before, now)
            else:
                # The asymptotic p-value: the exact one takes seconds a column beyond 10,000 rows.
                tested = stats.ks_2samp(before, now, method="asymp")
                found[name] = (float(tested.statistic), float(tested.pvalue))

        return found


def _chi2(before: np.ndarray, now: np.ndarray) -> tuple[float, float]:
    """Test two lists of categories for the same shares."""
    _, codes = np.unique(np.concatenate([before, now]).astype(str), return_inverse=True)
    counts = [
        np.bincount(part, minlength=codes.max() + 1) for part in np.split(codes, [len(before)])
    ]
    tested = stats.chi2_contingency(np.vstack(counts))

    return float(tested.statistic), float(tested.pvalue)
