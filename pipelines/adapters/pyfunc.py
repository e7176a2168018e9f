"""A model directory as a plain MLflow model, for people's `mlflow.pyfunc.load_model`."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.models.directory import LoadedModel


class ChurnModel:
    """
    What `predict` is called on.

    Args:
        model: A loaded model directory.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model = model

    def predict(self, frame: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """
        Return `churn_probability`, on the index of *frame*.

        Args:
            frame: The feature columns, as the feature table has them. Not modified.
            params: MLflow hands them through; there are none.

        Raises:
            ContractMismatch: *frame* does not meet the model's contract.
        """
        del params
        rows = pa.Table.from_pandas(frame, preserve_index=False)

        return pd.DataFrame(
            {"churn_probability": self._model.probabilities(rows)}, index=frame.index
        )


def _load_pyfunc(path: str) -> ChurnModel:
    """Load what MLmodel points at; MLflow calls this by name."""
    return ChurnModel(model_directory.load(Path(path)))
