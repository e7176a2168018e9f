"""What training and promotion need from the outside, as protocols the adapters meet."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import Matrix
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import Alias, ModelVersion
from pipelines.domain.training.evaluation import Flags, Vector
from pipelines.domain.training.package import Fitted
from pipelines.domain.training.promotion import Promotion


class Trainer(Protocol):
    """Model families."""

    def fit(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        is_held_back: Flags,
        contract: FeatureContract,
        seed: int,
    ) -> Fitted:
        """Fit one family."""

    def calibrate(self, margins: Vector, is_churned: Flags) -> Calibrator:
        """Fit the line from margin to probability."""

    def cross_validate(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        contract: FeatureContract,
        seed: int,
    ) -> Vector:
        """Return the AUC of each fold."""


class Model(Protocol):
    """A model ready to score."""

    @property
    def spec(self) -> ModelSpec:
        """How it is used, and what it was trained on."""

    def probabilities(self, rows: pa.RecordBatch | pa.Table) -> Vector:
        """Return the churn probability of each of *rows*."""


class Registry(Protocol):
    """Where versions are kept."""

    def version(self, population: str, alias: Alias) -> ModelVersion | None:
        """Return the version *alias* means now, or None."""

    def register(
        self,
        *,
        population: str,
        directory: Path,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        as_of: date,
    ) -> ModelVersion:
        """Record a training and its model."""

    def set_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean *version*."""

    def load(self, version: ModelVersion) -> Model:
        """Return the model, every byte checked."""

    def drop_alias(self, version: ModelVersion, alias: Alias) -> None:
        """Make *alias* mean nothing."""


class Promotions(Protocol):
    """Decisions about champions."""

    def record(self, promotion: Promotion) -> None:
        """Add one decision."""
