"""What becomes of the customers a business contacts."""

import numpy as np
import pytest
from sklearn import metrics

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.decisions import Decision

RANDOM = np.random.default_rng(3)
SCORES = np.round(RANDOM.beta(2, 5, 2000), 2)
CHURNED = RANDOM.random(2000) < SCORES
CELLS = Cells.of(CHURNED, SCORES)


def test_the_threshold_is_that_of_the_lower_of_the_top_two_tiers() -> None:
    """Or of the only one."""
    actions = {"low": "none", "medium": "mail", "high": "offer", "critical": "call"}
    several = TierPolicy({"medium": 0.3, "high": 0.6, "critical": 0.8}, actions)
    one = TierPolicy({"medium": 0.3}, {"low": "none", "medium": "mail"})

    assert Decision("high", 0.6, 5.0) == Decision.of(TierBounds.of(several), 5.0)
    assert Decision("medium", 0.3, 5.0) == Decision.of(TierBounds.of(one), 5.0)


def test_measures_at_a_threshold_are_those_of_scikit_learn() -> None:
    """A score at the threshold is contacted."""
    found = Decision("high", 0.4, 5.0).measured(CELLS)
    called = SCORES >= 0.4

    assert (SCORES == 0.4).any()
    expected = {
        "accuracy": metrics.accuracy_score(CHURNED, called),
        "precision": metrics.precision_score(CHURNED, called),
        "recall": metrics.recall_score(CHURNED, called),
        "f1": metrics.f1_score(CHURNED, called),
    }
    assert expected == {name: pytest.approx(found[name]) for name in expected}


def test_where_nobody_reaches_the_threshold_nobody_is_found() -> None:
    """Shares of nobody are 0, and accuracy is the share that stayed."""
    found = Decision("high", 0.999, 5.0).measured(CELLS)

    assert (0.0, 0.0, 0.0) == (found["precision"], found["recall"], found["f1"])
    assert found["accuracy"] == pytest.approx(1 - CHURNED.mean())


def test_at_capacity_the_riskiest_are_contacted() -> None:
    """8 of the first 10 left, of 20 of 100 in all."""
    is_churned = np.zeros(100, dtype=bool)
    is_churned[[*range(8), *range(50, 62)]] = True
    cells = Cells.of(is_churned, np.linspace(0.99, 0.01, 100))
    found = Decision("high", 0.5, 10.0).measured(cells)

    assert found["precision_at_capacity"] == pytest.approx(0.8)
    assert found["recall_at_capacity"] == pytest.approx(0.4)
    assert found["lift_at_capacity"] == pytest.approx(4.0)


def test_a_capacity_amid_equal_scores_takes_a_share_of_them() -> None:
    """All score alike: whoever is contacted, as many leave as of everybody."""
    cells = Cells.of(CHURNED, np.full(2000, 0.5))
    found = Decision("high", 0.6, 7.0).measured(cells)

    assert found["precision_at_capacity"] == pytest.approx(CHURNED.mean())
    assert found["lift_at_capacity"] == pytest.approx(1.0)
