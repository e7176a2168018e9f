"""What a page has to know of churn.toml."""

from dataclasses import dataclass

from pipelines.domain.nights.page.figures import NARROW
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.measures.costs import Costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    What a page has to know of churn.toml.

    Attributes:
        tiers: The tiers there are; a list may have been cut by others.
        costs: Of a campaign.
        capacity_pct: How many customers can be contacted, in percent.
        horizon_days: Within how many days customers are expected to leave.
        fee: The feature that is what a customer pays a month; None where none is named.
    """

    tiers: TierPolicy
    costs: Costs
    capacity_pct: float
    horizon_days: int
    fee: str | None = None

    def order(self, *found: str) -> list[str]:
        """Return the tiers, the highest first, and behind them those of *found* there are not."""
        known = [*reversed(self.tiers.names)]

        return [*known, *sorted({*found} - {*known})]

    def begins(self, tier: str) -> str:
        """Say which churn probabilities are in a tier, for people."""
        if tier not in self.tiers.names:
            return "no longer in churn.toml"
        low = self.tiers.thresholds.get(tier)
        higher = [at for at in self.tiers.thresholds.values() if low is None or at > low]
        if low is None:
            is_floor = tier == self.tiers.floor and bool(higher)
            return f"below {100 * min(higher):g}{NARROW}%" if is_floor else ""
        if not higher:
            return f"{100 * low:g}{NARROW}% and up"

        return f"{100 * low:g} to {100 * min(higher):g}{NARROW}%"
