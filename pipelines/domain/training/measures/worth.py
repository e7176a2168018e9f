"""Whether features earn their place: what a model is worth without a family of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.features.contract import Feature
from pipelines.domain.training.evaluation import Estimate, auc_difference
from pipelines.domain.training.folds import Fold, decided
from pipelines.domain.training.measures.shares import NORMAL_95

NO_FAMILY = "without a family"
# Of what all features cost; less is what a server's own moods make of it.
LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What the features of one day cost to work out.

    Attributes:
        seconds: All of them.
        without: All others; what a family shares with any of them is in it.
    """

    seconds: float
    without: float

    @property
    def told(self) -> str:
        """What would be saved without them, for people."""
        share = 1 - self.without / self.seconds
        if share < LEAST_SHARE:
            return f"none of {self.seconds:.2g} s: shared"

        return f"{100 * share:.0f} % of {self.seconds:.2g} s"

    def to_dict(self) -> dict[str, float]:
        """Return it as JSON-compatible values."""
        return {"seconds": self.seconds, "seconds_without": self.without}


@dataclass(frozen=True, slots=True)
class Worth:
    """
    What a family of features adds to a model.

    Attributes:
        family: Its name.
        features: How many they are.
        auc: What the mean AUC over the folds loses without them; below 0, it is better without.
        cost: What they cost to build; None where that was not measured.
    """

    family: str
    features: int
    auc: Estimate
    cost: Cost | None = None

    @property
    def told(self) -> str:
        """The loss and its interval, for people."""
        loss = self.auc

        return f"{loss.value:+.4f} [{loss.lower:+.4f}, {loss.upper:+.4f}]"

    @property
    def cost_told(self) -> str:
        """What building them costs, for people; empty where that was not measured."""
        return self.cost.told if self.cost else ""

    @property
    def verdict(self) -> str:
        """Whether they earn their place, for people."""
        if self.auc.lower > 0:
            return "earn their place"

        return "harm" if self.auc.upper < 0 else "not surely worth anything"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return {
            "family": self.family,
            "features": self.features,
            "auc": self.auc.to_dict(),
            "cost": self.cost.to_dict() if self.cost else None,
            "verdict": self.verdict,
        }


def families(features: Iterable[Feature]) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the features of each family, in the order in which it comes first."""
    found: dict[str, tuple[str, ...]] = {}
    for feature in features:
        family = str(getattr(feature, "theme", "") or feature.family or NO_FAMILY)
        found[family] = (*found.get(family, ()), feature.name)

    return found


def lost(
    is_churned: Flags,
    whole: Vector,
    without: Vector,
    folds: Sequence[Fold],
    *,
    resamples: int,
    seed: int,
) -> Estimate:
    """
    Return how much higher the mean AUC over folds is with than without, and its 95 % interval.

    The folds' standard errors, by a bootstrap of the rows each judges, add up as of independent
    rows.

    Args:
        is_churned: `(n_rows,)`.
        whole: `(n_rows,)` log-odds by models of all features that had not seen the row.
        without: `(n_rows,)`, by models of the other features.
        folds: What they were judged on; one with a single outcome does not count.
        resamples: Number of bootstrap samples.
        seed: Seed of the resamples.
    """
    found = [
        auc_difference(
            is_churned[fold.judged],
            whole[fold.judged],
            without[fold.judged],
            resamples=resamples,
            seed=seed,
        )
        for fold in decided(folds, is_churned)
    ]
    if not found:
        return Estimate(0.0, 0.0, 0.0)
    value = float(np.mean([each.value for each in found]))
    error = float(np.linalg.norm([each.standard_error for each in found])) / len(found)

    return Estimate(value, value - NORMAL_95 * error, value + NORMAL_95 * error)
