"""Scoring: one pure function, Arrow batch in, Arrow batch out."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Matrix
from pipelines.domain.features.encoding import encode
from pipelines.domain.scoring.reasons import REASONS, top_reasons
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy

SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("churn_probability", pa.float64()),
        ("risk_tier", pa.string()),
        ("recommended_action", pa.string()),
        *((f"reason_{rank}", pa.string()) for rank in range(1, REASONS + 1)),
    ]
)


class Predictor(Protocol):
    """A fitted model of any family; a row's answer never depends on the other rows."""

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers,)` uncalibrated log-odds of `(n_customers, n_features)`."""

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers, n_features)`: what each feature adds to the log-odds."""


def score_batch(
    batch: pa.RecordBatch, *, spec: ModelSpec, predictor: Predictor, tiers: TierPolicy
) -> pa.RecordBatch:
    """
    Return the scores of *batch*, row for row.

    Args:
        batch: `customer_id` and the features of the contract. Not modified.
        spec: How features become the matrix and margins probabilities.
        predictor: The fitted model the spec belongs to.
        tiers: Thresholds and actions.

    Returns:
        The columns of SCHEMA; reasons from the second-lowest tier upward.

    Raises:
        ContractMismatch: The batch does not meet the spec's contract.
    """
    matrix = encode(batch, spec.contract).matrix
    probabilities = spec.calibrator.apply(predictor.margins(matrix))
    codes = tiers.cut(probabilities)
    reasons = [np.full(batch.num_rows, None, dtype=object) for _ in range(REASONS)]

    at_risk = np.flatnonzero(codes > 0)
    if len(at_risk):
        contributions = predictor.contributions(matrix[at_risk])
        texts = top_reasons(batch.take(pa.array(at_risk)), contributions, spec.contract)
        for column, text in zip(reasons, texts, strict=True):
            column[at_risk] = text

    indices = pa.array(codes)
    names = pa.DictionaryArray.from_arrays(indices, list(tiers.names))
    actions = pa.DictionaryArray.from_arrays(indices, list(tiers.actions.values()))

    return pa.RecordBatch.from_arrays(
        [
            batch.column("customer_id").cast(pa.string()),
            pa.array(probabilities, pa.float64()),
            names.cast(pa.string()),
            actions.cast(pa.string()),
            *(pa.array(column, pa.string()) for column in reasons),
        ],
        schema=SCHEMA,
    )
