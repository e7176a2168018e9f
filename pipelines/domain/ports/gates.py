"""Gates: what is expected, what checks it, what was usual, and where results are kept."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.history import Observation
from pipelines.domain.gates.report import GateReport, GateResult
from pipelines.domain.gates.suite import Suite
from pipelines.domain.scoring.runs import ScoreRun


class Suites(Protocol):
    """The expectations written by hand."""

    def source(self, table: str) -> Suite:
        """Return the suite of one raw table; ConfigError if there is none, or it is not legal."""

    def features(self) -> Suite:
        """Return what is expected of every feature table beyond its contract."""

    def scores(self, population: str) -> Suite:
        """Return what is expected of the lists of a population: its own suite, or every list's."""


class Validator(Protocol):
    """What checks batches: Great Expectations."""

    def validate(self, batches: Sequence[Batch]) -> list[GateResult]:
        """Return one result per check, in the order of batches and checks."""


class GateHistory(Protocol):
    """What gates and lists of earlier nights say is usual."""

    def observations(
        self, gate: str, population: str, since: date, as_of: date
    ) -> list[Observation]:
        """
        Return what a gate observed on the nights from *since* to the one before *as_of*, ascending.

        Of each night what it saw when it looked last, if it passed then.
        """

    def arrivals(self, schema: str, table: str, as_of: date, days: int) -> list[int]:
        """
        Return the rows that became known on each of the *days* before *as_of*, latest first.

        A day begins at 00:00 UTC and ends before the next. A table that is not there has no past:
        the list is empty.
        """

    def previous_list(self, run: ScoreRun, since: date) -> ScoreRun | None:
        """Return the run of the latest list from *since* to before the night of *run*, or None."""


class GateResults(Protocol):
    """Where results and the alerts of refusals are kept."""

    def record(self, report: GateReport) -> None:
        """
        Add every result and, when the gate failed, one alert, in one transaction.

        Only the first failure of a gate on a date is told; nothing is replaced.
        """

    def failures_query(self, report: GateReport) -> str:
        """Return the SQL that lists what failed, for `churn sql`."""
