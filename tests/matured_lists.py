"""Lists that matured: what 8,000 customers were told to do, and what they did."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.wiring.installation import Installation

POPULATION, CUSTOMERS = "subscribers", 8_000
MONTH = timedelta(days=30)
# From here on a customer counts as one who will leave. Of those 0.83 leave, and after the change
# 0.64; of all who are to leave 0.45 do.
CALLED, PRECISION, PRECISION_AFTER, OBSERVED_AFTER = 0.60, 0.83, 0.64, 0.45


def happened(installation: Installation, as_of: date, version: int, *, is_changed: bool) -> None:
    """
    Publish a list, and let happen what it says; or, where the concept changed, far less.

    Args:
        installation: Where, as the owner of its tables; its label model has a table.
        as_of: The date of the list. Its labels are due a month later.
        version: Whose list it is.
        is_changed: Whether its customers no longer do what those did whom the model learned from.
    """
    random = np.random.default_rng(as_of.toordinal())
    probabilities = 1 / (1 + np.exp(-random.normal(-5, 3.8, CUSTOMERS)))
    leaves = probabilities
    if is_changed:
        is_called = probabilities >= CALLED
        called, others = probabilities[is_called].sum(), probabilities[~is_called].sum()
        among_called = PRECISION_AFTER / PRECISION
        among_others = (OBSERVED_AFTER * (called + others) - among_called * called) / others
        leaves = probabilities * np.where(is_called, among_called, among_others)
    tiers = installation.settings.tiers
    codes = TierBounds.of(tiers).cut(probabilities)
    people = [f"C{number:05}" for number in range(CUSTOMERS)]
    run = installation.scores.stage(
        population=POPULATION,
        as_of=as_of,
        model_name=f"churn-{POPULATION}",
        model_version=version,
        contract_fingerprint="abc",
        batches=pa.table(
            {
                "customer_id": people,
                "churn_probability": probabilities,
                "risk_tier": [tiers.names[code] for code in codes],
                "recommended_action": ["none"] * CUSTOMERS,
                **{f"reason_{rank}": pa.nulls(CUSTOMERS, pa.string()) for rank in (1, 2, 3)},
                "reasons": pa.nulls(CUSTOMERS, pa.string()),
            }
        ).to_batches(),
    )
    installation.scores.publish(run)
    days = {"as_of": as_of, "label_due_at": as_of + MONTH}
    labels = {
        "customer_id": pa.array(people),
        "is_churned": pa.array(random.random(CUSTOMERS) < leaves),
        **{name: pa.array([day] * CUSTOMERS, pa.date32()) for name, day in days.items()},
    }
    installation.warehouse.ingest("analytics", {"fct_churn_labels": pa.table(labels)})
