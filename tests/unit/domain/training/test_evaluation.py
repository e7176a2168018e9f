"""Metrics and their intervals."""

import numpy as np
import pytest
from sklearn import metrics

from pipelines.domain.training.evaluation import auc, auc_difference, evaluate

RANDOM = np.random.default_rng(5)
CHURNED = RANDOM.random(3000) < 0.2
# Rounded, so that there are ties.
SCORES = np.clip(np.round(0.2 * CHURNED + RANDOM.random(3000) * 0.7, 2), 0.01, 0.99)


def test_metrics_are_those_of_scikit_learn() -> None:
    """With ties among the scores."""
    found = evaluate(CHURNED, SCORES, resamples=10, seed=1)

    expected = {
        "auc": metrics.roc_auc_score(CHURNED, SCORES),
        "pr_auc": metrics.average_precision_score(CHURNED, SCORES),
        "log_loss": metrics.log_loss(CHURNED, SCORES),
        "brier": metrics.brier_score_loss(CHURNED, SCORES),
    }
    assert {*expected, "lift_10pct"} == set(found)
    for name, value in expected.items():
        assert value == pytest.approx(found[name].value, abs=1e-12), name


def test_lift_is_the_churners_in_the_riskiest_tenth() -> None:
    """20 churners of 100 in all, 8 of them among the first 10: four times a random tenth."""
    is_churned = np.zeros(100, dtype=bool)
    is_churned[[*range(8), *range(50, 62)]] = True
    found = evaluate(is_churned, np.linspace(0.99, 0.01, 100), resamples=10, seed=1)

    assert found["lift_10pct"].value == pytest.approx(4.0)


def test_intervals_hold_the_value_and_narrow_with_rows() -> None:
    """A tenth of the rows, an interval about three times as wide."""
    many = evaluate(CHURNED, SCORES, resamples=200, seed=1)["auc"]
    few = evaluate(CHURNED[:300], SCORES[:300], resamples=200, seed=1)["auc"]

    assert many.lower < many.value < many.upper
    assert 2 < (few.upper - few.lower) / (many.upper - many.lower) < 5


def test_a_difference_is_taken_on_the_same_resamples() -> None:
    """A model against itself differs by nothing at all; a worse one by less than 0, surely."""
    itself = auc_difference(CHURNED, SCORES, SCORES, resamples=50, seed=1)
    worse = auc_difference(CHURNED, SCORES + RANDOM.normal(size=3000), SCORES, resamples=50, seed=1)

    assert (0, 0, 0) == (itself.value, itself.lower, itself.upper)
    assert worse.upper < 0


def test_the_same_seed_gives_the_same_interval() -> None:
    """And another seed another one."""
    first, again, other = (
        evaluate(CHURNED, SCORES, resamples=20, seed=seed)["auc"] for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other


def test_auc_of_a_perfect_and_a_useless_score() -> None:
    """1 and a half."""
    assert auc(CHURNED, CHURNED.astype(float)) == pytest.approx(1.0)
    assert auc(CHURNED, np.zeros(3000)) == pytest.approx(0.5)
