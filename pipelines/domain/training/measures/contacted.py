"""What becomes of contacting the riskiest share of a list: who is found, and what it earns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.costs import Costs

# Of a table for people; the capacity of the business stands among them.
USUAL_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
# Of a picture.
MANY_SHARES = tuple(number / 100 for number in range(1, 101))


@dataclass(frozen=True, slots=True)
class Contacted:
    """
    The riskiest of a list.

    Attributes:
        share: Of the list, above 0 and at most 1.
        precision: Share of them that leaves.
        recall: Share of all who leave that is among them.
        lift: Churners among them, as a multiple of as many at random.
        profit: What contacting them is expected to earn, for each customer of the list.
    """

    share: float
    precision: float
    recall: float
    lift: float
    profit: float


def contacted(cells: Cells, costs: Costs, shares: Sequence[float]) -> list[Contacted]:
    """
    Return what becomes of contacting each of *shares* of the list, the riskiest first.

    A churner who is contacted brings `acceptance · (value - offer) - contact` at the acceptance
    that is expected, one who would have stayed `-(offer + contact)`: the profit of Verbraken,
    Verbeke & Baesens 2013 at one threshold. Where a share ends among customers with the same
    score, they count by their mean.

    Args:
        cells: Customers counted by score, with a churner among them.
        costs: What contacting them costs and saves.
        shares: Above 0, at most 1.
    """
    everyone, churners = cells.everyone.sum(), cells.churners.sum()
    reached = np.r_[0.0, np.cumsum(cells.everyone)] / everyone
    found = np.r_[0.0, np.cumsum(cells.churners)] / churners
    acceptance = costs.acceptance_alpha / (costs.acceptance_alpha + costs.acceptance_beta)
    kept = acceptance * (costs.customer_lifetime_value - costs.offer_cost)
    rate = churners / everyone
    rows = []
    for share, recall in zip(shares, np.interp(shares, reached, found).tolist(), strict=True):
        left = recall * rate
        profit = kept * left - costs.offer_cost * (share - left) - costs.contact_cost * share
        rows.append(Contacted(share, left / share, recall, recall / share, float(profit)))

    return rows


def table(rows: Sequence[Contacted]) -> list[str]:
    """Return them as a table in Markdown, without a heading."""
    lines = [
        "| riskiest | precision | recall | lift | expected profit a customer of the list |",
        "|---|---|---|---|---|",
    ]

    return lines + [f"| {' | '.join(in_words(each))} |" for each in rows]


def in_words(row: Contacted) -> tuple[str, ...]:
    """Return one of them in words."""
    return (
        f"{100 * row.share:g} %",
        f"{row.precision:.1%}",
        f"{row.recall:.1%}",
        f"{row.lift:.2f}",
        f"{row.profit:+.2f}",
    )
