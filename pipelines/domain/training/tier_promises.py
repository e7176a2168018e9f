"""What each tier promises: the share of its customers who will leave, and between which bounds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.training.measures.shares import wilson


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
    bounds: TierBounds, probabilities: Vector, is_churned: Flags
) -> tuple[TierPromise, ...]:
    """
    Return what each tier promises, the lowest first.

    Args:
        bounds: Where the tiers begin.
        probabilities: `(n_customers,)` by models and calibrators that had not seen the row.
        is_churned: `(n_customers,)`.
    """
    codes = bounds.cut(probabilities)
    found = []
    for position, name in enumerate(bounds.names):
        is_here = codes == position
        rows, churners = int(is_here.sum()), int(is_churned[is_here].sum())
        lower, upper = wilson(churners, rows)
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
