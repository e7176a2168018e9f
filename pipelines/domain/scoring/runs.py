"""One attempt to score one population at one as_of with one model version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from pipelines.errors import NothingStaged

Status = Literal["staging", "staged", "published", "rejected", "superseded"]


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """
    A row of churn.score_runs.

    Attributes:
        run_id: Number of the run.
        population: Who was scored.
        as_of: The date they were scored at.
        status: staging → staged → published, rejected or superseded.
        model_name: Registered model.
        model_version: The version that was champion when the run began.
        contract_fingerprint: Contract of the model and of the features it was given.
        rows: Customers scored; None while staging.
        scores_hash: Fingerprint of the list; equal for equal lists.
        reason: Why it was rejected or superseded.
        created_at: When the run began.
        published_at: When readers first saw it.
        tier_bounds: Where its tiers begin, as JSON-compatible values; None in runs of before.
    """

    run_id: int
    population: str
    as_of: date
    status: Status
    model_name: str
    model_version: int
    contract_fingerprint: str
    rows: int | None
    scores_hash: str | None
    reason: str | None
    created_at: datetime
    published_at: datetime | None
    tier_bounds: Mapping[str, Any] | None = field(default=None, hash=False)

    def require_whole(self, kept: int) -> None:
        """
        Refuse to show a list that is not whole.

        Args:
            kept: Scores there are of this run.

        Raises:
            NothingStaged: Some are missing, or it never had any.
        """
        if kept and kept == self.rows:
            return
        raise NothingStaged(
            f"run {self.run_id} of {self.population} {self.as_of} has {kept} of its {self.rows} "
            "scores, and a list that is not whole is not published",
            next_step=f"churn score --population {self.population} --as-of {self.as_of}",
        )
