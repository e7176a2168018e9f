"""Drift: two-sample tests, and where the verdicts of nights are kept."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import pyarrow as pa

from pipelines.domain.arrays import Matrix
from pipelines.domain.drift.joint import JointTest
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls


class DriftEngine(Protocol):
    """Two-sample tests."""

    @property
    def name(self) -> str:
        """Which engine."""

    def p_values(
        self, reference: pa.Table, current: pa.Table, categorical: Sequence[str]
    ) -> dict[str, tuple[float, float]]:
        """Return statistic and p-value by column; NaN for a column without values on a side."""

    def joint(self, reference: Matrix, current: Matrix) -> JointTest:
        """Let a classifier tell two samples apart, on rows it has not seen; none holds NaN."""


class DriftStore(Protocol):
    """What earlier nights found, and where this one is written down."""

    def drifted_before(
        self, population: str, as_of: date, model_version: int
    ) -> list[frozenset[str]]:
        """
        Return the columns that drifted on each of the last two judged nights before *as_of*.

        The last first; of nights of the same model, in the four weeks before.
        """

    def source_nulls(self, population: str, as_of: date) -> list[SourceNulls]:
        """Return what the sources gate of *as_of* counted, beside the fullest night before it."""

    def record(self, report: DriftReport) -> None:
        """Replace the night's checks and verdict and add its alert, in one transaction."""
