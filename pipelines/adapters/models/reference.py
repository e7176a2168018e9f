"""What a registered model was trained on, as drift compares it with tonight."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.adapters.models.directory import LoadedModel
from pipelines.domain.features.contract import FeatureContract


@dataclass(frozen=True)
class ModelReference:
    """
    The drift reference of a model directory.

    Attributes:
        model: The model, checked.
    """

    model: LoadedModel

    @property
    def contract(self) -> FeatureContract:
        """The features the model reads."""
        return self.model.spec.contract

    @property
    def table(self) -> pa.Table:
        """A sample of their values, and of `churn_probability`."""
        return pq.read_table(self.model.reference_path)

    @property
    def importances(self) -> Mapping[str, float]:
        """Share of the gain by feature."""
        return self.model.importances
