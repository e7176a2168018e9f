"""Outcomes in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.nights.outcome_evidence import Finding
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
        findings: What each measured list says against its model.
    """

    label_days: int = 30
    lists: dict[MaturedList, pa.Table] = field(default_factory=dict)
    measured: dict[MaturedList, tuple[date, ListPerformance]] = field(default_factory=dict)
    population: str = "subscribers"
    findings: dict[MaturedList, Sequence[Finding]] = field(default_factory=dict)

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
        table = self.lists[matured].select(["churn_probability", "risk_tier", "is_churned"])

        return table.filter(pc.is_valid(table["is_churned"]))

    def earlier(self, population: str, matured: MaturedList) -> list[ListPerformance]:
        """Return what was measured of earlier lists of the same model, oldest first."""
        if population != self.population:
            return []
        found = [
            performance
            for item, (_, performance) in self.measured.items()
            if item.model_version == matured.model_version and item.score_date < matured.score_date
        ]

        return sorted(found, key=lambda performance: performance.matured.score_date)

    def latest_findings(self, population: str, model_version: int, as_of: date) -> list[Finding]:
        """Return what the list measured last says against *model_version*."""
        known = [
            item
            for item, (measured_as_of, _) in self.measured.items()
            if population == self.population and measured_as_of <= as_of
        ]
        last = max(known, key=lambda item: item.score_date, default=None)
        if last is None or last.model_version != model_version:
            return []

        return sorted(self.findings.get(last, ()), key=lambda finding: finding.metric)

    def record(
        self,
        population: str,  # noqa: ARG002  there is one
        as_of: date,
        performance: ListPerformance,
        findings: Sequence[Finding] = (),
    ) -> None:
        """Keep what was measured of one list."""
        for item in [*self.measured]:
            if item.score_date == performance.matured.score_date:
                del self.measured[item]
        self.measured[performance.matured] = as_of, performance
        self.findings[performance.matured] = findings
