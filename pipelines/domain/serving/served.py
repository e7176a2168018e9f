"""A model in service: what it takes to answer with it, and nothing that has to be read again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.domain.features.rows import Row
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.serving.answers import Answer, score_rows


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """
    A champion, ready to answer. Whoever holds one is answered by it, whatever comes after it.

    Attributes:
        version: Which one it is.
        spec: How it is used.
        predictors: The fitted models, made for a few rows at a time.
    """

    version: ModelVersion
    spec: ModelSpec
    predictors: CrossFitted

    @property
    def needs_customer(self) -> bool:
        """Whether it depends on the id of a customer which of its models tells them."""
        return bool(self.predictors.folds)

    def answers(
        self,
        rows: Sequence[Row],
        customer_ids: Sequence[str],
        tiers: TierPolicy,
        *,
        is_for_everyone: bool,
        bounds: TierBounds | None = None,
        tiers_before: Mapping[str, str] | None = None,
    ) -> list[Answer]:
        """
        Return the scores of *rows*, of which `encode_rows` has found none at fault.

        Args:
            rows: Features by name. Not modified.
            customer_ids: `(n_rows,)` whose they are.
            tiers: Thresholds and actions.
            is_for_everyone: Whether the lowest tier has reasons too.
            bounds: Where tiers begin; the thresholds without them.
            tiers_before: Tiers by customer in which those bounds hold; None holds nobody.
        """
        return score_rows(
            rows,
            customer_ids,
            spec=self.spec,
            predictors=self.predictors,
            tiers=tiers,
            is_for_everyone=is_for_everyone,
            bounds=bounds,
            tiers_before=tiers_before,
        )
