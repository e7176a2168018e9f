"""Drift in memory: an engine that answers what a test says, and a store of verdicts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from pipelines.domain.drift.columns import require_same_columns, values
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls


@dataclass
class MemoryEngine:
    """
    Two-sample tests whose answers are given.

    Attributes:
        answers: Statistic and p-value by column; every other column does not differ.
        name: Which engine it says it is.
    """

    answers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    name: str = "memory"

    def p_values(
        self,
        reference: pa.Table,
        current: pa.Table,
        categorical: Sequence[str],  # noqa: ARG002  answers are given
    ) -> dict[str, tuple[float, float]]:
        """Return the answers; NaN for a column without values on a side."""
        require_same_columns(reference, current)

        return {
            name: self.answers.get(name, (0.0, 1.0))
            if len(values(reference[name])) and len(values(current[name]))
            else (math.nan, math.nan)
            for name in reference.column_names
        }


@dataclass
class MemoryDrift:
    """
    Verdicts of nights.

    Attributes:
        reports: By population and as_of; a re-run replaces.
        nulls: What the sources gate counted, by population and as_of.
    """

    reports: dict[tuple[str, date], DriftReport] = field(default_factory=dict)
    nulls: Mapping[tuple[str, date], Sequence[SourceNulls]] = field(default_factory=dict)

    def was_training_requested(self, population: str, after: date, before: date) -> bool:
        """Tell whether a night strictly between two dates asked for a training."""
        return any(
            report.is_training_requested
            for (name, as_of), report in self.reports.items()
            if name == population and after < as_of < before
        )

    def source_nulls(self, population: str, as_of: date) -> list[SourceNulls]:
        """Return what the sources gate counted."""
        return [*self.nulls.get((population, as_of), ())]

    def record(self, report: DriftReport) -> None:
        """Replace the report of its night."""
        self.reports[report.population, report.as_of] = report
