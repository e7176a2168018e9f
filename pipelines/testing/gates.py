"""Gates in memory: suites, a validator that finds what a test says, history and results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.history import Observation
from pipelines.domain.gates.report import GateReport, GateResult, result_of
from pipelines.domain.gates.suite import Suite
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import ConfigError


@dataclass
class MemorySuites:
    """
    The expectations of a test.

    Attributes:
        sources: Suite of each raw table.
        of_features: What is expected of every feature table.
        of_scores: What is expected of every list.
    """

    sources: Mapping[str, Suite] = field(default_factory=dict)
    of_features: Suite = Suite(())  # noqa: RUF009  immutable
    of_scores: Suite = Suite(())  # noqa: RUF009  immutable

    def source(self, table: str) -> Suite:
        """Return the suite of one raw table; ConfigError if there is none."""
        if table not in self.sources:
            raise ConfigError(
                f"expectations/sources/{table}.toml does not exist, so the gate has nothing to "
                "check",
                next_step="write it like its neighbours",
            )

        return self.sources[table]

    def features(self) -> Suite:
        """Return what is expected of every feature table."""
        return self.of_features

    def scores(self, population: str) -> Suite:  # noqa: ARG002  the port's
        """Return what is expected of every list."""
        return self.of_scores


@dataclass
class MemoryValidator:
    """
    Finds what a test says it finds.

    Attributes:
        finds: Returns what is observed of a failing check, or None where it is met.
        looked_at: Every batch that was validated, in order.
    """

    finds: Callable[[Batch, Check], Mapping[str, Any] | None] = lambda _batch, _check: None
    looked_at: list[Batch] = field(default_factory=list)

    def validate(self, batches: Sequence[Batch]) -> list[GateResult]:
        """Return one result per check, in order."""
        self.looked_at += batches
        results = []
        for batch in batches:
            for check in batch.checks:
                found = self.finds(batch, check)
                results.append(
                    result_of(batch, check, is_passed=found is None, observed=found or {})
                )

        return results


@dataclass
class MemoryGateHistory:
    """
    Earlier nights.

    Attributes:
        observed: By gate and population.
        arrived: Rows by day before as_of, latest first, by table.
        lists: Runs that were published.
    """

    observed: Mapping[tuple[str, str], Sequence[Observation]] = field(default_factory=dict)
    arrived: Mapping[str, Sequence[int]] = field(default_factory=dict)
    lists: Sequence[ScoreRun] = ()

    def observations(
        self, gate: str, population: str, since: date, as_of: date
    ) -> list[Observation]:
        """Return what a gate observed from *since* to before *as_of*, by night."""
        found = self.observed.get((gate, population), ())

        return sorted(
            (item for item in found if since <= item.as_of < as_of), key=lambda item: item.as_of
        )

    def arrivals(
        self,
        schema: str,  # noqa: ARG002  there is one
        table: str,
        as_of: date,  # noqa: ARG002  days are counted back from it
        days: int,
    ) -> list[int]:
        """Return the rows of each day before *as_of*, latest first; none of an unknown table."""
        if table not in self.arrived:
            return []
        counts = [*self.arrived[table], *[0] * max(days, 0)]

        return counts[: max(days, 0)]

    def previous_list(self, run: ScoreRun, since: date) -> ScoreRun | None:
        """Return the list published last before *run*, or None."""
        earlier = [
            other
            for other in self.lists
            if other.population == run.population and since <= other.as_of < run.as_of
        ]

        return max(earlier, key=lambda other: other.as_of, default=None)


@dataclass
class MemoryGateResults:
    """
    Reports, kept.

    Attributes:
        reports: In the order they were recorded.
    """

    reports: list[GateReport] = field(default_factory=list)

    def record(self, report: GateReport) -> None:
        """Keep one report."""
        self.reports.append(report)

    def failures_query(self, report: GateReport) -> str:
        """Return words for what failed; nobody here reads SQL."""
        return f"failures of the {report.gate} gate of {report.population} {report.as_of}"
