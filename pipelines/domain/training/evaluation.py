"""Evaluation of scores: AUC, calibration and lift, each with a bootstrap interval."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.training import log_odds_line

INTERVAL = (0.025, 0.975)
NORMAL_95 = 1.96
LIFT_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    A number and its 95 % bootstrap interval.

    Attributes:
        value: On the rows themselves.
        lower: 2.5 % quantile over the resamples.
        upper: 97.5 % quantile.
    """

    value: float
    lower: float
    upper: float

    @property
    def standard_error(self) -> float:
        """The half-width of the interval in standard errors of a normal distribution."""
        return (self.upper - self.lower) / (2 * NORMAL_95)

    def __str__(self) -> str:
        """Return value and interval, such as `0.845 [0.830, 0.860]`."""
        return f"{self.value:.3f} [{self.lower:.3f}, {self.upper:.3f}]"

    def to_dict(self) -> dict[str, Any]:
        """Return value and interval as JSON-compatible values."""
        return {"value": self.value, "lower": self.lower, "upper": self.upper}


def evaluate(
    is_churned: Flags, probabilities: Vector, *, resamples: int, seed: int
) -> dict[str, Estimate]:
    """
    Return auc, pr_auc, log_loss, brier and lift_10pct.

    Args:
        is_churned: `(n_customers,)`, with both outcomes among them.
        probabilities: `(n_customers,)` within (0, 1).
        resamples: Number of bootstrap samples of the customers.
        seed: Seed of the resamples.
    """
    score = Ranked(is_churned, probabilities)
    chance = np.clip(probabilities, 1e-15, 1 - 1e-15)
    losses = -np.log(np.where(is_churned, chance, 1 - chance))
    squares = (probabilities - is_churned) ** 2
    measures: dict[str, Callable[[Vector], float]] = {
        "auc": score.auc,
        "pr_auc": score.average_precision,
        "log_loss": lambda weights: float(np.average(losses, weights=weights)),
        "brier": lambda weights: float(np.average(squares, weights=weights)),
        "lift_10pct": score.lift,
    }
    once = np.ones(len(is_churned))
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for weights in _resamples(is_churned, resamples, seed):
        for name, measure in measures.items():
            drawn[name].append(measure(weights))

    return {name: estimated(measure(once), drawn[name]) for name, measure in measures.items()}


def calibration(
    is_churned: Flags, probabilities: Vector, *, resamples: int, seed: int
) -> dict[str, Estimate]:
    """
    Return calibration_slope and calibration_intercept: 1 and 0 of what means what it says.

    Args:
        is_churned: `(n_customers,)`, with both outcomes among them.
        probabilities: `(n_customers,)` within (0, 1).
        resamples: Number of bootstrap samples of the customers.
        seed: Seed of the resamples.
    """
    outcomes = is_churned.astype(np.float64)
    log_odds = np.log(probabilities / (1 - probabilities))
    value = log_odds_line.fitted(log_odds, outcomes)
    drawn = [
        log_odds_line.fitted(log_odds, outcomes, weights)
        for weights in _resamples(is_churned, resamples, seed)
    ]
    names = ("calibration_slope", "calibration_intercept")

    return {
        name: estimated(value[number], [each[number] for each in drawn])
        for number, name in enumerate(names)
    }


def auc(is_churned: Flags, scores: Vector) -> float:
    """Return the area under the ROC curve; ties count half."""
    return Ranked(is_churned, scores).auc(np.ones(len(scores)))


def auc_difference(
    is_churned: Flags, challenger: Vector, champion: Vector, *, resamples: int, seed: int
) -> Estimate:
    """
    Return the AUC of *challenger* less that of *champion*, both on the same resampled customers.

    Args:
        is_churned: `(n_customers,)`, with both outcomes among them.
        challenger: `(n_customers,)` scores.
        champion: `(n_customers,)` scores of the same customers.
        resamples: Number of bootstrap samples of the customers.
        seed: Seed of the resamples.
    """
    new, old = Ranked(is_churned, challenger), Ranked(is_churned, champion)
    once = np.ones(len(is_churned))
    drawn = [
        new.auc(weights) - old.auc(weights) for weights in _resamples(is_churned, resamples, seed)
    ]

    return estimated(new.auc(once) - old.auc(once), drawn)


class Ranked:
    """
    Customers sorted once by score, so that each resample costs one pass.

    Args:
        is_churned: `(n_customers,)`, with both outcomes among them.
        scores: `(n_customers,)`.
    """

    def __init__(self, is_churned: Flags, scores: Vector) -> None:
        self._order = np.argsort(-scores, kind="stable")
        ranked = scores[self._order]
        self._starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        self._churned = is_churned[self._order].astype(np.float64)

    def _counts(self, weights: Vector) -> tuple[Vector, Vector]:
        """Return the weight of churners and of all, per distinct score, highest first."""
        ranked = weights[self._order]
        churners = np.add.reduceat(ranked * self._churned, self._starts)

        return churners, np.add.reduceat(ranked, self._starts)

    def auc(self, weights: Vector) -> float:
        """Return the area under the ROC curve."""
        churners, everyone = self._counts(weights)
        stayers = everyone - churners
        below = stayers.sum() - np.cumsum(stayers)

        return float((churners * (below + stayers / 2)).sum() / churners.sum() / stayers.sum())

    def average_precision(self, weights: Vector) -> float:
        """Return the area under the precision-recall curve, by steps as scikit-learn does."""
        churners, everyone = self._counts(weights)
        found, called = np.cumsum(churners), np.cumsum(everyone)
        precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)

        return float((churners * precision).sum() / churners.sum())

    def lift(self, weights: Vector) -> float:
        """Return how many times more churners the riskiest tenth holds than a random tenth."""
        churners, everyone = self._counts(weights)
        found = np.r_[0.0, np.cumsum(churners)] / churners.sum()
        called = np.r_[0.0, np.cumsum(everyone)] / everyone.sum()

        return float(np.interp(LIFT_SHARE, called, found) / LIFT_SHARE)


def _resamples(is_churned: Flags, count: int, seed: int) -> Iterator[Vector]:
    """Yield how often each customer is drawn, for resamples that hold both outcomes."""
    random = np.random.default_rng(seed)
    rows = len(is_churned)
    yielded = 0
    while yielded < count:
        times = np.bincount(random.integers(0, rows, rows), minlength=rows)
        if 0 < times[is_churned].sum() < rows:
            yielded += 1
            yield times.astype(np.float64)


def estimated(value: float, drawn: Sequence[float]) -> Estimate:
    """Return *value* with the 95 % interval of what resamples came to."""
    lower, upper = np.quantile(drawn, INTERVAL)

    return Estimate(value, float(lower), float(upper))
