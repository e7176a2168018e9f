"""From margins to probabilities."""

import numpy as np
import pytest

from pipelines.domain.scoring.calibration import Calibrator
from pipelines.errors import ContractMismatch


def test_log_odds_run_through_the_centres_and_between_them() -> None:
    """At a knot stands its probability, half-way stands the mean of two log-odds."""
    calibrator = Calibrator.through(np.array([-1.0, 1.0]), np.array([0.2, 0.5]))

    np.testing.assert_allclose([0.2, 1 / 3, 0.5], calibrator.apply(np.array([-1.0, 0.0, 1.0])))


def test_a_line_is_straight() -> None:
    """However far from its knots, and nobody is certain."""
    calibrator = Calibrator.line(0.5, -1.0)
    margins = np.linspace(-60, 60, 1001)

    np.testing.assert_allclose(1 / (1 + np.exp(1 - 0.5 * margins)), calibrator.apply(margins))
    assert 0 < calibrator.apply(np.array([-1e6]))[0] < calibrator.apply(np.array([1e6]))[0] < 1


def test_what_was_interpolated_as_probabilities_still_is() -> None:
    """A model of before scores as it did: half-way stands the mean of two probabilities."""
    before = Calibrator.from_dict({"margins": [-1.0, 1.0], "probabilities": [0.2, 0.6]})

    np.testing.assert_allclose([0.2, 0.4, 0.6], before.apply(np.array([-1.0, 0.0, 1.0])))
    assert before == Calibrator.from_dict(before.to_dict())


def test_a_calibrator_of_another_kind_is_refused() -> None:
    """By the names it has."""
    with pytest.raises(ContractMismatch, match="margins, slope"):
        Calibrator.from_dict({"margins": [0.0, 1.0], "slope": 1.0})


def test_tails_keep_the_order_of_extreme_customers() -> None:
    """Beyond the outermost centres a larger margin is still a larger probability, within (0, 1)."""
    calibrator = Calibrator.through(np.array([0.0]), np.array([0.3]))
    probabilities = calibrator.apply(np.linspace(-30, 30, 1001))

    assert (np.diff(probabilities) > 0).all()
    assert probabilities[0] > 0
    assert probabilities[-1] < 1


@pytest.mark.parametrize(
    ("margins", "probabilities"),
    [
        ((0.0,), (0.5,)),
        ((0.0, 0.0), (0.2, 0.4)),
        ((0.0, 1.0), (0.4, 0.4)),
        ((0.0, 1.0), (0.0, 0.4)),
        ((0.0, 1.0), (0.4, 1.0)),
        ((0.0, float("nan")), (0.2, 0.4)),
        ((0.0, 1.0, 2.0), (0.2, 0.4)),
    ],
)
def test_knots_that_lose_the_order_are_refused(
    margins: tuple[float, ...], probabilities: tuple[float, ...]
) -> None:
    """A calibrator ascends strictly within (0, 1), or there is none."""
    with pytest.raises(ContractMismatch, match="does not ascend"):
        Calibrator(margins, probabilities, "probability")
