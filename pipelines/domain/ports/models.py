"""Models: what fits them, where their versions are kept, and the record of promotions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted, Predictor
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import Alias, ModelVersion
from pipelines.domain.training.candidate import Candidate, Parameters
from pipelines.domain.training.folds import Fold
from pipelines.domain.training.package import Fitted, ModelPackage
from pipelines.domain.training.promotion import Promotion


class Trainer(Protocol):
    """Searches, fits, calibrates and cross-validates models of every family."""

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
        trials: int,
        seconds: float,
    ) -> Candidate:
        """
        Try at most *trials* sets of parameters, at least one; none is begun after *seconds*.

        ContractMismatch if there is no such family. Where the seconds suffice, the same rows and
        seed give the same candidate.
        """

    def fit(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        customer_ids: pa.Array | pa.ChunkedArray,
        parameters: Parameters,
        contract: FeatureContract,
        seed: int,
    ) -> Fitted:
        """
        Fit one family on all rows, with the parameters of a trial of its own.

        What a level of a category says of a row is learned from rows of other *customer_ids*. The
        same rows and seed give the same model, byte for byte; they are afterwards what they were.
        """

    def calibrate(self, margins: Vector, is_churned: Flags) -> Calibrator:
        """
        Fit the line from margin to probability; both outcomes have to be among *is_churned*.

        Probabilities rise with the margins, and nobody is certain.
        """

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
        """Return the AUC of each fold, of a model that was fitted on what it learned."""


class Model(Protocol):
    """A registered model, ready to score."""

    @property
    def spec(self) -> ModelSpec:
        """How features become its matrix and margins probabilities, and what it learned from."""

    @property
    def predictor(self) -> Predictor:
        """What turns the matrix into margins."""

    @property
    def predictors(self) -> CrossFitted:
        """The predictor each customer is told by."""

    def folds(self) -> tuple[Predictor, ...]:
        """
        Return the models of the folds, by number; none of a model from before they were kept.

        Each can judge its origin of the spec, or its share of the customers, which it has not seen.
        """

    @property
    def importances(self) -> Mapping[str, float]:
        """Share of each feature in the model, by name."""

    @property
    def evaluation(self) -> Mapping[str, Any]:
        """How good it was: by `test`, then by measure, its `value`, `lower` and `upper`."""

    def probabilities(self, rows: pa.RecordBatch | pa.Table) -> Vector:
        """Return the probability of each of *rows*; ContractMismatch if a feature is missing."""

    def reference(self) -> pa.Table:
        """Return a sample of the features and `churn_probability` at training, for drift."""


class Registry(Protocol):
    """Registered versions of the models, and the aliases that say what they are for."""

    def champion(self, population: str) -> ModelVersion | None:
        """
        Return the version that scores *population*, or None.

        ArtefactDamaged if it is not the one that was promoted.
        """

    def version(self, population: str, alias: Alias) -> ModelVersion | None:
        """Return the version *alias* means now, or None."""

    def numbered(self, population: str, number: int) -> ModelVersion:
        """Return one version by its number; RegistryUnavailable if there is none."""

    def register(self, package: ModelPackage, *, params: Mapping[str, Any]) -> ModelVersion:
        """Record a training and its model as the next version; *params* say how it was fitted."""

    def set_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean *version*; RegistryUnavailable if there is no such version."""

    def drop_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean nothing, whichever version it meant; that it meant none is no fault."""

    def load(self, version: ModelVersion) -> Model:
        """Return the model; ArtefactDamaged unless every byte is what was registered."""


class Promotions(Protocol):
    """Decisions about champions."""

    def record(self, promotion: Promotion) -> None:
        """Add one decision."""

    def history(self, population: str) -> list[Promotion]:
        """Return the decisions about *population*, oldest first."""
