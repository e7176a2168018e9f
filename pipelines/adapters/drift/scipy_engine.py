"""The two-sample tests of scipy, in this process."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa
from scipy import stats

from pipelines.domain.drift.columns import level_counts, missing_count, require_same_columns, values


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
