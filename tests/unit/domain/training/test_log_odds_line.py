"""A logistic regression on one number."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pipelines.domain.training import log_odds_line

RANDOM = np.random.default_rng(8)
ODDS = RANDOM.normal(-3, 2, 5000)
OUTCOMES = (RANDOM.random(5000) < 1 / (1 + np.exp(-(0.7 * ODDS + 0.4)))).astype(float)


@pytest.mark.parametrize("scale", [1.0, 100.0, 0.01])
def test_it_is_the_line_scikit_learn_finds(scale: float) -> None:
    """Whatever the unit of what it is fitted on."""
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(ODDS[:, None], OUTCOMES)
    slope, intercept = log_odds_line.fitted(ODDS * scale, OUTCOMES)

    assert (model.coef_[0, 0], model.intercept_[0]) == pytest.approx(
        (slope * scale, intercept), rel=1e-4
    )


def test_a_row_that_counts_twice_is_two_rows() -> None:
    """As a resample draws it."""
    times = RANDOM.integers(0, 3, len(ODDS))
    repeated = np.repeat(np.arange(len(ODDS)), times)

    assert log_odds_line.fitted(ODDS, OUTCOMES, times.astype(float)) == pytest.approx(
        log_odds_line.fitted(ODDS[repeated], OUTCOMES[repeated])
    )


def test_what_is_told_apart_without_a_fault_is_steep_and_finite() -> None:
    """No line is the best then."""
    slope, intercept = log_odds_line.fitted(ODDS, (ODDS > -3).astype(float))

    assert 10 < slope < 1e6
    assert np.isfinite(intercept)


def test_what_says_nothing_has_the_rate() -> None:
    """All margins alike: a slope of 0 and the log-odds of the rate; of nobody, nearly never."""
    outcomes = np.arange(100) % 4 == 0

    assert (0.0, pytest.approx(np.log(1 / 3))) == log_odds_line.fitted(np.zeros(100), outcomes)
    assert (0.0, -36.0) == log_odds_line.fitted(np.zeros(100), np.zeros(100))
