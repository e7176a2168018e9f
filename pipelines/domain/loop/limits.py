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
        monthly_cap: A training is asked for at most so often in 30 days; then a person is asked.
        futile_trainings: After so many that promoted nobody since the champion was, one is asked.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "monthly_cap": Range(at_least=1),
        "futile_trainings": Range(at_least=1),
    }

    monthly_cap: int = 3
    futile_trainings: int = 2

    def __post_init__(self) -> None:
        """
        Refuse what no training would ever follow from.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)
