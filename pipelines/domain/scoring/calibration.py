"""From a model's margin to a probability that means what it says, as a line through knots."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from pipelines.domain.arrays import Vector
from pipelines.errors import ContractMismatch

# Beyond the outermost knots the log-odds follow the margin, so that the order of extreme customers
# is kept; 32 is further than any margin seen.
TAIL_MARGINS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass(frozen=True, slots=True)
class Calibrator:
    """
    Probabilities by linear interpolation between knots.

    Attributes:
        margins: Log-odds as the model gives them, strictly ascending.
        probabilities: Calibrated probability at each of them, strictly ascending within (0, 1).
    """

    margins: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse knots that would not keep the order of customers."""
        margins, probabilities = np.asarray(self.margins), np.asarray(self.probabilities)
        is_legal = (
            len(margins) == len(probabilities) >= 2
            and np.isfinite(margins).all()
            and (np.diff(margins) > 0).all()
            and (np.diff(probabilities) > 0).all()
            and probabilities[0] > 0
            and probabilities[-1] < 1
        )
        if not is_legal:
            raise ContractMismatch(
                f"a calibrator of {len(margins)} margins and {len(probabilities)} probabilities "
                "does not ascend strictly within (0, 1)",
                next_step="churn train",
            )

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
            tuple(
                np.concatenate([margins[0] - below, margins, margins[-1] + above]).tolist(),
            ),
            tuple(
                np.concatenate(
                    [_sigmoid(odds[0] - below), probabilities, _sigmoid(odds[-1] + above)]
                ).tolist()
            ),
        )

    def apply(self, margins: Vector) -> Vector:
        """Return the probability of each of *margins*, row by row alike whatever the batch."""
        return np.interp(margins, self.margins, self.probabilities)

    def to_dict(self) -> dict[str, Any]:
        """Return the knots as JSON-compatible values."""
        return {"margins": list(self.margins), "probabilities": list(self.probabilities)}


def _sigmoid(odds: Vector) -> Vector:
    """Return the probability of log-odds, kept off 1 where float64 would round to it."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -36, 36))), dtype=np.float64)
