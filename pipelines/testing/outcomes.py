"""Outcomes in memory."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.nights.performance import ListPerformance, MaturedList


@dataclass
class MemoryOutcomes:
    """
    Published lists of one population and what became of their customers.

    Attributes:
        label_days: So long after its date the labels of a list are due.
        lists: `churn_probability` and `is_churned`, NULL where it is not known, of each list.
        measured: What was recorded, and when, by list.
        population: Whose lists; of any other there are none.
    """

    label_days: int = 30
    lists: dict[MaturedList, pa.Table] = field(default_factory=dict)
    measured: dict[MaturedList, tuple[date, ListPerformance]] = field(default_factory=dict)
    population: str = "subscribers"

    def due(self, population: str, as_of: date) -> list[MaturedList]:
        """Return the matured lists that are not measured, oldest first."""
        return sorted(
            (
                item
                for item, table in self.lists.items()
                if population == self.population
                and item.score_date + timedelta(days=self.label_days) <= as_of
                and item not in self.measured
                and not (len(table) and table["is_churned"].null_count == len(table))
            ),
            key=lambda item: item.score_date,
        )

    def matured(self, matured: MaturedList) -> pa.Table:
        """Return the customers of one list whose outcome is known."""
        table = self.lists[matured].select(["churn_probability", "is_churned"])

        return table.filter(pc.is_valid(table["is_churned"]))

    def record(self, population: str, as_of: date, performance: ListPerformance) -> None:  # noqa: ARG002  there is one
        """Keep what was measured of one list."""
        self.measured[performance.matured] = as_of, performance
