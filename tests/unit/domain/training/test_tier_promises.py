"""What tiers promise."""

import numpy as np
import pytest

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.tier_promises import promised_range, table, tier_promises

TIERS = TierBounds.of(
    TierPolicy(
        {"medium": 0.3, "high": 0.6, "critical": 0.8},
        {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
    )
)


def test_each_tier_has_its_customers_and_bounds() -> None:
    """Of 100 with 0.1 ten left, and of 100 others 2 % to 23 % will."""
    probabilities = np.r_[np.full(100, 0.1), np.full(50, 0.3), np.full(10, 0.9)]
    is_churned = np.r_[np.arange(100) < 10, np.arange(50) < 20, np.arange(10) < 10]
    low, medium, high, critical = tier_promises(TIERS, probabilities, is_churned)

    assert ("low", 100, 10) == (low.tier, low.rows, low.churners)
    assert (0.1, 0.02, 0.23) == pytest.approx((low.promised, low.lower, low.upper), abs=1e-4)
    assert (50, 20, pytest.approx(0.3)) == (medium.rows, medium.churners, medium.promised)
    assert (0, None, 0.0, 1.0) == (high.rows, high.promised, high.lower, high.upper)
    assert 1.0 == critical.upper > critical.lower > 0.4
    assert (1, 0.0) == (low.lists, low.spread)


def test_the_table_says_what_left_beside_what_was_promised() -> None:
    """In percent; of an empty tier nothing."""
    found = tier_promises(TIERS, np.full(100, 0.1), np.arange(100) < 10)

    assert [
        "| low | 100 | 10.0% | 10.0% | 3.0% to 20.0% |",
        "| medium | 0 | | | |",
    ] == table(found)[2:4]


@pytest.mark.simulation
@pytest.mark.parametrize(("spread", "least"), [(0.0, 0.95), (0.15, 0.90)])
def test_the_next_list_is_in_its_ranges(spread: float, least: float) -> None:
    """All of its tiers, on 95 % of the nights; from five lists less is known of how they differ."""
    random = np.random.default_rng(8)
    sizes = np.array([9000, 400, 120, 60])
    odds = np.log(np.array([0.02, 0.45, 0.7, 0.9]) / (1 - np.array([0.02, 0.45, 0.7, 0.9])))
    middle, kept = np.array([0.02, 0.45, 0.7, 0.9]), 0
    for _ in range(400):
        moved = odds + random.normal(0, spread, (6, 1))
        left = random.binomial(sizes, 1 / (1 + np.exp(-moved)))
        lists = np.repeat(np.arange(5), sizes.sum())
        probabilities = np.tile(np.repeat(middle, sizes), 5)
        is_churned = np.concatenate(
            [
                np.arange(size) < count
                for row in left[:5]
                for size, count in zip(sizes, row, strict=True)
            ]
        )
        promises = tier_promises(TIERS, probabilities, is_churned, lists)
        kept += all(
            low <= count / size <= high
            for promise, size, count in zip(promises, sizes, left[5], strict=True)
            for low, high in [promised_range(promise.to_dict(), size, 4)]
        )

    assert least <= kept / 400


def test_lists_that_differ_by_chance_alone_have_no_spread() -> None:
    """Or hardly any; those of which 10 % and 30 % leave have 14 points, a single one has none."""
    probabilities, lists = np.full(4000, 0.1), np.repeat([0, 1], 2000)
    same = np.tile(np.arange(2000) < 400, 2)
    other = np.concatenate([np.arange(2000) < 200, np.arange(2000) < 600])
    calm, unsteady, once = (
        tier_promises(TIERS, probabilities, *told)[0]
        for told in ((same, lists), (other, lists), (other,))
    )

    assert 0 == once.spread < calm.spread < 0.01
    assert pytest.approx(0.142, abs=0.002) == unsteady.spread
    assert (2, 2, 1) == (calm.lists, unsteady.lists, once.lists)
    assert calm.lower > unsteady.lower
    assert calm.upper < unsteady.upper


def test_of_fewer_customers_less_is_promised() -> None:
    """Of nobody nothing; of ten every second or third more or less is within chance."""
    promise = {"rows": 100_000, "churners": 90_000, "lists": 5, "spread": 0.0}
    many, few, nobody = (promised_range(promise, size, 1) for size in (10_000_000, 10, 0))

    assert (pytest.approx(0.898, abs=0.001), pytest.approx(0.902, abs=0.001)) == many
    assert (0.7, 1.0) == few
    assert (0.0, 1.0) == nobody == promised_range({**promise, "rows": 0}, 10, 1)
    surely = promised_range({**promise, "churners": 100_000}, 10, 1)
    assert (1.0, 1.0) == surely
