"""The metrics of a list: everything a matured list is measured by, and what its tiers promised."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.nights.performance import Measured
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.evaluation import USUAL, Estimate, Measure, evaluate
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.decisions import Decision
from pipelines.domain.training.measures.shares import wilson

EXPECTED, OBSERVED = "mean_predicted", "observed_rate"
RATIO, IN_THE_LARGE = "observed_to_expected", "calibration_in_the_large"


def measure(
    is_churned: Flags,
    probabilities: Vector,
    *,
    tiers: TierPolicy,
    capacity_pct: float,
    promises: Sequence[Mapping[str, Any]],
    resamples: int,
    seed: int,
) -> tuple[Measured, ...]:
    """
    Return what a matured list is measured by, each with a 95 % interval and how many it is about.

    Rates and their ratio have intervals of Wilson 1927, which hold where nobody left; everything
    else has one of a bootstrap, and is left out where all left or all stayed. `…_TIER` is about the
    customers of a tier, `…_from_TIER` about those of it and of higher ones.

    Args:
        is_churned: `(n_customers,)`, at least one. Not modified.
        probabilities: `(n_customers,)` within (0, 1). Not modified.
        tiers: The tiers of churn.toml, whatever they were when the list was cut.
        capacity_pct: Percent of a list that can be contacted.
        promises: What each tier promised, as the model keeps it; empty for a model that kept none.
        resamples: Number of bootstrap samples.
        seed: Seed of the samples.
    """
    codes = tiers.cut(probabilities)
    found = [*_rates("", is_churned, probabilities)]
    promised = {each["tier"]: each for each in promises if each["rows"]}
    for position, tier in enumerate(tiers.names):
        is_here = codes == position
        if is_here.any():
            expected, rate, ratio = _rates(f"_{tier}", is_churned[is_here], probabilities[is_here])
            found += [expected, _judged(rate, promised.get(tier)), ratio]
    if not 0 < is_churned.sum() < len(is_churned):
        return tuple(found)

    decision = Decision.of(tiers, capacity_pct)
    measures: list[Measure] = [*USUAL, decision.measured, _InTheLarge(), _FromTier(tiers)]
    estimates = evaluate(
        is_churned,
        probabilities,
        resamples=resamples,
        seed=seed,
        measures=measures,
        edges=[*tiers.thresholds.values()],
    )
    sizes = _sizes(is_churned, probabilities, tiers, decision)
    for name, estimate in estimates.items():
        customers, churners = sizes.get(name, (None, None))
        if customers != 0:
            found.append(_measured(name, estimate, customers, churners))

    return tuple(found)


class _InTheLarge:
    """Calibration in the large: the observed rate less the mean prediction."""

    def __call__(self, cells: Cells) -> dict[str, float]:
        """Return it for customers counted by score."""
        everyone = cells.everyone
        difference = cells.churners.sum() - (everyone * cells.probability).sum()

        return {IN_THE_LARGE: float(difference / everyone.sum())}


class _FromTier:
    """Precision, recall and lift of those who reach each threshold."""

    def __init__(self, tiers: TierPolicy) -> None:
        self._thresholds = tiers.thresholds

    def __call__(self, cells: Cells) -> dict[str, float]:
        """Return them for customers counted by score; a share of nobody is 0."""
        churners, everyone = cells.churners.sum(), cells.everyone.sum()
        found = {}
        for tier, low in self._thresholds.items():
            is_called = cells.probability >= low
            left, called = cells.churners[is_called].sum(), cells.everyone[is_called].sum()
            precision = float(left / called) if called else 0.0
            found[f"precision_from_{tier}"] = precision
            found[f"recall_from_{tier}"] = float(left / churners)
            found[f"lift_from_{tier}"] = precision / float(churners / everyone)

        return found


def _rates(suffix: str, is_churned: Flags, probabilities: Vector) -> tuple[Measured, ...]:
    """Return mean prediction, observed rate and their ratio, of some customers."""
    customers, churners = len(is_churned), int(is_churned.sum())
    lower, upper = wilson(churners, customers)
    expected = float(probabilities.mean())
    half = 1.96 * float(probabilities.std()) / math.sqrt(customers)
    ends = lower / expected, upper / expected
    size = customers, churners

    return (
        Measured(f"{EXPECTED}{suffix}", expected, expected - half, expected + half, *size),
        Measured(f"{OBSERVED}{suffix}", churners / customers, lower, upper, *size),
        Measured(f"{RATIO}{suffix}", churners / customers / expected, *ends, *size),
    )


def _judged(rate: Measured, promise: Mapping[str, Any] | None) -> Measured:
    """Return the rate of a tier beside what was promised: kept where the two ranges meet."""
    if promise is None or rate.lower is None or rate.upper is None:
        return rate
    low, high = float(promise["lower"]), float(promise["upper"])
    is_kept = rate.lower <= high and rate.upper >= low

    return replace(rate, promised_lower=low, promised_upper=high, is_as_promised=is_kept)


def _sizes(
    is_churned: Flags, probabilities: Vector, tiers: TierPolicy, decision: Decision
) -> dict[str, tuple[int, int]]:
    """Return how many customers and churners a metric of some customers is about, by name."""
    found: dict[str, tuple[int, int]] = {}
    for tier, low in tiers.thresholds.items():
        is_called = probabilities >= low
        size = int(is_called.sum()), int(is_churned[is_called].sum())
        found |= {f"{name}_from_{tier}": size for name in ("precision", "lift")}
        if tier == decision.tier:
            found["precision"] = size
    contacted = max(1, round(decision.capacity_pct / 100 * len(probabilities)))
    riskiest = np.argsort(-probabilities, kind="stable")[:contacted]
    size = contacted, int(is_churned[riskiest].sum())

    return found | {f"{name}_at_capacity": size for name in ("precision", "lift")}


def _measured(
    name: str, estimate: Estimate, customers: int | None, churners: int | None
) -> Measured:
    """Return a metric as it is kept: an end that is no number has none."""
    lower, upper = (None if math.isnan(end) else end for end in (estimate.lower, estimate.upper))

    return Measured(name, estimate.value, lower, upper, customers, churners)
