"""Refuse a batch that is not fit to use: raw rows, features, or scores nobody has seen yet."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import structlog

from pipelines.domain.check import Bands, Batch, Suite, feature_checks, score_checks
from pipelines.domain.contract import FeatureContract
from pipelines.domain.gate import Gate, GateReport, GateResult
from pipelines.domain.score_run import ScoreRun
from pipelines.errors import GateFailed
from pipelines.settings import Settings

log = structlog.get_logger(__name__)


class Suites(Protocol):
    """The expectations written by hand."""

    def source(self, table: str) -> Suite:
        """Return the suite of one raw table."""

    def features(self) -> Suite:
        """Return what is expected of every feature table beyond its contract."""

    def scores(self) -> Suite:
        """Return what is expected of every list of scores."""


class Validator(Protocol):
    """What checks batches."""

    def validate(self, batches: Sequence[Batch]) -> list[GateResult]:
        """Return one result per check, in order."""


class Features(Protocol):
    """What is known of a feature build."""

    def contract(self, population: str, as_of: date) -> FeatureContract:
        """Return the contract the features of *as_of* were built to."""

    def rows(self, population: str, as_of: date) -> int:
        """Return the number of customers the features of *as_of* were built for."""


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
    results: Results,
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
        results: Keeps the results.

    Returns:
        The report of a gate that passed, warnings included.

    Raises:
        GateFailed: A check failed. Everything is recorded and, at the gate of scores, the run is
            rejected by then.
        FeaturesMissing: At the gates of features and scores: nothing was built.
        NothingStaged: At the gate of scores: there is no run to check.
    """
    run = scores.staged(population, as_of) if gate == "scores" else None
    if run is not None:
        batches = [_scores(run, settings, suites.scores(), features.rows(population, as_of))]
    elif gate == "features":
        contract = features.contract(population, as_of)
        batches = [
            Batch(
                schema=settings.warehouse.models_schema,
                table=contract.table,
                checks=(
                    *suites.features().checks,
                    *feature_checks(contract, features.rows(population, as_of)),
                ),
                equals={"as_of": as_of},
            )
        ]
    else:
        batches = [
            _source(table, settings, suites.source(table), as_of)
            for table in settings.population(population).sources
        ]

    report = GateReport(
        gate=gate,
        population=population,
        as_of=as_of,
        run_id=None if run is None else run.run_id,
        results=tuple(validator.validate(batches)),
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


def _source(table: str, settings: Settings, suite: Suite, as_of: date) -> Batch:
    """Return the rows of a raw table that were known at *as_of*."""
    return Batch(
        schema=settings.warehouse.raw_schema,
        table=table,
        checks=suite.checks,
        known_before=as_of,
        known_within_days=suite.known_within_days,
        references=suite.references,
    )


def _scores(run: ScoreRun, settings: Settings, suite: Suite, rows: int) -> Batch:
    """Return the scores of a run that nobody sees yet."""
    tiers = settings.tiers
    lowest = {"medium": tiers.medium, "high": tiers.high, "critical": tiers.critical}

    return Batch(
        schema="churn",
        table="scores",
        checks=(
            *suite.checks,
            *score_checks(
                rows=rows, lowest=lowest, floor="low", actions=tuple(tiers.actions.values())
            ),
        ),
        equals={"score_date": run.as_of, "run_id": run.run_id},
        bands=Bands("tier_by_threshold", "churn_probability", "low", lowest),
    )


def _query(report: GateReport) -> str:
    """Return the command that lists what failed."""
    return (
        'churn sql "select checked_at, subject, expectation, expected, observed, owner '  # noqa: S608  shown
        f"from churn.gate_results where population = '{report.population}' "
        f"and as_of = '{report.as_of}' and gate = '{report.gate}' and not is_passed "
        'order by checked_at desc"'
    )
