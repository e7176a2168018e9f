"""Whether a probability means what it says."""

import numpy as np

from pipelines.domain.training import log_odds_line
from pipelines.domain.training.measures.cells import Cells

EDGE = 1e-15


def losses(cells: Cells) -> dict[str, float]:
    """Return log_loss and brier of customers counted by score."""
    chance = np.clip(cells.probability, EDGE, 1 - EDGE)
    customers = cells.everyone.sum()
    surprise = -(cells.churners * np.log(chance) + cells.stayers * np.log(1 - chance))
    squares = cells.churners * (1 - cells.probability) ** 2 + cells.stayers * cells.probability**2

    return {
        "log_loss": float(surprise.sum() / customers),
        "brier": float(squares.sum() / customers),
    }


def calibration(cells: Cells) -> dict[str, float]:
    """Return calibration_slope and calibration_intercept: 1 and 0 of what means what it says."""
    everyone = cells.everyone
    rate = np.divide(cells.churners, everyone, out=np.zeros_like(everyone), where=everyone > 0)
    log_odds = np.log(cells.probability / (1 - cells.probability))
    slope, intercept = log_odds_line.fitted(log_odds, rate, everyone)

    return {"calibration_slope": slope, "calibration_intercept": intercept}
