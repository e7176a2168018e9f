"""Compare the lists whose horizon has passed with what happened."""

import math
from datetime import date

import numpy as np
import structlog

from pipelines.domain.nights.performance import ListPerformance, Measured, rates
from pipelines.domain.ports.outcomes import Outcomes
from pipelines.domain.training.evaluation import Estimate, evaluate
from pipelines.sections import Training

log = structlog.get_logger(__name__)


def outcomes(
    *,
    population: str,
    as_of: date,
    settings: Training,
    store: Outcomes,
) -> list[ListPerformance]:
    """
    Measure every published list whose labels have matured by *as_of*.

    A list that was pruned before then, or lost all its customers to erasure, is passed over.

    Args:
        population: Its name in churn.toml.
        as_of: The night; labels due later are not looked at.
        settings: Resamples and seed of the bootstrap.
        store: Where lists, labels and metrics are kept; a re-run replaces, never doubles.

    Returns:
        The lists measured now, oldest first; empty when none had matured since.
    """
    due, measured = store.due(population, as_of), []
    if not due:
        log.info("no_list_matured", population=population, as_of=str(as_of))
    for matured in due:
        table = store.matured(matured)
        if not len(table):
            log.warning("list_is_gone", score_date=str(matured.score_date), run_id=matured.run_id)
            continue
        is_churned = np.asarray(table["is_churned"].to_numpy(), dtype=bool)
        probability = np.asarray(table["churn_probability"].to_numpy(), dtype=np.float64)
        resamples, seed = settings.bootstrap_resamples, settings.seed
        metrics = list(rates(is_churned, probability, resamples=resamples, seed=seed))
        if 0 < is_churned.sum() < len(is_churned):
            found = evaluate(is_churned, probability, resamples=resamples, seed=seed)
            metrics += [_measured(name, metric) for name, metric in found.items()]

        performance = ListPerformance(
            matured, len(is_churned), int(is_churned.sum()), tuple(metrics)
        )
        store.record(population, as_of, performance)
        measured.append(performance)
        log.info(
            "outcomes_measured",
            score_date=str(matured.score_date),
            customers=performance.customers,
            churners=performance.churners,
        )

    return measured


def _measured(name: str, metric: Estimate) -> Measured:
    """Return a metric as it is kept: an end that is no number has none."""
    lower, upper = (None if math.isnan(end) else end for end in (metric.lower, metric.upper))

    return Measured(name, metric.value, lower, upper)
