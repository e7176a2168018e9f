"""Refuse a batch that is not fit to use: raw rows, features, or scores nobody has seen yet."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import structlog

from pipelines.domain.gates.check import Batch
from pipelines.domain.gates.report import Gate, GateReport, GateResult
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import GateFailed
from pipelines.settings import Settings
from pipelines.steps.gate_batches import Features, GateBatches, Past, Suites

log = structlog.get_logger(__name__)


class Validator(Protocol):
    """What checks batches."""

    def validate(self, batches: Sequence[Batch]) -> list[GateResult]:
        """Return one result per check, in order."""


class Scores(Protocol):
    """The run that waits to be published."""

    def staged(self, population: str, as_of: date) -> ScoreRun:
        """Return it."""

    def reject(self, run_id: int, reason: str) -> None:
        """Mark it as not fit to publish."""


class Results(Protocol):
    """Where results and alerts are kept."""

    def record(self, report: GateReport) -> None:
        """Keep every result and, when the gate failed, one alert."""


def gate(
    *,
    gate: Gate,
    population: str,
    as_of: date,
    settings: Settings,
    suites: Suites,
    features: Features,
    scores: Scores,
    validator: Validator,
    past: Past,
    results: Results,
    docs: str = "",
) -> GateReport:
    """
    Check one batch of *as_of*, keep what was found, and raise unless it is fit to use.

    Args:
        gate: Which batch: the raw tables, the features, or the staged scores.
        population: Whose.
        as_of: The date; only rows known before it are looked at.
        settings: Schemas, sources and tiers.
        suites: The expectations written by hand.
        features: The feature builds and their contracts.
        scores: The score runs.
        validator: Checks the batches.
        past: Earlier nights, which say what is usual.
        results: Keeps the results.
        docs: First of the pages the validator writes.

    Returns:
        The report of a gate that passed, warnings included.

    Raises:
        GateFailed: A check failed. Everything is recorded and, at the gate of scores, the run is
            rejected by then.
        FeaturesMissing: At the gates of features and scores: nothing was built.
        NothingStaged: At the gate of scores: there is no run to check.
    """
    look = GateBatches(
        population=population,
        as_of=as_of,
        settings=settings,
        suites=suites,
        features=features,
        past=past,
    )
    run = scores.staged(population, as_of) if gate == "scores" else None
    if run is not None:
        batches = look.scores(run)
    else:
        batches = look.sources() if gate == "sources" else look.features_built()

    report = GateReport(
        gate=gate,
        population=population,
        as_of=as_of,
        run_id=None if run is None else run.run_id,
        results=tuple(validator.validate(batches)),
        docs=docs,
    )
    results.record(report)
    if not report.results:
        log.warning("gate_had_nothing_to_check", gate=gate, population=population)
    for result in report.warnings:
        log.warning("gate_warned", gate=gate, subject=result.subject, finding=result.sentence)
    if not report.is_passed:
        if run is not None:
            scores.reject(run.run_id, report.summary)
        raise GateFailed(report.summary, next_step=_query(report))
    log.info(
        "gate_passed",
        gate=gate,
        population=population,
        as_of=as_of.isoformat(),
        checks=len(report.results),
        warnings=len(report.warnings),
    )

    return report


def _query(report: GateReport) -> str:
    """Return the command that lists what failed."""
    return (
        'churn sql "select checked_at, subject, expectation, expected, observed, owner '  # noqa: S608  shown
        f"from churn.gate_results where population = '{report.population}' "
        f"and as_of = '{report.as_of}' and gate = '{report.gate}' and not is_passed "
        'order by checked_at desc"'
    )
