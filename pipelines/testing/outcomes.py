"""Outcomes in memory."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from pipelines.domain.nights.performance import ListPerformance, MaturedList


@dataclass
class MemoryOutcomes:
    """
    Published lists of one population and what became of their customers.

    Attributes:
        label_days: So long after its date the labels of a list are due.
        lists: `churn_probability` and `is_churned` of each list.
        measured: What was recorded, and when, by list.
    """

    label_days: int = 30
    lists: dict[MaturedList, pa.Table] = field(default_factory=dict)
    measured: dict[MaturedList, tuple[date, ListPerformance]] = field(default_factory=dict)

    def due(self, population: str, as_of: date) -> list[MaturedList]:  # noqa: ARG002  there is one
        """Return the matured lists that are not measured, oldest first."""
        return sorted(
            (
                item
                for item in self.lists
                if item.score_date + timedelta(days=self.label_days) <= as_of
                and item not in self.measured
            ),
            key=lambda item: item.score_date,
        )

    def matured(self, matured: MaturedList) -> pa.Table:
        """Return the customers of one list."""
        return self.lists[matured]

    def record(self, population: str, as_of: date, performance: ListPerformance) -> None:  # noqa: ARG002
        """Keep what was measured of one list."""
        self.measured[performance.matured] = as_of, performance
