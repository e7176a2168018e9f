"""What a promotion would change of a list."""

import numpy as np

from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.preview import compared

TIERS = TierPolicy({"medium": 0.3, "high": 0.6}, {"low": "none", "medium": "mail", "high": "call"})


def test_customers_are_counted_by_tier_of_both() -> None:
    """A threshold belongs to its tier; who stays in theirs does not change."""
    found = compared(
        np.array([0.1, 0.1, 0.3, 0.7, 0.9]),
        np.array([0.2, 0.6, 0.1, 0.8, 0.4]),
        TIERS,
        riskiest_pct=[20],
    )

    assert ("low", "medium", "high") == found.tiers
    assert ((1, 0, 1), (1, 0, 0), (0, 1, 1)) == found.moves
    assert (5, 3) == (found.customers, found.changed)
    assert (0.42, 0.42) == tuple(round(mean, 2) for mean in found.means)


def test_the_riskiest_of_both_are_compared() -> None:
    """One of two among two fifths; nobody among a fifth, nor among less, of whom there is one."""
    champion = np.array([0.1, 0.2, 0.3, 0.8, 0.9])
    found = compared(champion, np.array([0.1, 0.2, 0.7, 0.9, 0.3]), TIERS, riskiest_pct=[40, 20, 1])

    assert {40: 0.5, 20: 0.0, 1: 0.0} == found.overlap
    assert {40: 1.0} == compared(champion, champion, TIERS, riskiest_pct=[40]).overlap
    assert 0 == compared(champion, champion, TIERS, riskiest_pct=[40]).changed
