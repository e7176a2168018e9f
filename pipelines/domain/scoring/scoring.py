"""Scoring: one pure function, Arrow batch in, Arrow batch out."""

import numpy as np
import pyarrow as pa

from pipelines.domain.features.encoding import encode
from pipelines.domain.scoring.predictor import CrossFitted
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


def score_batch(
    batch: pa.RecordBatch, *, spec: ModelSpec, predictors: CrossFitted, tiers: TierPolicy
) -> pa.RecordBatch:
    """
    Return the scores of *batch*, row for row.

    Args:
        batch: `customer_id` and the features of the contract. Not modified.
        spec: How features become the matrix and margins probabilities.
        predictors: The fitted models the spec belongs to.
        tiers: Thresholds and actions.

    Returns:
        The columns of SCHEMA; reasons from the second-lowest tier upward.

    Raises:
        ContractMismatch: The batch does not meet the spec's contract.
    """
    matrix = encode(batch, spec.contract).matrix
    customer_ids = batch.column("customer_id").cast(pa.string())
    probabilities = spec.calibrator.apply(predictors.margins(matrix, customer_ids))
    codes = tiers.cut(probabilities)
    reasons = [np.full(batch.num_rows, None, dtype=object) for _ in range(REASONS)]

    at_risk = np.flatnonzero(codes > 0)
    if len(at_risk):
        chosen = pa.array(at_risk)
        contributions = predictors.contributions(matrix[at_risk], customer_ids.take(chosen))
        texts = top_reasons(batch.take(chosen), contributions, spec.contract)
        for column, text in zip(reasons, texts, strict=True):
            column[at_risk] = text

    indices = pa.array(codes)
    names = pa.DictionaryArray.from_arrays(indices, list(tiers.names))
    actions = pa.DictionaryArray.from_arrays(indices, list(tiers.actions.values()))

    return pa.RecordBatch.from_arrays(
        [
            customer_ids,
            pa.array(probabilities, pa.float64()),
            names.cast(pa.string()),
            actions.cast(pa.string()),
            *(pa.array(column, pa.string()) for column in reasons),
        ],
        schema=SCHEMA,
    )
