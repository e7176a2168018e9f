"""What each tier promises: the share of its customers who will leave, and between which bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.scoring.tier_bounds import TierBounds

# How often a list has a tier outside of its range though nothing has changed.
BROKEN = 0.05
# Of more, chance is nothing beside what else is unsure.
MOST_CUSTOMERS = 100_000
# Customers whose share says as much as what is known of one that differs beyond all bounds.
LEAST_SURE = 0.01


@dataclass(frozen=True, slots=True)
class TierPromise:
    """
    One tier, on rows no model had seen.

    Attributes:
        tier: Its name.
        rows: Customers in it.
        churners: How many of them left.
        promised: Mean churn probability; None where nobody is in it.
        lower: From which share on will leave of the tier in a list as those were, on average. Of
            all tiers together, 95 % of the lists are in their ranges.
        upper: Up to which.
        lists: Of how many lists the rows are.
        spread: Standard deviation of the share from list to list, beyond chance.
    """

    tier: str
    rows: int
    churners: int
    promised: float | None
    lower: float
    upper: float
    lists: int
    spread: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return asdict(self)


def tier_promises(
    bounds: TierBounds,
    probabilities: Vector,
    is_churned: Flags,
    lists: npt.NDArray[Any] | None = None,
) -> tuple[TierPromise, ...]:
    """
    Return what each tier promises, the lowest first.

    Args:
        bounds: Where the tiers begin.
        probabilities: `(n_customers,)` by models and calibrators that had not seen the row.
        is_churned: `(n_customers,)`.
        lists: `(n_customers,)` of which list each row is; of one where None.
    """
    codes = bounds.cut(probabilities)
    of_list = np.zeros(len(codes), dtype=np.intp)
    if lists is not None:
        of_list = np.unique(lists, return_inverse=True)[1]
    size = int(of_list.max(initial=0)) + 1
    many = len(np.unique(codes))
    found = []
    for position, name in enumerate(bounds.names):
        is_here = codes == position
        rows, churners = int(is_here.sum()), int(is_churned[is_here].sum())
        promised = float(probabilities[is_here].mean()) if rows else None
        counts = np.bincount(of_list[is_here], minlength=size)
        left = np.bincount(of_list[is_here & is_churned], minlength=size)
        told: dict[str, Any] = {
            "rows": rows,
            "churners": churners,
            "lists": size,
            "spread": _spread(left, counts),
        }
        lower, upper = promised_range(told, rows / size, many)
        found.append(TierPromise(tier=name, promised=promised, lower=lower, upper=upper, **told))

    return tuple(found)


def promised_range(promise: Mapping[str, Any], customers: float, tiers: int) -> tuple[float, float]:
    """
    Return between which shares will leave of a tier that has so many customers in a list.

    Quantiles of the Beta-binomial distribution. Three things are unsure: how many leave by chance,
    which is more of fewer customers; what the share is, of the rows it is known from; and by how
    much lists differ.

    Args:
        promise: rows, churners, lists and spread of the tier, as `to_dict` writes them.
        customers: In the tier of the list.
        tiers: How many promise something, which share BROKEN (Bonferroni).
    """
    rows, size = promise["rows"], round(min(customers, MOST_CUSTOMERS))
    if not rows or not size:
        return 0.0, 1.0
    # Of none or all who left the share is not surely 0 or 1 (Laplace).
    share = (promise["churners"] + 1) / (rows + 2)
    chance = share * (1 - share)
    variance = chance / rows + promise["spread"] ** 2 * (1 + 1 / promise["lists"])
    sure = max(LEAST_SURE, chance / variance - 1)
    will, stay = share * sure, (1 - share) * sure
    left = np.arange(size)
    steps = np.log((size - left) * (left + will)) - np.log((left + 1) * (size - left - 1 + stay))
    likely = np.concatenate([[0.0], np.cumsum(steps)])
    reached = np.cumsum(np.exp(likely - likely.max()))
    beyond = BROKEN / (2 * tiers)
    lower, upper = np.searchsorted(reached, reached[-1] * np.array([beyond, 1 - beyond]))

    return float(lower / size), float(upper / size)


def _spread(left: npt.NDArray[Any], counts: npt.NDArray[Any]) -> float:
    """
    Return the standard deviation of a share between lists, less what chance makes of it.

    By the moments of DerSimonian & Laird 1986 and one standard error of them: few lists that hardly
    differ leave it open whether the next one will. 0 of fewer than two.

    Args:
        left: `(n_lists,)` churners of each.
        counts: `(n_lists,)` customers.
    """
    some = counts > 0
    counts, left = counts[some].astype(np.float64), left[some]
    total = counts.sum()
    share = left.sum() / total if total else 0.0
    chance = share * (1 - share)
    if len(counts) < 2 or chance == 0:
        return 0.0
    freedom = len(counts) - 1
    excess = (counts * (left / counts - share) ** 2).sum() / chance - freedom
    excess += math.sqrt(2 * freedom)
    weight = total - (counts**2).sum() / total

    return float(np.sqrt(chance * max(0.0, excess) / weight))


def table(promises: Sequence[TierPromise]) -> list[str]:
    """Return them as a table in Markdown, without a heading."""
    lines = ["| tier | customers | promised | left | range of a list |", "|---|---|---|---|---|"]
    for each in promises:
        if each.promised is None:
            lines.append(f"| {each.tier} | 0 | | | |")
            continue
        left = each.churners / each.rows
        lines.append(
            f"| {each.tier} | {each.rows:,} | {each.promised:.1%} | {left:.1%} "
            f"| {each.lower:.1%} to {each.upper:.1%} |"
        )

    return lines
