"""What training hands on: a fitted model, and everything its directory is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.features.level_effects import LevelEffects
from pipelines.domain.scoring.predictor import Predictor
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.training.candidate import Trial
from pipelines.domain.training.evaluation import Estimate
from pipelines.domain.training.measures.costs import Costs
from pipelines.domain.training.measures.decisions import Decision
from pipelines.domain.training.measures.slices import Slice
from pipelines.domain.training.measures.worth import Worth
from pipelines.domain.training.tier_promises import TierPromise


@dataclass(frozen=True, slots=True)
class Fitted:
    """
    A fitted model of one family.

    Attributes:
        family: One of FAMILIES.
        predictor: Ready to score.
        weights: What the predictor is read from again, as a file's bytes.
        importances: Share of each feature in the model, in contract order; sums to 1.
        parameters: Hyperparameters it was fitted with.
        effects: Of the levels of categories with many of them, which the predictor is told for
            codes; what is read from the weights alone is not.
    """

    family: str
    predictor: Predictor
    weights: bytes
    importances: tuple[float, ...]
    parameters: Mapping[str, float | int | str]
    effects: LevelEffects = field(default_factory=LevelEffects)


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """
    Everything a model directory is written from.

    Attributes:
        spec: How it is used.
        fitted: The model.
        evaluation: On the test rows, by metric.
        out_of_fold: On the rows it learned from, by models and calibrators that had not seen them.
        tiers: What each tier promises, on the rows of both.
        cross_validation: Mean and standard deviation of AUC over folds; empty where there are none.
        candidates: Mean AUC over the folds, of the best of every family.
        slices: How good it is for groups of customers, on the rows of both.
        data_fingerprint: Of the rows it learned from and was tested on.
        counts: Rows and churners by part.
        decision: Whom the business contacts, which precision and recall are of.
        costs: What contacting them costs and saves, which profit is of.
        golden: Feature columns of a few test rows.
        reference: Feature columns and churn_probability of rows, by models that had not seen them.
        is_churned: Outcomes of the test rows.
        probabilities: Their scores.
        folds: The models of the folds, which can judge what the model learned from.
        trials: Every set of parameters that was tried, by family, its own first.
        worth: What each family of features adds; empty where nobody asked.
    """

    spec: ModelSpec
    fitted: Fitted
    evaluation: Mapping[str, Estimate]
    out_of_fold: Mapping[str, Estimate]
    tiers: tuple[TierPromise, ...]
    cross_validation: Mapping[str, float]
    candidates: Mapping[str, float]
    slices: tuple[Slice, ...]
    data_fingerprint: str
    counts: Mapping[str, Mapping[str, int]]
    decision: Decision
    costs: Costs
    golden: pa.Table
    reference: pa.Table
    is_churned: npt.NDArray[np.bool_]
    probabilities: npt.NDArray[np.float64]
    folds: tuple[Fitted, ...] = ()
    trials: Mapping[str, tuple[Trial, ...]] = field(default_factory=dict)
    worth: tuple[Worth, ...] = ()

    def metrics(self) -> dict[str, float]:
        """Return every number under its name in the registry."""
        flat = {name: estimate.value for name, estimate in self.evaluation.items()}
        for name, estimate in self.evaluation.items():
            flat[f"{name}_lower"], flat[f"{name}_upper"] = estimate.lower, estimate.upper

        flat |= {f"out_of_fold_{name}": item.value for name, item in self.out_of_fold.items()}

        return {
            **flat,
            **self.cross_validation,
            **{f"out_of_fold_auc_{family}": value for family, value in self.candidates.items()},
        }

    def tags(self) -> dict[str, str]:
        """Return what its version is found by in the registry."""
        return {
            "population": self.spec.population,
            "family": self.spec.family,
            "contract_fingerprint": self.spec.contract.fingerprint,
            "data_fingerprint": self.data_fingerprint,
        }

    def training(self) -> dict[str, Any]:
        """Return what it was trained on, as JSON-compatible values."""
        return {
            "as_of": self.spec.as_of.isoformat(),
            "roles": self.spec.split.to_dict(),
            "counts": {part: dict(counts) for part, counts in self.counts.items()},
            "data_fingerprint": self.data_fingerprint,
            "contract_fingerprint": self.spec.contract.fingerprint,
            "parameters": dict(self.fitted.parameters),
        }
