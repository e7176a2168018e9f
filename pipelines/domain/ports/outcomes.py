"""Outcomes: lists whose labels have matured, and what was measured of them."""

from datetime import date
from typing import Protocol

import pyarrow as pa

from pipelines.domain.nights.performance import ListPerformance, MaturedList


class Outcomes(Protocol):
    """Published lists beside the labels that matured since."""

    def due(self, population: str, as_of: date) -> list[MaturedList]:
        """
        Return the lists that have matured by *as_of* and are not measured, oldest first.

        A list matures when its labels are due and one of them is known; one that was superseded
        since it was measured is due again. FeaturesMissing if no label was ever built.
        """

    def matured(self, matured: MaturedList) -> pa.Table:
        """
        Return `churn_probability` and `is_churned` of a list's customers, by customer_id.

        Only of those whose label is known; nobody, if the list is gone.
        """

    def record(self, population: str, as_of: date, performance: ListPerformance) -> None:
        """Replace the outcomes and metrics of one list, in one transaction."""
