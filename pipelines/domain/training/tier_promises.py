"""What each tier promises: the share of its customers who will leave, and between which bounds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.evaluation import NORMAL_95


@dataclass(frozen=True, slots=True)
class TierPromise:
    """
    One tier, on rows no model had seen.

    Attributes:
        tier: Its name.
        rows: Customers in it.
        churners: How many of them left.
        promised: Mean churn probability; None where nobody is in it.
        lower: Lower bound of the share that leaves, 95 %.
        upper: Upper bound.
    """

    tier: str
    rows: int
    churners: int
    promised: float | None
    lower: float
    upper: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return asdict(self)


def tier_promises(
    tiers: TierPolicy, probabilities: Vector, is_churned: Flags
) -> tuple[TierPromise, ...]:
    """
    Return what each tier promises, the lowest first.

    Args:
        tiers: Thresholds.
        probabilities: `(n_customers,)` by models and calibrators that had not seen the row.
        is_churned: `(n_customers,)`.
    """
    codes = tiers.cut(probabilities)
    found = []
    for position, name in enumerate(tiers.names):
        is_here = codes == position
        rows, churners = int(is_here.sum()), int(is_churned[is_here].sum())
        lower, upper = _wilson(churners, rows)
        promised = float(probabilities[is_here].mean()) if rows else None
        found.append(TierPromise(name, rows, churners, promised, lower, upper))

    return tuple(found)


def table(promises: Sequence[TierPromise]) -> list[str]:
    """Return them as a table in Markdown, without a heading."""
    lines = ["| tier | customers | promised | left | 95 % of it |", "|---|---|---|---|---|"]
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


def _wilson(churners: int, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); everything is possible of nobody."""
    if not rows:
        return 0.0, 1.0
    share, square = churners / rows, NORMAL_95**2
    centre = (share + square / (2 * rows)) / (1 + square / rows)
    spread = np.sqrt(share * (1 - share) / rows + square / (4 * rows**2))
    half = float(NORMAL_95 / (1 + square / rows) * spread)

    return max(0.0, centre - half), min(1.0, centre + half)
