"""Models in memory: a registry, and a trainer that fits a line in milliseconds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted, Predictor
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import Alias, ModelVersion
from pipelines.domain.training.candidate import Candidate, Parameters, Trial, mean_auc
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.folds import Fold
from pipelines.domain.training.package import Fitted, ModelPackage
from pipelines.domain.training.promotion import Promotion
from pipelines.errors import ArtefactDamaged, ContractMismatch, RegistryUnavailable


@dataclass(frozen=True)
class LinearPredictor:
    """
    A weighted sum of features, NULL as 0.

    Attributes:
        weights: `(n_features,)`.
        base: Log-odds where every feature is 0.
    """

    weights: Vector
    base: float = 0.0

    def margins(self, matrix: Matrix) -> Vector:
        """Return `(n_customers,)` log-odds."""
        return np.asarray(self.contributions(matrix).sum(axis=1) + self.base)

    def contributions(self, matrix: Matrix) -> Vector:
        """Return `(n_customers, n_features)`: what each feature adds."""
        return np.nan_to_num(matrix.astype(np.float64)) * self.weights


@dataclass(frozen=True)
class MemoryModel:
    """
    A model that was never a file.

    Attributes:
        spec: How it is used.
        predictor: What turns the matrix into margins.
        importances: Share of each feature, by name.
        sample: What drift is measured against.
        fold_predictors: Predictors of the folds.
        evaluation: How good it was.
    """

    spec: ModelSpec
    predictor: Predictor
    importances: Mapping[str, float]
    sample: pa.Table
    fold_predictors: tuple[Predictor, ...] = ()
    evaluation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def predictors(self) -> CrossFitted:
        """The predictor each customer is told by."""
        folds = self.folds() if self.spec.is_cross_fitted else ()

        return CrossFitted(self.predictor, self.spec.split, folds)

    def folds(self) -> tuple[Predictor, ...]:
        """Return the models of the folds."""
        return self.fold_predictors

    def probabilities(self, rows: pa.RecordBatch | pa.Table) -> Vector:
        """Return the churn probability of each of *rows*."""
        matrix = encode(rows, self.spec.contract).matrix

        return self.spec.calibrator.apply(self.predictor.margins(matrix))

    def reference(self) -> pa.Table:
        """Return features and `churn_probability` at training."""
        return self.sample


@dataclass
class MemoryTrainer:
    """
    Fits the difference of the two means: weak and instant.

    Attributes:
        ignores: Features a family gives no weight to, so that one is worse than another.
    """

    ignores: Mapping[str, Collection[str]] = field(default_factory=dict)

    def search(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        customer_ids: pa.Array | pa.ChunkedArray,
        folds: Sequence[Fold],
        contract: FeatureContract,
        seed: int,
        trials: int,  # noqa: ARG002  there is nothing to try
        seconds: float,  # noqa: ARG002
    ) -> Candidate:
        """Let every fold judge; the only trial has no parameters."""
        margins = np.full(len(matrix), np.nan)
        fit = partial(self.fit, family, parameters={}, contract=contract, seed=seed)
        for fold in folds:
            fitted = fit(
                matrix=matrix[fold.learned],
                is_churned=is_churned[fold.learned],
                customer_ids=customer_ids.take(pa.array(fold.learned)),
            )
            margins[fold.judged] = fitted.predictor.margins(matrix[fold.judged])

        return Candidate(family, margins, (Trial({}, mean_auc(is_churned, margins, folds)),))

    def fit(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        customer_ids: pa.Array | pa.ChunkedArray,  # noqa: ARG002  its levels are codes
        parameters: Parameters,  # noqa: ARG002  it has none
        contract: FeatureContract,
        seed: int,
    ) -> Fitted:
        """Fit on all rows; ContractMismatch if there is no such family."""
        if family not in FAMILIES:
            raise ContractMismatch(
                f"there is no model family {family!r}", next_step=f"one of {', '.join(FAMILIES)}"
            )
        values = np.nan_to_num(matrix.astype(np.float64))
        spread = np.where(values.std(axis=0) > 0, values.var(axis=0), 1.0)
        weights = (values[is_churned].mean(axis=0) - values[~is_churned].mean(axis=0)) / spread
        weights[[name in self.ignores.get(family, ()) for name in contract.names]] = 0.0
        size = np.abs(weights) * values.std(axis=0)
        predictor = LinearPredictor(weights, -float(weights @ values.mean(axis=0)))

        return Fitted(
            family=family,
            predictor=predictor,
            weights=weights.tobytes(),
            importances=tuple((size / (size.sum() or 1.0)).tolist()),
            parameters={"seed": seed, "features": len(contract.features)},
        )

    def calibrate(self, margins: Vector, is_churned: Flags) -> Calibrator:
        """Draw a line through the churn rates of the lower and the upper half."""
        order = np.argsort(margins, kind="stable")
        halves = np.array_split(order, 2)
        centres = np.array([margins[half].mean() for half in halves])
        rates = np.array([(is_churned[half].sum() + 1) / (len(half) + 2) for half in halves])
        if not (centres[0] < centres[1] and rates[0] < rates[1]):
            centres, rates = centres[:1], np.array([(is_churned.sum() + 1) / (len(order) + 2)])

        return Calibrator.through(centres, rates)

    def cross_validate(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        customer_ids: pa.Array | pa.ChunkedArray,
        folds: Sequence[Fold],
        parameters: Parameters,
        contract: FeatureContract,
        seed: int,
    ) -> Vector:
        """Return the AUC of each fold."""
        found = []
        fit = partial(self.fit, family, parameters=parameters, contract=contract, seed=seed)
        for fold in folds:
            fitted = fit(
                matrix=matrix[fold.learned],
                is_churned=is_churned[fold.learned],
                customer_ids=customer_ids.take(pa.array(fold.learned)),
            )
            margins = fitted.predictor.margins(matrix[fold.judged])
            found.append(auc(is_churned[fold.judged], margins))

        return np.array(found)


@dataclass
class MemoryRegistry:
    """
    Versions and aliases.

    Attributes:
        models: By registered name, in the order of their versions.
        aliases: Registered name and alias to a number.
        params: Registered name and number to how that version was fitted.
        damaged: Names and numbers of versions that are not what was registered.
    """

    models: dict[str, list[tuple[ModelVersion, MemoryModel]]] = field(default_factory=dict)
    aliases: dict[tuple[str, Alias], int] = field(default_factory=dict)
    params: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    damaged: set[tuple[str, int]] = field(default_factory=set)

    def champion(self, population: str) -> ModelVersion | None:
        """Return the version that scores *population*, or None."""
        return self.version(population, "champion")

    def version(self, population: str, alias: Alias) -> ModelVersion | None:
        """Return the version *alias* means now, or None."""
        number = self.aliases.get((f"churn-{population}", alias))

        return None if number is None else self.numbered(population, number)

    def numbered(self, population: str, number: int) -> ModelVersion:
        """Return one version by its number; RegistryUnavailable if there is none."""
        return self._found(f"churn-{population}", number)[0]

    def register(self, package: ModelPackage, *, params: Mapping[str, Any]) -> ModelVersion:
        """Keep what *package* holds as the next version."""
        names = package.spec.contract.names
        version = self.add(
            MemoryModel(
                spec=package.spec,
                predictor=package.fitted.predictor,
                importances=dict(zip(names, package.fitted.importances, strict=True)),
                sample=package.reference,
                fold_predictors=tuple(fitted.predictor for fitted in package.folds),
                evaluation={"test": {k: each.to_dict() for k, each in package.evaluation.items()}},
            ),
            tags={**package.tags(), "as_of": package.spec.as_of.isoformat()},
        )
        self.params[version.name, version.version] = params

        return version

    def add(self, model: MemoryModel, *, tags: Mapping[str, str] | None = None) -> ModelVersion:
        """Keep *model* as the next version of its population."""
        name = f"churn-{model.spec.population}"
        known = self.models.setdefault(name, [])
        number = len(known) + 1
        version = ModelVersion(name, number, f"run-{name}-{number}", tags or {})
        known.append((version, model))

        return version

    def set_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean *version*; RegistryUnavailable if there is no such version."""
        self._found(version.name, version.version)
        self.aliases[version.name, alias] = version.version

    def drop_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean nothing."""
        self.aliases.pop((version.name, alias), None)

    def load(self, version: ModelVersion) -> MemoryModel:
        """Return the model; ArtefactDamaged if the test says it was damaged."""
        if (version.name, version.version) in self.damaged:
            raise ArtefactDamaged(f"{version} is not what was registered", next_step="churn train")

        return self._found(version.name, version.version)[1]

    def _found(self, name: str, number: int) -> tuple[ModelVersion, MemoryModel]:
        """Return one version and its model."""
        known = self.models.get(name, [])
        if not 1 <= number <= len(known):
            raise RegistryUnavailable(f"{name} has no version {number}", next_step="churn status")

        return known[number - 1]


@dataclass
class MemoryPromotions:
    """
    Decisions about champions.

    Attributes:
        recorded: Every one, oldest first.
    """

    recorded: list[Promotion] = field(default_factory=list)

    def record(self, promotion: Promotion) -> None:
        """Add one decision."""
        self.recorded.append(promotion)

    def history(self, population: str) -> list[Promotion]:
        """Return the decisions about *population*, oldest first."""
        return [item for item in self.recorded if item.population == population]
