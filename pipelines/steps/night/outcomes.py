"""Compare the lists whose horizon has passed with what happened, and tell what did not hold."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import structlog

from pipelines.domain.nights.measuring import ListTiers, measure
from pipelines.domain.nights.outcome_evidence import (
    OUTCOMES,
    alert,
    baselines,
    findings,
    is_over,
)
from pipelines.domain.nights.performance import ListPerformance
from pipelines.domain.ports.alerts import Outbox
from pipelines.domain.ports.models import Registry
from pipelines.domain.ports.outcomes import Outcomes
from pipelines.errors import ArtefactDamaged, RegistryUnavailable
from pipelines.settings import Settings

log = structlog.get_logger(__name__)


def outcomes(
    *,
    population: str,
    as_of: date,
    settings: Settings,
    store: Outcomes,
    models: Registry,
    outbox: Outbox,
) -> list[ListPerformance]:
    """
    Measure every published list whose labels have matured by *as_of*.

    A list that was pruned before then, or lost all its customers to erasure, is passed over. What
    the last list measured says against its model is told; what an earlier one said is over where
    it is not even likely any more.

    Args:
        population: Its name in churn.toml.
        as_of: The night; labels due later are not looked at.
        settings: Tiers, capacity, resamples and seed, and when a difference counts.
        store: Where lists, labels and metrics are kept; a re-run replaces, never doubles.
        models: The registry, which has what each model promised.
        outbox: Where people are told.

    Returns:
        The lists measured now, oldest first; empty when none had matured since.
    """
    due, measured = store.due(population, as_of), []
    evaluations: dict[int, Mapping[str, Any]] = {}
    if not due:
        log.info("no_list_matured", population=population, as_of=str(as_of))
    for matured in due:
        table = store.matured(matured)
        if not len(table):
            log.warning("list_is_gone", score_date=str(matured.score_date), run_id=matured.run_id)
            continue
        version = matured.model_version
        if version not in evaluations:
            evaluations[version] = _evaluation(population, version, models)
        evaluation = evaluations[version]
        is_churned = np.asarray(table["is_churned"].to_numpy(), dtype=bool)
        probabilities = np.asarray(table["churn_probability"].to_numpy(), dtype=np.float64)
        tiers = ListTiers.of(table["risk_tier"].to_pylist(), probabilities, settings.tiers.names)
        performance = ListPerformance(
            matured,
            len(is_churned),
            int(is_churned.sum()),
            measure(
                is_churned,
                probabilities,
                tiers=tiers,
                capacity_pct=settings.business.contact_capacity_pct,
                promises=evaluation.get("tiers", ()),
                resamples=settings.training.bootstrap_resamples,
                seed=settings.training.seed,
            ),
        )
        before = baselines(store.earlier(population, matured), evaluation)
        found = findings(performance, before, settings.outcomes)
        # Before the list is recorded: a list that is not is measured again, and told again.
        if found:
            outbox.add(alert(population, as_of, performance, found))
        elif is_over(performance, before, settings.outcomes):
            outbox.resolve(population, as_of, [OUTCOMES])
        store.record(population, as_of, performance, found)
        measured.append(performance)
        log.info(
            "outcomes_measured",
            score_date=str(matured.score_date),
            customers=performance.customers,
            churners=performance.churners,
            evidence=[finding.metric for finding in found],
        )

    return measured


def _evaluation(population: str, version: int, models: Registry) -> Mapping[str, Any]:
    """Return how good the model of a list was; nothing where it cannot be read any more."""
    try:
        return models.load(models.numbered(population, version)).evaluation
    except (RegistryUnavailable, ArtefactDamaged) as error:
        log.warning("promises_unknown", version=version, reason=error.message)
        return {}
