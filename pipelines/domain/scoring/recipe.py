"""How the customers of one list are scored: all that decides about a row, but the row."""

from dataclasses import dataclass

import pyarrow as pa

from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import Before, TiersBefore, score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import ModelVersion


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    What one list is scored by; a row's answer never depends on the other rows.

    Attributes:
        version: The registered version of the model.
        spec: How features become the matrix and margins probabilities.
        predictors: The fitted models the spec belongs to.
        tiers: Thresholds and actions.
        bounds: Where the tiers of this list begin.
        is_for_everyone: Whether the lowest tier has reasons too.
        before: The model of the list before, to tell what changed because the model did.
        tiers_before: Tells the tiers of the list before, where customers are held in them.
    """

    version: ModelVersion
    spec: ModelSpec
    predictors: CrossFitted
    tiers: TierPolicy
    bounds: TierBounds
    is_for_everyone: bool = False
    before: Before | None = None
    tiers_before: TiersBefore | None = None

    def scores_of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the scores of *batch*, row for row, as `score_batch` does."""
        return score_batch(
            batch,
            spec=self.spec,
            predictors=self.predictors,
            tiers=self.tiers,
            is_for_everyone=self.is_for_everyone,
            before=self.before,
            bounds=self.bounds,
            tiers_before=self.tiers_before,
        )
