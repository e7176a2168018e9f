"""What one customer's score is, for whoever asks about one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.domain.features.rows import Row, RowsAsBatch, encode_rows
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import STORED, TEXTS, score_encoded
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy


@dataclass(frozen=True, slots=True)
class Answer:
    """
    The score of one customer.

    Attributes:
        churn_probability: As a night would publish it, in every bit.
        risk_tier: Name of the tier it is in.
        recommended_action: What to do.
        reasons: In words, strongest first; none in the lowest tier unless reasons are for everyone.
        explanation: The same as numbers (see `stored_reasons`); None where there are no reasons,
            and of a model that knows no usual values.
    """

    churn_probability: float
    risk_tier: str
    recommended_action: str
    reasons: tuple[str, ...]
    explanation: Mapping[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values, which are its own: nothing is copied."""
        return {
            "churn_probability": self.churn_probability,
            "risk_tier": self.risk_tier,
            "recommended_action": self.recommended_action,
            "reasons": self.reasons,
            "explanation": self.explanation,
        }


def score_rows(
    rows: Sequence[Row],
    customer_ids: Sequence[str],
    *,
    spec: ModelSpec,
    predictors: CrossFitted,
    tiers: TierPolicy,
    is_for_everyone: bool = False,
    bounds: TierBounds | None = None,
    tiers_before: Mapping[str, str] | None = None,
) -> list[Answer]:
    """
    Return the scores of *rows*, by the code of the night.

    Args:
        rows: Features by name; `encode_rows` has found no fault in any. Not modified.
        customer_ids: `(n_rows,)` whose they are; where the spec is not cross-fitted anything will
            do.
        spec: How features become the matrix and margins probabilities.
        predictors: The fitted models the spec belongs to.
        tiers: Thresholds and actions.
        is_for_everyone: Whether the lowest tier has reasons too.
        bounds: Where tiers begin; the thresholds without them.
        tiers_before: Tiers by customer in which those bounds hold; None holds nobody.
    """
    matrix = encode_rows(rows, spec.contract).matrix
    scored = score_encoded(
        RowsAsBatch(rows, spec.contract, customer_ids),
        matrix,
        spec=spec,
        predictors=predictors,
        tiers=tiers,
        is_for_everyone=is_for_everyone,
        bounds=bounds,
        tiers_before=None if tiers_before is None else lambda _ids: tiers_before,
    )

    return answers(scored)


def answers(scored: pa.RecordBatch) -> list[Answer]:
    """Return each row of a scored batch (SCHEMA) as an answer."""
    return [
        Answer(
            churn_probability=row["churn_probability"],
            risk_tier=row["risk_tier"],
            recommended_action=row["recommended_action"],
            reasons=tuple(row[name] for name in TEXTS if row[name] is not None),
            explanation=None if row[STORED] is None else json.loads(row[STORED]),
        )
        for row in scored.to_pylist()
    ]
