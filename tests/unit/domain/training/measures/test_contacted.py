"""What becomes of contacting the riskiest."""

import numpy as np
import pytest

from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.contacted import MANY_SHARES, contacted, table
from pipelines.domain.training.measures.costs import Costs
from pipelines.domain.training.measures.ranking import recall_at

COSTS = Costs(
    customer_lifetime_value=200.0,
    offer_cost=10.0,
    contact_cost=1.0,
    acceptance_alpha=6.0,
    acceptance_beta=14.0,
)
FOUR = Cells.of(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.3, 0.1]))


def test_by_hand() -> None:
    """Of four two leave: the riskiest one is worth 0.3 · 190 - 1, the second costs 11."""
    one, half, all_of_them = contacted(FOUR, COSTS, [0.25, 0.5, 1.0])

    assert (0.25, 1.0, 0.5, 2.0) == (one.share, one.precision, one.recall, one.lift)
    assert (56 / 4, (56 - 11) / 4) == (pytest.approx(one.profit), pytest.approx(half.profit))
    assert (0.5, 1.0, 1.0) == (all_of_them.precision, all_of_them.recall, all_of_them.lift)
    assert pytest.approx((2 * 56 - 2 * 11) / 4) == all_of_them.profit


def test_shares_end_among_customers_with_the_same_score() -> None:
    """They count by their mean, as recall does elsewhere."""
    random = np.random.default_rng(1)
    scores = np.round(random.beta(1, 5, 3000), 1)
    cells = Cells.of(random.random(3000) < scores, scores)

    assert [recall_at(cells, share) for share in MANY_SHARES] == pytest.approx(
        [each.recall for each in contacted(cells, COSTS, MANY_SHARES)]
    )


def test_in_words() -> None:
    """A row a share."""
    assert [
        "| 25 % | 100.0% | 50.0% | 2.00 | +14.00 |",
        "| 50 % | 50.0% | 50.0% | 1.00 | +11.25 |",
    ] == table(contacted(FOUR, COSTS, [0.25, 0.5]))[2:]
