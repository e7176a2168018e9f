"""Refuse a batch that is not fit to use: raw rows, features, or scores nobody has seen yet."""

from datetime import date

import structlog

from pipelines.domain.gates.report import Gate, GateReport
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.gates import GateHistory, GateResults, Suites, Validator
from pipelines.domain.ports.scores import Scores
from pipelines.errors import GateFailed
from pipelines.settings import Settings
from pipelines.steps.night.gate_batches import GateBatches

log = structlog.get_logger(__name__)


def gate(
    *,
    gate: Gate,
    population: str,
    as_of: date,
    settings: Settings,
    suites: Suites,
    features: FeatureStore,
    scores: Scores,
    validator: Validator,
    past: GateHistory,
    results: GateResults,
    docs: str = "",
) -> GateReport:
    """
    Check one batch of *as_of*, keep what was found, and raise unless it is fit to use.

    Args:
        gate: Which batch: the raw tables, the features, or the staged scores.
        population: Its name in churn.toml.
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
        raise GateFailed(report.summary, next_step=f'churn sql "{results.failures_query(report)}"')
    log.info(
        "gate_passed",
        gate=gate,
        population=population,
        as_of=as_of.isoformat(),
        checks=len(report.results),
        warnings=len(report.warnings),
    )

    return report
