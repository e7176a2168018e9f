"""Contributions on the scale of the score."""

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.explanation import calibrated, theme_sums

BENT = Calibrator.through(np.array([-3.0, -1.0, 0.0, 2.0]), np.array([0.02, 0.1, 0.15, 0.8]))
CALIBRATORS = {
    "line": Calibrator.line(0.8, -0.3),
    "steep": Calibrator.line(3.0, 1.0),
    "bent": BENT,
    "probabilities": Calibrator((-40.0, -1.0, 1.0, 40.0), (0.001, 0.2, 0.6, 0.99), "probability"),
}


def _margins(rows: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return margins as float32 trees give them, bases, and contributions."""
    random = np.random.default_rng(5)
    contributions = random.normal(0, 1.5, (rows, 12))
    contributions[: rows // 4] *= 1e-5
    bases = np.full(rows, -0.0004)
    exact = bases + contributions.sum(axis=1)

    return exact + random.uniform(-1e-5, 1e-5, rows), bases, contributions


@pytest.mark.parametrize("name", CALIBRATORS)
def test_base_and_contributions_are_the_calibrated_log_odds(name: str) -> None:
    """To 1e-9 where trees add up to 1e-5 only, near the base and far from it."""
    calibrator = CALIBRATORS[name]
    margins, bases, contributions = _margins()
    found = calibrated(calibrator, margins, bases, contributions)
    probabilities = calibrator.apply(margins)

    total = found.base + found.contributions.sum(axis=1)
    np.testing.assert_allclose(found.log_odds, total, atol=1e-9)
    np.testing.assert_allclose(1 / (1 + np.exp(-total)), probabilities, rtol=1e-6)
    np.testing.assert_allclose(calibrator.log_odds(bases), found.base, atol=1e-6)


def test_a_line_scales_every_contribution_by_its_slope() -> None:
    """Also where a customer is where contributions begin."""
    margins, bases, contributions = _margins()
    found = calibrated(Calibrator.line(0.8, -0.3), margins, bases, contributions)

    np.testing.assert_allclose(0.8 * contributions, found.contributions, atol=1e-5)


def test_signs_and_order_stay() -> None:
    """The slope of a customer is one, and above 0."""
    margins, bases, contributions = _margins()
    found = calibrated(BENT, margins, bases, contributions).contributions[500:]

    np.testing.assert_array_equal(
        np.argsort(contributions[500:], axis=1), np.argsort(found, axis=1)
    )
    np.testing.assert_array_equal(np.sign(contributions[500:]), np.sign(found))


def test_a_customer_like_everyone_keeps_what_cancels_out() -> None:
    """What pushes up and down alike does not vanish because the sum is 0."""
    contributions = np.array([[1.0, -1.0]])
    found = calibrated(Calibrator.line(2.0, 0.0), np.zeros(1), np.zeros(1), contributions)

    np.testing.assert_allclose([[2.0, -2.0]], found.contributions, atol=1e-9)


def test_who_is_certain_has_reasons_that_add_up() -> None:
    """Beyond what float64 can tell from 1 nothing is infinite."""
    found = calibrated(
        Calibrator.line(1.0, 0.0), np.array([90.0, -90.0]), np.zeros(2), np.array([[90.0], [-90.0]])
    )

    assert np.isfinite(found.contributions).all()
    np.testing.assert_allclose(found.log_odds, found.contributions[:, 0], atol=1e-9)


def test_themes_add_up_in_the_order_they_appear() -> None:
    """A feature without one is a theme of its own."""
    contract = FeatureContract(
        "fct",
        (
            Feature("uses_7d", "numeric", "Uses", theme="usage"),
            Feature("fee_eur", "numeric", "Fee"),
            Feature("uses_28d", "numeric", "Uses", theme="usage"),
        ),
    )
    sums = theme_sums(np.array([[1.0, 2.0, 4.0]]), contract)

    assert {"usage": [5.0], "fee_eur": [2.0]} == {name: [*values] for name, values in sums.items()}
    assert ["usage", "fee_eur"] == [*sums]
