"""How a published list compares with what then happened."""

from dataclasses import dataclass
from datetime import date

import numpy as np


@dataclass(frozen=True, slots=True)
class MaturedList:
    """
    A published list whose labels have matured.

    Attributes:
        score_date: Its date.
        run_id: The run that was published.
        model_version: The model that scored it.
    """

    score_date: date
    run_id: int
    model_version: int


@dataclass(frozen=True, slots=True)
class Measured:
    """
    One metric of one list, with its bootstrap interval.

    Attributes:
        metric: Its name.
        value: Its value over all customers.
        lower: Lower end of the interval; None where it has none.
        upper: Upper end.
    """

    metric: str
    value: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class ListPerformance:
    """
    Every metric of one list.

    Attributes:
        matured: The list.
        customers: Customers of the list with a known label.
        churners: Those who left.
        metrics: What was measured; without churners, or without others, only the two rates.
    """

    matured: MaturedList
    customers: int
    churners: int
    metrics: tuple[Measured, ...]

    @property
    def summary(self) -> str:
        """The list and its metrics in one line."""
        found = ", ".join(f"{item.metric} {item.value:.3f}" for item in self.metrics)

        return (
            f"{self.matured.score_date}: {self.churners} of {self.customers} customers left; "
            f"{found}"
        )


def rates(
    is_churned: np.ndarray, probability: np.ndarray, *, resamples: int, seed: int
) -> tuple[Measured, Measured]:
    """
    Return the mean predicted and the observed churn rate, with 95 % bootstrap intervals.

    Args:
        is_churned: `(n,)` booleans, n > 0. Not modified.
        probability: `(n,)` float64. Not modified.
        resamples: Number of bootstrap samples.
        seed: Seed of the samples.
    """
    random = np.random.default_rng(seed)
    churned = is_churned.astype(np.float64)
    drawn = np.empty((resamples, 2))
    for index in range(resamples):
        rows = random.integers(0, len(churned), len(churned))
        drawn[index] = probability[rows].mean(), churned[rows].mean()
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    names, means = ("mean_predicted", "observed_rate"), (probability.mean(), churned.mean())
    first, second = (
        Measured(name, float(mean), float(low), float(high))
        for name, mean, low, high in zip(names, means, lower, upper, strict=True)
    )

    return first, second
