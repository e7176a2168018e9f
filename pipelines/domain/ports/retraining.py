"""What followed from the evidence of nights."""

from datetime import date
from typing import Protocol

from pipelines.domain.retraining.decision import RetrainingDecision


class Retrainings(Protocol):
    """The decisions whether a model is trained."""

    def record(self, decision: RetrainingDecision) -> None:
        """Keep the decision of a night; that of an earlier run of it is replaced."""

    def before(self, population: str, as_of: date) -> list[RetrainingDecision]:
        """Return the decisions of the nights before *as_of*, oldest first."""

    def of_night(self, population: str, as_of: date) -> RetrainingDecision | None:
        """Return the decision of one night, or None."""
