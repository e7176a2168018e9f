"""The expected maximum profit of a campaign."""

import numpy as np
import pytest

from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.costs import Costs
from pipelines.domain.training.measures.profit import maximum_profit

RANDOM = np.random.default_rng(11)
ROWS = 3000
SCORES = RANDOM.beta(1, 6, ROWS)
CHURNED = RANDOM.random(ROWS) < SCORES
PAPER = Costs(200.0, 10.0, 1.0, 6.0, 14.0)


def by_drawing(is_churned: np.ndarray, scores: np.ndarray, costs: Costs) -> tuple[float, float]:
    """Return profit and share by drawing acceptances, and trying every threshold for each."""
    order = np.argsort(-scores, kind="stable")
    churners = np.r_[0, np.cumsum(is_churned[order])]
    stayers = np.r_[0, np.cumsum(~is_churned[order])]
    acceptance = RANDOM.beta(costs.acceptance_alpha, costs.acceptance_beta, 40_000)
    kept, contact = costs.customer_lifetime_value - costs.offer_cost, costs.contact_cost
    profits, shares = [], []
    for drawn in acceptance:
        profit = (drawn * kept - contact) * churners - (costs.offer_cost + contact) * stayers
        best = int(np.argmax(profit))
        profits.append(profit[best] / len(scores))
        shares.append(100 * best / len(scores))

    return float(np.mean(profits)), float(np.mean(shares))


@pytest.mark.simulation
@pytest.mark.parametrize(
    "costs",
    [PAPER, Costs(50.0, 20.0, 5.0, 1.0, 1.0), Costs(900.0, 0.0, 30.0, 2.5, 40.0)],
    ids=["of the paper", "any acceptance is as likely", "hardly anybody accepts"],
)
def test_profit_is_that_of_a_simulation(costs: Costs) -> None:
    """Of 40,000 acceptances, each with the threshold that is best for it."""
    profit, share = by_drawing(CHURNED, SCORES, costs)
    found = maximum_profit(Cells.of(CHURNED, SCORES), costs)

    assert profit > 0
    assert found["expected_maximum_profit"] == pytest.approx(profit, rel=0.01)
    assert found["profitable_pct"] == pytest.approx(share, rel=0.02)


def test_scores_that_tell_everything_are_worth_what_their_churners_are() -> None:
    """Everybody who leaves is contacted where it pays: the mean of what acceptance brings."""
    found = maximum_profit(Cells.of(CHURNED, CHURNED.astype(float)), PAPER)
    each = 0.3 * (200 - 10) - 1

    assert found["expected_maximum_profit"] == pytest.approx(each * CHURNED.mean(), rel=1e-4)
    assert found["profitable_pct"] == pytest.approx(100 * CHURNED.mean(), rel=1e-4)


def test_nobody_is_contacted_where_nobody_is_worth_it() -> None:
    """An offer that costs nearly what it saves earns nothing, and never less."""
    found = maximum_profit(Cells.of(CHURNED, SCORES), Costs(10.0, 9.5, 5.0, 6.0, 14.0))

    assert {"expected_maximum_profit": 0.0, "profitable_pct": 0.0} == found


def test_a_better_ranking_earns_more() -> None:
    """And scores that say nothing the least."""
    worse, useless = SCORES + RANDOM.normal(0, 0.2, ROWS), np.zeros(ROWS)
    best, middle, least = (
        maximum_profit(Cells.of(CHURNED, scores), PAPER)["expected_maximum_profit"]
        for scores in (SCORES, worse, useless)
    )

    assert best > middle > least
