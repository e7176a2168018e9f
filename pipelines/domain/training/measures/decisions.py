"""What becomes of the customers a business decides to contact, and of those it does not."""

from dataclasses import asdict, dataclass
from typing import Any

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.ranking import recall_at


@dataclass(frozen=True, slots=True)
class Decision:
    """
    Whom a business contacts.

    Attributes:
        tier: Lowest tier whose customers are.
        threshold: Where it begins.
        capacity_pct: Percent of a list that can be, if as many as possible are.
    """

    tier: str
    threshold: float
    capacity_pct: float

    @classmethod
    def of(cls, bounds: TierBounds, capacity_pct: float) -> "Decision":
        """Decide at the lower of the two tiers at the top, of those somebody sees to in person."""
        tier = bounds.names[1:][-2:][0]

        return cls(tier, bounds.threshold(tier), capacity_pct)

    def measured(self, cells: Cells) -> dict[str, float]:
        """
        Return accuracy, precision, recall and f1 at the threshold, and three measures at capacity.

        A share of nobody is 0, as scikit-learn has it with a warning. Where capacity ends among
        customers with the same score, they count by their mean.

        Args:
            cells: Customers counted by score; none lies across the threshold.
        """
        is_called = cells.probability >= self.threshold
        found, wasted = cells.churners[is_called].sum(), cells.stayers[is_called].sum()
        churners, everyone = cells.churners.sum(), cells.everyone.sum()
        missed, spared = churners - found, everyone - churners - wasted
        share = self.capacity_pct / 100
        recall = recall_at(cells, share)

        return {
            "accuracy": float((found + spared) / everyone),
            "precision": float(found / max(1.0, found + wasted)),
            "recall": float(found / churners),
            "f1": float(2 * found / (2 * found + wasted + missed)),
            "precision_at_capacity": float(recall * churners / (share * everyone)),
            "recall_at_capacity": recall,
            "lift_at_capacity": recall / share,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return asdict(self)
