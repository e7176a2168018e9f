"""Compare the lists whose horizon has passed with what happened."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Protocol

import numpy as np
import pyarrow as pa
import structlog

from pipelines.domain.nights.performance import ListPerformance, MaturedList, Measured, rates
from pipelines.domain.training.evaluation import Flags, Vector
from pipelines.sections import Training

log = structlog.get_logger(__name__)


class Metric(Protocol):
    """A measured value and its interval."""

    @property
    def value(self) -> float:
        """The value."""

    @property
    def lower(self) -> float:
        """Lower end of its interval."""

    @property
    def upper(self) -> float:
        """Upper end of its interval."""


class Evaluate(Protocol):
    """What measures a ranking; `domain.evaluation.evaluate`."""

    def __call__(
        self, is_churned: Flags, probabilities: Vector, *, resamples: int, seed: int
    ) -> Mapping[str, Metric]:
        """Return metrics by name; some customers left and some stayed."""


class Store(Protocol):
    """Lists, labels, and what was measured."""

    def due(self, population: str, as_of: date) -> list[MaturedList]:
        """Return the lists that have matured and are not measured."""

    def matured(self, matured: MaturedList) -> pa.Table:
        """Return churn_probability and is_churned of a list's customers."""

    def record(self, population: str, as_of: date, performance: ListPerformance) -> None:
        """Replace the outcomes and metrics of one list."""


def outcomes(
    *,
    population: str,
    as_of: date,
    settings: Training,
    evaluate: Evaluate,
    store: Store,
) -> list[ListPerformance]:
    """
    Measure every published list whose labels have matured by *as_of*.

    Args:
        population: Whose lists.
        as_of: The night; labels due later are not looked at.
        settings: Resamples and seed of the bootstrap.
        evaluate: Measures a list that some customers left and some did not.
        store: Where lists, labels and metrics are kept; a re-run replaces, never doubles.

    Returns:
        The lists measured now, oldest first; empty when none had matured since.
    """
    measured = []
    for matured in store.due(population, as_of):
        table = store.matured(matured)
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
    if not measured:
        log.info("no_list_matured", population=population, as_of=str(as_of))

    return measured


def _measured(name: str, metric: Metric) -> Measured:
    """Return a metric as it is kept: an end that is no number has none."""
    lower, upper = (None if math.isnan(end) else end for end in (metric.lower, metric.upper))

    return Measured(name, metric.value, lower, upper)
