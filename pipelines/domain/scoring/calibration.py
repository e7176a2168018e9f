"""From a model's margin to a probability that means what it says, as a line through knots."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from pipelines.domain.arrays import Vector
from pipelines.errors import ContractMismatch

# Beyond the outermost knots the log-odds follow the margin, so that the order of extreme customers
# is kept; 32 is further than any margin seen.
TAIL_MARGINS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
# Where a straight line has its two knots, further than any margin.
FURTHEST_MARGIN = 128.0
# Beyond these float64 rounds the probability to 0 or 1.
FURTHEST_ODDS = 36.0

Scale = Literal["log_odds", "probability"]
SCALES: tuple[Scale, ...] = ("log_odds", "probability")


@dataclass(frozen=True, slots=True)
class Calibrator:
    """
    Probabilities by linear interpolation between knots.

    Attributes:
        margins: Log-odds as the model gives them, strictly ascending.
        values: What they are calibrated to, strictly ascending.
        scale: What the values are, and what is interpolated: log-odds, or probabilities as it was
            done before.
    """

    margins: tuple[float, ...]
    values: tuple[float, ...]
    scale: Scale = "log_odds"

    def __post_init__(self) -> None:
        """Refuse knots that would not keep the order of customers."""
        margins, values = np.asarray(self.margins), np.asarray(self.values)
        is_legal = (
            len(margins) == len(values) >= 2
            and np.isfinite(margins).all()
            and np.isfinite(values).all()
            and (np.diff(margins) > 0).all()
            and (np.diff(values) > 0).all()
            and (self.scale == "log_odds" or (values[0] > 0 and values[-1] < 1))
        )
        if not is_legal:
            raise ContractMismatch(
                f"a calibrator of {len(margins)} margins and {len(values)} values does not ascend "
                "strictly to probabilities within (0, 1)",
                next_step="churn train",
            )

    @classmethod
    def line(cls, slope: float, intercept: float) -> Self:
        """
        Return the calibrator whose log-odds are `slope * margin + intercept` (Platt 1999).

        Args:
            slope: Above 0.
            intercept: Log-odds at a margin of 0.
        """
        ends = (-FURTHEST_MARGIN, FURTHEST_MARGIN)

        return cls(ends, tuple(slope * margin + intercept for margin in ends))

    @classmethod
    def through(cls, margins: Vector, probabilities: Vector) -> Self:
        """
        Return the calibrator through centres of probability, with tails on both sides.

        Args:
            margins: `(n,)` ascending strictly, n at least 1.
            probabilities: `(n,)` ascending strictly within (0, 1).
        """
        distances = np.asarray(TAIL_MARGINS)
        odds = np.log(probabilities / (1 - probabilities))
        below, above = distances[::-1], distances

        return cls(
            tuple(np.concatenate([margins[0] - below, margins, margins[-1] + above]).tolist()),
            tuple(np.concatenate([odds[0] - below, odds, odds[-1] + above]).tolist()),
        )

    def apply(self, margins: Vector) -> Vector:
        """Return the probability of each of *margins*, row by row alike whatever the batch."""
        values = np.interp(margins, self.margins, self.values)
        if self.scale == "probability":
            return values

        return np.asarray(1 / (1 + np.exp(-np.clip(values, -FURTHEST_ODDS, FURTHEST_ODDS))))

    def log_odds(self, margins: Vector) -> Vector:
        """Return the log-odds of the probability of each of *margins*."""
        probabilities = self.apply(margins)

        return np.asarray(np.log(probabilities) - np.log1p(-probabilities))

    def to_dict(self) -> dict[str, Any]:
        """Return the knots as JSON-compatible values."""
        return {"scale": self.scale, "margins": [*self.margins], "values": [*self.values]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Read what `to_dict` wrote, or what it wrote when the values were probabilities.

        Raises:
            ContractMismatch: It does not ascend strictly, or has other keys.
        """
        if {*data} == {"margins", "probabilities"}:
            return cls(tuple(data["margins"]), tuple(data["probabilities"]), "probability")
        if {*data} != {"scale", "margins", "values"} or data["scale"] not in SCALES:
            raise ContractMismatch(
                f"a calibrator of {', '.join(sorted(data))} is none this program knows",
                next_step="churn train",
            )

        return cls(tuple(data["margins"]), tuple(data["values"]), data["scale"])
