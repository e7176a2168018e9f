"""Candidates for a model: families with the parameters that ranked unseen customers best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.training.evaluation import auc, auc_difference
from pipelines.domain.training.folds import Fold, decided

Parameters = Mapping[str, float | int | str]

# A difference of fewer standard errors is none.
TIE = 0.5


@dataclass(frozen=True, slots=True)
class Between:
    """
    A range a search may take a number from.

    Attributes:
        low: Smallest.
        high: Largest.
        is_whole: Whether only whole numbers are meant.
        is_log: Whether every factor is as likely, and not every difference.
    """

    low: float
    high: float
    is_whole: bool = False
    is_log: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One set of parameters and what it came to.

    Attributes:
        parameters: Everything a fit takes, what the folds told (rounds) included.
        auc: Mean over the folds.
    """

    parameters: Parameters
    auc: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    The best of a family.

    Attributes:
        family: One of FAMILIES.
        margins: `(n_rows,)` log-odds by models of the best trial that had not seen the row; NaN
            where no fold judged.
        trials: Every set of parameters that was tried, the first of them the family's own.
    """

    family: str
    margins: Vector
    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The first of those that ranked best."""
        return max(self.trials, key=lambda trial: trial.auc)


def mean_auc(is_churned: Flags, margins: Vector, folds: Sequence[Fold]) -> float:
    """
    Return the mean AUC over folds, so that margins of two models are never ranked together.

    Args:
        is_churned: `(n_rows,)`.
        margins: `(n_rows,)` log-odds of each row by the model of its fold.
        folds: What the models were judged on; one with a single outcome does not count.
    """
    found = [
        auc(is_churned[fold.judged], margins[fold.judged]) for fold in decided(folds, is_churned)
    ]

    return float(np.mean(found)) if found else 0.5


def simplest(
    candidates: Sequence[Candidate],
    is_churned: Flags,
    folds: Sequence[Fold],
    *,
    resamples: int,
    seed: int,
) -> Candidate:
    """
    Return the first candidate that is as good as the best, but for half a standard error.

    A whole one, as Breiman et al. 1984 take of pruned trees, cost 0.01 AUC of 2,400 customers.

    Args:
        candidates: Simplest first, at least one; judged on the same folds.
        is_churned: `(n_rows,)`.
        folds: What the candidates were judged on.
        resamples: Number of bootstrap samples behind the standard error of the difference.
        seed: Seed of the resamples.
    """
    best = max(candidates, key=lambda candidate: candidate.best.auc)
    for candidate in candidates:
        if candidate is best:
            break
        errors = [
            auc_difference(
                is_churned[fold.judged],
                best.margins[fold.judged],
                candidate.margins[fold.judged],
                resamples=resamples,
                seed=seed,
            ).standard_error
            for fold in decided(folds, is_churned)
        ]
        if best.best.auc - candidate.best.auc <= TIE * np.linalg.norm(errors) / max(1, len(errors)):
            return candidate

    return best
