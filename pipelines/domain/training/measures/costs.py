"""What a campaign costs and saves."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Costs:
    """
    What a campaign costs and saves, in any one currency.

    Attributes:
        customer_lifetime_value: What a customer who is kept is worth.
        offer_cost: What the offer costs, where it is taken. Who would have stayed takes it.
        contact_cost: What it costs to contact one customer.
        acceptance_alpha: Of the Beta distribution of the share of churners who take the offer.
        acceptance_beta: The other parameter; the mean is alpha / (alpha + beta).
    """

    customer_lifetime_value: float
    offer_cost: float
    contact_cost: float
    acceptance_alpha: float
    acceptance_beta: float

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON-compatible values."""
        return asdict(self)
