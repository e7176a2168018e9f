"""The table [loop] of churn.toml: how often evidence may start a training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pipelines.domain.ranges import Range, require


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLimits:
    """
    When evidence against the champion starts a training.

    Attributes:
        drifted_nights: So many of the last `of_nights` have to have drifted, tonight among them.
        of_nights: See there.
        cooldown_days: A training is asked for at most once in so many days.
        monthly_cap: And at most so often in 30 days; beyond it a person is asked.
        futile_trainings: After so many that promoted nobody since the champion was, one is asked.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "drifted_nights": Range(at_least=1),
        "of_nights": Range(at_least=1),
        "cooldown_days": Range(at_least=1),
        "monthly_cap": Range(at_least=1),
        "futile_trainings": Range(at_least=1),
    }

    drifted_nights: int = 1
    of_nights: int = 3
    cooldown_days: int = 7
    monthly_cap: int = 3
    futile_trainings: int = 2

    def __post_init__(self) -> None:
        """
        Refuse what no training would ever follow from.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)
        if self.drifted_nights > self.of_nights:
            raise ValueError(
                f"drifted_nights is {self.drifted_nights} and has to be at most of_nights, "
                f"{self.of_nights}"
            )
