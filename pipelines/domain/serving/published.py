"""What is published of one customer: the score of the latest list, and how it came there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.serving.answers import Answer


@dataclass(frozen=True, slots=True)
class Move:
    """
    Why the score of a customer moved since the list before (churn.score_moves), in log-odds.

    Attributes:
        previous_date: Date of the list before.
        previous_probability: Its score.
        is_model_changed: Whether another model scored it.
        log_odds_change: By how much the log-odds moved.
        by_data: What of it is because the customer changed; None where nobody can tell.
        by_model: What of it is because the model changed.
        data_themes: The parts of `by_data`, by theme.
        model_themes: The parts of `by_model`, by theme.
    """

    previous_date: date
    previous_probability: float
    is_model_changed: bool
    log_odds_change: float
    by_data: float | None
    by_model: float | None
    data_themes: Mapping[str, float] | None
    model_themes: Mapping[str, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values, which are its own: nothing is copied."""
        return {
            "previous_date": self.previous_date.isoformat(),
            "previous_probability": self.previous_probability,
            "is_model_changed": self.is_model_changed,
            "log_odds_change": self.log_odds_change,
            "by_data": self.by_data,
            "by_model": self.by_model,
            "data_themes": self.data_themes,
            "model_themes": self.model_themes,
        }


@dataclass(frozen=True, slots=True)
class PastScore:
    """
    The score of a customer in one published list.

    Attributes:
        as_of: Date of the list.
        churn_probability: The score.
        risk_tier: Its tier.
        model_version: What scored it.
        move: Why it moved since the list before; None where no reasons were stored.
    """

    as_of: date
    churn_probability: float
    risk_tier: str
    model_version: int
    move: Move | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values, which are its own: nothing is copied."""
        return {
            "as_of": self.as_of.isoformat(),
            "churn_probability": self.churn_probability,
            "risk_tier": self.risk_tier,
            "model_version": self.model_version,
            "move": None if self.move is None else self.move.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Cut:
    """
    How a published list was cut into tiers.

    Attributes:
        as_of: Date of the list.
        bounds: Where its tiers begin.
    """

    as_of: date
    bounds: TierBounds


@dataclass(frozen=True, slots=True)
class PublishedCustomer:
    """
    One customer of the latest published list.

    Attributes:
        as_of: Date of the list.
        published_at: When readers first saw it.
        model_version: What scored it.
        answer: The score, with tier, action and reasons.
        history: The customer in this list and in those before, latest first.
    """

    as_of: date
    published_at: datetime
    model_version: int
    answer: Answer
    history: tuple[PastScore, ...]
