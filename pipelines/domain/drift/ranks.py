"""Whether tonight's list is in the order of the list before it."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Vector
from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import PROBABILITY, RANKS

# Fewer customers in both lists say nothing about an order, and older lists not about tonight.
AT_LEAST_CUSTOMERS = 100
LATEST_DAYS = 7
# Standard error of Fisher's z of a rank correlation (Fieller, Hartley & Pearson 1957), and the
# 99.9th percentile of the normal distribution.
RANK_VARIANCE = 1.06
NORMAL_999 = 3.09


def check_ranks(
    published: pa.Table, before: pa.Table, *, sampled: pa.ChunkedArray, agreement: float
) -> DriftCheck | None:
    """
    Compare the order of the customers in tonight's list with their order in the list before.

    Scores handed to the wrong customers have the distribution they always had; only their order
    tells. A list that is out of order says nothing of the customers, so the check is `unknown` and
    no reason to train.

    Args:
        published: `customer_id` and `churn_probability` of tonight's list. Not modified.
        before: The same of the list before, by the same model. Not modified.
        sampled: Customers to look at.
        agreement: Rank correlation that is enough.

    Returns:
        The check; None where fewer than a hundred of the sampled customers are in both lists.
    """
    places = [pc.index_in(sampled, value_set=table["customer_id"]) for table in (published, before)]
    is_in_both = pc.and_(pc.is_valid(places[0]), pc.is_valid(places[1]))
    scores = [
        table[PROBABILITY].take(place.filter(is_in_both)).to_numpy()
        for table, place in zip((published, before), places, strict=True)
    ]
    customers = len(scores[0])
    if customers < AT_LEAST_CUSTOMERS:
        return None
    rho = spearman(scores[0], scores[1])
    if rho is None:
        return None
    surely_below = upper_limit(rho, customers) < agreement

    return DriftCheck(
        feature=RANKS,
        statistic=rho,
        effect_name="spearman",
        effect=rho,
        missing_reference_pct=0.0,
        missing_current_pct=0.0,
        verdict="unknown" if surely_below else "quiet",
        finding=f"rank agreement with the list before {rho:.2f}, {customers:,} customers",
        owner="science",
    )


def spearman(first: Vector, second: Vector) -> float | None:
    """Return the rank correlation, ties at their mean rank; None where one has one value only."""
    ranks = [_ranks(side) for side in (first, second)]
    if any(np.ptp(side) == 0 for side in ranks):
        return None

    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def upper_limit(rho: float, customers: int) -> float:
    """Return the rank correlation that the true one exceeds once in a thousand."""
    z = math.atanh(min(rho, 1 - 1e-12)) + NORMAL_999 * math.sqrt(RANK_VARIANCE / (customers - 3))

    return math.tanh(z)


def _ranks(numbers: Vector) -> Vector:
    """Return the rank of each number, of equal ones the mean of theirs."""
    _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)

    return (last - (counts - 1) / 2.0)[places]
