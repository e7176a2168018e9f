"""Risk tiers: which customers are at which risk, and what to do about them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.errors import ConfigError

TIERS = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """
    Thresholds and actions.

    Attributes:
        medium: Lowest churn probability of the tier.
        high: Likewise.
        critical: Likewise.
        actions: What is recommended, by tier.
    """

    medium: float
    high: float
    critical: float
    actions: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse thresholds out of order and tiers without an action."""
        missing = [tier for tier in TIERS if tier not in self.actions]
        if missing or not 0 < self.medium < self.high < self.critical < 1:
            raise ConfigError(
                f"tiers begin at {self.medium}, {self.high} and {self.critical}, which must ascend "
                f"within (0, 1); tiers without an action: {', '.join(missing) or 'none'}",
                next_step="edit [tiers] of churn.toml",
            )

    def cut(self, probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
        """
        Return the position in TIERS of each of *probabilities*; a threshold belongs to its tier.

        In float64 on purpose: `float32(0.7) >= 0.7` is False.
        """
        thresholds = np.array([self.medium, self.high, self.critical], dtype=np.float64)

        return np.searchsorted(thresholds, probabilities.astype(np.float64), side="right")
