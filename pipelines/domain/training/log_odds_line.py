"""The straight line of log-odds that explains outcomes best, which calibration is fitted by."""

import numpy as np

from pipelines.domain.arrays import Vector

MOST_STEPS = 50
SMALLEST_STEP = 1e-10
# Where outcomes are told apart without a fault the line would rise for ever.
STEEPEST = 1e3


def fitted(
    log_odds: Vector, outcomes: Vector, weights: Vector | None = None
) -> tuple[float, float]:
    """
    Return slope and intercept of a logistic regression of *outcomes* on *log_odds*, by Newton.

    Of probabilities that mean what they say the slope is 1 and the intercept 0 (Cox 1958).

    Args:
        log_odds: `(n,)`.
        outcomes: `(n,)` within [0, 1]: who left, or how likely they did.
        weights: `(n,)`, how often each row counts; once where None.
    """
    times = np.ones(len(log_odds)) if weights is None else weights
    centre = float(np.average(log_odds, weights=times))
    spread = float(np.sqrt(np.average((log_odds - centre) ** 2, weights=times)))
    rate = float(np.average(outcomes, weights=times))
    level = float(np.log(rate / (1 - rate))) if 0 < rate < 1 else float(np.sign(rate - 0.5)) * 36
    if spread == 0:
        return 0.0, level

    scaled = (log_odds - centre) / spread
    slope, intercept = 0.0, level
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(slope * scaled + intercept, -36, 36)))
        missing = times * (outcomes - chance)
        information = times * chance * (1 - chance)
        hessian = np.array(
            [
                [(information * scaled**2).sum(), (information * scaled).sum()],
                [(information * scaled).sum(), information.sum()],
            ]
        )
        # What is hardly determined moves hardly.
        hessian[[0, 1], [0, 1]] += 1e-9
        step = np.linalg.solve(hessian, [(missing * scaled).sum(), missing.sum()])
        # A full step from far away would leap over the answer.
        step /= max(1.0, float(np.abs(step).max()) / 2)
        slope, intercept = slope + float(step[0]), intercept + float(step[1])
        if np.abs(step).max() < SMALLEST_STEP or abs(slope) > STEEPEST:
            break

    return slope / spread, intercept - slope / spread * centre
