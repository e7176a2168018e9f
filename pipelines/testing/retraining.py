"""Decisions whether a model is trained, in memory."""

from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.retraining.decision import RetrainingDecision


@dataclass
class MemoryRetrainings:
    """
    The decisions of nights.

    Attributes:
        decisions: By population and as_of; a re-run replaces.
    """

    decisions: dict[tuple[str, date], RetrainingDecision] = field(default_factory=dict)

    def record(self, decision: RetrainingDecision) -> None:
        """Keep the decision of a night."""
        self.decisions[decision.population, decision.as_of] = decision

    def before(self, population: str, as_of: date) -> list[RetrainingDecision]:
        """Return the decisions of earlier nights, oldest first."""
        return [
            decision
            for (name, day), decision in sorted(self.decisions.items())
            if name == population and day < as_of
        ]

    def of_night(self, population: str, as_of: date) -> RetrainingDecision | None:
        """Return the decision of one night, or None."""
        return self.decisions.get((population, as_of))
