"""What a family of features adds."""

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature
from pipelines.domain.training.evaluation import Estimate, auc
from pipelines.domain.training.folds import Fold
from pipelines.domain.training.measures.worth import NO_FAMILY, Cost, Worth, families, lost

RANDOM = np.random.default_rng(9)
ROWS = 4000
CHURNED = RANDOM.random(ROWS) < 0.2
WHOLE = CHURNED + RANDOM.normal(size=ROWS)
EVERYONE = np.arange(ROWS)
FOLDS = [Fold(EVERYONE[half::2], EVERYONE[1 - half :: 2]) for half in (0, 1)]


def test_features_are_grouped_by_family() -> None:
    """In the order they come; those without one are together."""
    features = [
        Feature("fee_eur", "numeric", "Fee", family="price"),
        Feature("mood", "numeric", "Mood"),
        Feature("discount", "numeric", "Discount", family="price"),
        Feature("luck", "numeric", "Luck"),
    ]

    assert {"price": ("fee_eur", "discount"), NO_FAMILY: ("mood", "luck")} == families(features)


def test_what_is_lost_is_the_mean_over_folds() -> None:
    """With an interval that holds it; a model loses nothing to itself."""
    without = WHOLE + RANDOM.normal(size=ROWS)
    found = lost(CHURNED, WHOLE, without, FOLDS, resamples=100, seed=1)
    expected = np.mean(
        [
            auc(CHURNED[fold.judged], WHOLE[fold.judged])
            - auc(CHURNED[fold.judged], without[fold.judged])
            for fold in FOLDS
        ]
    )
    itself = lost(CHURNED, WHOLE, WHOLE, FOLDS, resamples=20, seed=1)

    assert found.value == pytest.approx(expected)
    assert 0 < found.lower < found.value < found.upper
    assert (0, 0, 0) == (itself.value, itself.lower, itself.upper)


def test_a_fold_with_one_outcome_does_not_count() -> None:
    """Where no fold has both, nothing is known to be lost."""
    stayers = np.flatnonzero(~CHURNED)
    found = lost(CHURNED, WHOLE, -WHOLE, [Fold(EVERYONE, stayers)], resamples=10, seed=1)

    assert Estimate(0.0, 0.0, 0.0) == found


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        (0.001, 0.01, "earn their place"),
        (-0.001, 0.01, "not surely worth anything"),
        (-0.01, -0.001, "harm"),
    ],
)
def test_the_verdict_needs_more_than_chance(lower: float, upper: float, verdict: str) -> None:
    """The interval lies above 0, holds it, or lies below."""
    found = Worth("price", 2, Estimate((lower + upper) / 2, lower, upper))

    assert verdict == found.verdict
    assert f"[{lower:+.4f}, {upper:+.4f}]" in found.told


@pytest.mark.parametrize(
    ("without", "told"),
    [
        (1.0, "75 % of 4 s"),
        (3.75, "6 % of 4 s"),
        (3.9, "none of 4 s: shared"),
        (4.2, "none of 4 s: shared"),
    ],
)
def test_a_cost_is_what_would_be_saved(without: float, told: str) -> None:
    """What the family shares with others is not; nor is what a server's moods make of nothing."""
    found = Worth("usage", 17, Estimate(0.01, 0.0, 0.02), Cost(4.0, without))

    assert told == found.cost_told
    assert {"seconds": 4.0, "seconds_without": without} == found.to_dict()["cost"]


def test_a_cost_nobody_measured_is_none() -> None:
    """And no number that could be taken for one."""
    found = Worth("usage", 17, Estimate(0.01, 0.0, 0.02))

    assert ("", None) == (found.cost_told, found.to_dict()["cost"])
