"""The table [outcomes] of churn.toml: when what happened is evidence against a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from pipelines.domain.ranges import Range, require

# Of these the smaller is the better, so that what is named for them is a ceiling.
LOSSES: Final = ("brier", "log_loss")
# What may have a floor: measured of every list with both outcomes, whatever its tiers are called.
WITH_FLOOR: Final = (
    "accuracy",
    "auc",
    *LOSSES,
    "f1",
    "lift_10pct",
    "lift_at_capacity",
    "pr_auc",
    "precision",
    "precision_at_capacity",
    "recall",
    "recall_at_capacity",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLimits:
    """
    When a matured list says that the model is no longer as good as it was.

    Attributes:
        confidence_pct: What is said has to hold with so much confidence, in percent.
        minimum_churners: With fewer who left, or were to leave, nothing is said of them.
        fall_pct: Fall of precision, in percent of what it was, that counts.
        calibration_pct: Excess or lack of churners over those expected, in percent, that counts.
        floors: The least a metric may be, by name; of a loss, the most.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "confidence_pct": Range(above=50, below=100),
        "minimum_churners": Range(at_least=5),
        "fall_pct": Range(above=0, below=100),
        "calibration_pct": Range(above=0),
    }

    confidence_pct: float = 99.9
    minimum_churners: int = 30
    fall_pct: float = 10.0
    calibration_pct: float = 25.0
    floors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """
        Refuse what no list can be judged by.

        Raises:
            ValueError: A number lies outside of its range, or a floor is of no metric.
        """
        require(self, self.RANGES)
        if odd := sorted(set(self.floors) - set(WITH_FLOOR)):
            raise ValueError(
                f"floors names {', '.join(odd)}, which is no metric; legal here: "
                f"{', '.join(sorted(WITH_FLOOR))}"
            )
