"""Drift in memory: an engine that answers what a test says, and a store of verdicts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Matrix
from pipelines.domain.drift.columns import require_same_columns, values
from pipelines.domain.drift.joint import JointTest
from pipelines.domain.drift.limits import EARLIER_DAYS
from pipelines.domain.drift.persistence import NIGHTS
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls


@dataclass
class MemoryEngine:
    """
    Two-sample tests whose answers are given.

    Attributes:
        answers: Statistic and p-value by column; every other column does not differ.
        name: Which engine it says it is.
        moves: Change of a correlation from which on its classifier tells two samples apart; with
            None it never does.
    """

    answers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    name: str = "memory"
    moves: float | None = None

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

    def joint(self, reference: Matrix, current: Matrix) -> JointTest:
        """Tell samples apart by their correlations, which is what trees would see of them."""
        if self.moves is None:
            return JointTest(auc=0.5, p_value=1.0)
        sides = [np.corrcoef(side, rowvar=False) for side in (reference, current)]
        moved = float(np.abs(sides[0] - sides[1]).max())

        return JointTest(0.7, 0.0) if moved > self.moves else JointTest(0.5, 1.0)


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

    def drifted_before(
        self, population: str, as_of: date, model_version: int
    ) -> list[frozenset[str]]:
        """Return the columns that drifted on the judged nights before, the last first."""
        nights = [
            report
            for (name, day), report in sorted(self.reports.items(), reverse=True)
            if name == population
            and as_of - timedelta(days=EARLIER_DAYS) <= day < as_of
            and report.model_version == model_version
        ]

        return [
            frozenset(check.feature for check in night.checks if check.verdict == "drifted")
            for night in nights[: NIGHTS - 1]
        ]

    def source_nulls(self, population: str, as_of: date) -> list[SourceNulls]:
        """Return what the sources gate counted."""
        return [*self.nulls.get((population, as_of), ())]

    def record(self, report: DriftReport) -> None:
        """Replace the report of its night."""
        self.reports[report.population, report.as_of] = report
