"""The metrics of a list: everything a matured list is measured by, and what its tiers promised."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.nights.performance import Measured
from pipelines.domain.training.evaluation import USUAL, Estimate, estimated, evaluate
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.decisions import Decision
from pipelines.domain.training.measures.shares import NORMAL_95, wilson
from pipelines.domain.training.tier_promises import promised_range

EXPECTED, OBSERVED = "mean_predicted", "observed_rate"
RATIO, IN_THE_LARGE = "observed_to_expected", "calibration_in_the_large"


@dataclass(frozen=True, slots=True)
class ListTiers:
    """
    The tiers customers of one list were in, as it was published.

    Attributes:
        names: The tiers, the lowest first.
        codes: `(n_customers,)` positions in `names`.
    """

    names: tuple[str, ...]
    codes: npt.NDArray[np.intp]

    @classmethod
    def of(cls, tiers: Sequence[str], probabilities: Vector, known: Sequence[str]) -> Self:
        """
        Return the tiers of a list; by mean score, if one is no longer in churn.toml.

        Args:
            tiers: `(n_customers,)` names.
            probabilities: `(n_customers,)`.
            known: The tiers of churn.toml, the lowest first.
        """
        found, places = np.unique(np.asarray(tiers, dtype=object).astype(str), return_inverse=True)
        names = tuple(known)
        if not {*found} <= {*known}:
            means = np.bincount(places, probabilities) / np.bincount(places)
            names = tuple(str(found[place]) for place in np.argsort(means, kind="stable"))
        code_of = {name: code for code, name in enumerate(names)}

        return cls(names, np.array([code_of[name] for name in found], dtype=np.intp)[places])

    def lowest(self, code: int, probabilities: Vector) -> float:
        """Return the least score of a tier and of those above it; 1 where they are empty."""
        return float(probabilities[self.codes >= code].min(initial=1.0))


def measure(
    is_churned: Flags,
    probabilities: Vector,
    *,
    tiers: ListTiers,
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
        tiers: Which tier each customer was in.
        capacity_pct: Percent of a list that can be contacted.
        promises: What each tier promised, as the model keeps it; empty for a model that kept none.
        resamples: Number of bootstrap samples.
        seed: Seed of the samples.
    """
    found = [*_rates(is_churned, probabilities)]
    promised = {each["tier"]: each for each in promises if each["rows"]}
    for code, tier in enumerate(tiers.names):
        is_here = tiers.codes == code
        if is_here.any():
            expected, rate, ratio = _rates(is_churned[is_here], probabilities[is_here], tier)
            found += [expected, _judged(rate, promised.get(tier), len(promised)), ratio]
    if not 0 < is_churned.sum() < len(is_churned):
        return tuple(found)

    # The lower of the two tiers at the top, as in the evaluation of a model; a list of an older
    # churn.toml may have no more than one.
    code = min(max(1, len(tiers.names) - 2), len(tiers.names) - 1)
    decision = Decision(tiers.names[code], tiers.lowest(code, probabilities), capacity_pct)
    estimates = evaluate(
        is_churned,
        probabilities,
        resamples=resamples,
        seed=seed,
        measures=[*USUAL, decision.measured, _in_the_large],
        edges=[decision.threshold],
    )
    sizes = _sizes(is_churned, probabilities, decision)
    for name, each in estimates.items():
        customers, churners = sizes.get(name, (None, None))
        if customers != 0:
            found.append(_kept(name, each, customers, churners))

    return (*found, *_from_tiers(is_churned, tiers, resamples=resamples, seed=seed))


def _in_the_large(cells: Cells) -> dict[str, float]:
    """Return the observed rate less the mean prediction, of customers counted by score."""
    everyone = cells.everyone
    difference = cells.churners.sum() - (everyone * cells.probability).sum()

    return {IN_THE_LARGE: float(difference / everyone.sum())}


def _rates(
    is_churned: Flags, probabilities: Vector, tier: str | None = None
) -> tuple[Measured, Measured, Measured]:
    """Return mean prediction, observed rate and their ratio, of a list or of one of its tiers."""
    customers, churners = len(is_churned), int(is_churned.sum())
    lower, upper = wilson(churners, customers)
    expected = float(probabilities.mean())
    half = NORMAL_95 * float(probabilities.std()) / math.sqrt(customers)

    def measured(name: str, value: float, low: float, high: float) -> Measured:
        full = name if tier is None else f"{name}_{tier}"
        return Measured(full, value, low, high, customers, churners)

    return (
        measured(EXPECTED, expected, expected - half, expected + half),
        measured(OBSERVED, churners / customers, lower, upper),
        measured(RATIO, churners / customers / expected, lower / expected, upper / expected),
    )


def _judged(rate: Measured, promise: Mapping[str, Any] | None, tiers: int) -> Measured:
    """
    Return the rate of a tier beside what was promised of so many customers.

    A model of before promised a share of any number of them: kept where its range and that of the
    rate meet.
    """
    if promise is None or rate.lower is None or rate.upper is None or not rate.customers:
        return rate
    if "spread" in promise:
        low, high = promised_range(promise, rate.customers, tiers)
        is_kept = low <= rate.value <= high
    else:
        low, high = float(promise["lower"]), float(promise["upper"])
        is_kept = rate.lower <= high and rate.upper >= low

    return replace(rate, promised_lower=low, promised_upper=high, is_as_promised=is_kept)


def _from_tiers(
    is_churned: Flags, tiers: ListTiers, *, resamples: int, seed: int
) -> Iterator[Measured]:
    """Yield precision, recall and lift of each tier with those above it, but for the lowest."""
    size = len(tiers.names)
    left = np.bincount(tiers.codes[is_churned], minlength=size).astype(np.float64)
    counts = np.r_[left, np.bincount(tiers.codes, minlength=size) - left]
    customers = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(customers, counts / customers, resamples)
    samples = np.vstack([counts, drawn])
    above = samples.reshape(-1, 2, size)[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    churners, called = above[:, 0, :], above.sum(axis=1)
    for code in range(1, size):
        if not called[0, code]:
            continue
        precision = churners[:, code] / np.maximum(called[:, code], 1)
        recall = churners[:, code] / np.maximum(churners[:, 0], 1)
        lift = recall / np.maximum(called[:, code] / customers, 1 / customers)
        about = int(called[0, code]), int(churners[0, code])
        for name, values in (("precision", precision), ("recall", recall), ("lift", lift)):
            estimate = estimated(float(values[0]), [*values[1:]])
            yield _kept(f"{name}_from_{tiers.names[code]}", estimate, *about)


def _sizes(
    is_churned: Flags, probabilities: Vector, decision: Decision
) -> dict[str, tuple[int, int]]:
    """Return how many customers and churners a metric of some customers is about, by name."""
    is_called = probabilities >= decision.threshold
    contacted = max(1, round(decision.capacity_pct / 100 * len(probabilities)))
    riskiest = np.argsort(-probabilities, kind="stable")[:contacted]
    at_capacity = contacted, int(is_churned[riskiest].sum())

    return {
        "precision": (int(is_called.sum()), int(is_churned[is_called].sum())),
        "precision_at_capacity": at_capacity,
        "lift_at_capacity": at_capacity,
    }


def _kept(
    name: str,
    estimate: Estimate,
    customers: int | None = None,
    churners: int | None = None,
) -> Measured:
    """Return a metric as it is kept: an end that is no number has none."""
    lower, upper = (None if math.isnan(end) else end for end in (estimate.lower, estimate.upper))

    return Measured(name, estimate.value, lower, upper, customers, churners)
