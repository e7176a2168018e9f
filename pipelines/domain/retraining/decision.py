"""What followed from the evidence of one night."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

# `retrain`: a training is started. `ask`: a person decides, for trainings have not helped, or there
# were enough of them. `wait`: a training was started lately, and what came of it is not known yet.
# `alert`: people are told, and no training helps. `nothing`: there is no evidence.
Action = Literal["nothing", "alert", "wait", "retrain", "ask"]
Cause = Literal["drift", "outcomes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingDecision:
    """
    A row of churn.retraining_decisions.

    Attributes:
        population: Its name in churn.toml.
        as_of: The night.
        model_version: The version that scored it.
        action: What follows.
        causes: What speaks for another model; empty where nothing does.
        reason: Why, in sentences for people.
    """

    population: str
    as_of: date
    model_version: int
    action: Action
    causes: tuple[Cause, ...]
    reason: str

    @property
    def is_training_requested(self) -> bool:
        """Whether a training is started."""
        return self.action == "retrain"
