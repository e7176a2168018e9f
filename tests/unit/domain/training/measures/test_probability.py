"""Whether probabilities mean what they say."""

import numpy as np
import pytest

from pipelines.domain.training import log_odds_line
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.probability import calibration, losses

RANDOM = np.random.default_rng(17)
TOLD = np.round(RANDOM.beta(2, 5, 8000), 2).clip(0.01, 0.99)
CHURNED = RANDOM.random(8000) < TOLD


def test_calibration_of_cells_is_that_of_their_customers() -> None:
    """Counted by score, or one by one."""
    found = calibration(Cells.of(CHURNED, TOLD))
    slope, intercept = log_odds_line.fitted(np.log(TOLD / (1 - TOLD)), CHURNED.astype(float))

    assert found == pytest.approx({"calibration_slope": slope, "calibration_intercept": intercept})
    assert (1, 0) == pytest.approx((slope, intercept), abs=0.1)


def test_too_extreme_probabilities_have_a_slope_below_1() -> None:
    """Twice the log-odds, half the slope."""
    extreme = 1 / (1 + ((1 - TOLD) / TOLD) ** 2)

    assert calibration(Cells.of(CHURNED, extreme))["calibration_slope"] == pytest.approx(
        calibration(Cells.of(CHURNED, TOLD))["calibration_slope"] / 2
    )


def test_certainty_that_is_wrong_costs_much_and_not_everything() -> None:
    """A probability of 0 of somebody who left is taken for next to nothing."""
    found = losses(Cells.of(np.array([True, False]), np.array([0.0, 0.5])))

    assert 15 < found["log_loss"] < 20
    assert found["brier"] == pytest.approx(0.625)
