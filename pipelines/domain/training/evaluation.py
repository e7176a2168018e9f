"""Evaluation of scores: whatever is measured of them, with a bootstrap interval."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.probability import losses
from pipelines.domain.training.measures.ranking import ranking, roc_area
from pipelines.domain.training.measures.shares import NORMAL_95

Measure = Callable[[Cells], Mapping[str, float]]

INTERVAL = (0.025, 0.975)
USUAL: tuple[Measure, ...] = (ranking, losses)


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
    is_churned: Flags,
    probabilities: Vector,
    *,
    resamples: int,
    seed: int,
    measures: Sequence[Measure] = USUAL,
    edges: Sequence[float] = (),
) -> dict[str, Estimate]:
    """
    Return auc, pr_auc, lift_10pct, log_loss and brier, or what else *measures* give.

    The value is of the customers as they are, the interval of a bootstrap of at most MOST_CELLS
    cells of neighbours by score, moved by what counting them together changes the value.

    Args:
        is_churned: `(n_customers,)`, with both outcomes among them.
        probabilities: `(n_customers,)` within (0, 1).
        resamples: Number of bootstrap samples of the customers.
        seed: Seed of the resamples.
        measures: What is measured of customers counted by score.
        edges: Scores at which one of the measures tells customers apart.
    """

    def measured(cells: Cells) -> dict[str, float]:
        return {name: value for measure in measures for name, value in measure(cells).items()}

    cells = Cells.of(is_churned, probabilities)
    few = cells.merged(edges=edges)
    value, rough = measured(cells), measured(few)
    drawn = [measured(sample) for sample in few.resampled(resamples, seed)]

    return {
        name: estimated(value[name], [each[name] + value[name] - rough[name] for each in drawn])
        for name in value
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

    def auc(self, weights: Vector) -> float:
        """Return the area under the ROC curve of customers who count so often each."""
        ranked = weights[self._order]
        churners = np.add.reduceat(ranked * self._churned, self._starts)

        return roc_area(churners, np.add.reduceat(ranked, self._starts) - churners)


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
