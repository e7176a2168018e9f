"""What tiers promise."""

import numpy as np
import pytest

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.tier_promises import table, tier_promises

TIERS = TierBounds.of(
    TierPolicy(
        {"medium": 0.3, "high": 0.6, "critical": 0.8},
        {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
    )
)


def test_each_tier_has_its_customers_and_bounds() -> None:
    """Of 100 with 0.1 ten left: Wilson's interval is 5.5 % to 17.4 %."""
    probabilities = np.r_[np.full(100, 0.1), np.full(50, 0.3), np.full(10, 0.9)]
    is_churned = np.r_[np.arange(100) < 10, np.arange(50) < 20, np.arange(10) < 10]
    low, medium, high, critical = tier_promises(TIERS, probabilities, is_churned)

    assert ("low", 100, 10) == (low.tier, low.rows, low.churners)
    assert (0.1, 0.0552, 0.1744) == pytest.approx((low.promised, low.lower, low.upper), abs=1e-4)
    assert (50, 20, pytest.approx(0.3)) == (medium.rows, medium.churners, medium.promised)
    assert (0, None, 0.0, 1.0) == (high.rows, high.promised, high.lower, high.upper)
    assert (1.0, pytest.approx(0.7225, abs=1e-4)) == (critical.upper, critical.lower)


def test_the_table_says_what_left_beside_what_was_promised() -> None:
    """In percent; of an empty tier nothing."""
    found = tier_promises(TIERS, np.full(100, 0.1), np.arange(100) < 10)

    assert [
        "| low | 100 | 10.0% | 10.0% | 5.5% to 17.4% |",
        "| medium | 0 | | | |",
    ] == table(found)[2:4]
