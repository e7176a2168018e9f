"""Which columns a batch needs, and which it adds."""

from datetime import date

from pipelines.domain.gates.batch import Bands, Batch, KeyLookup
from pipelines.domain.gates.check import Check
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy

TIERS = TierPolicy({"high": 0.6}, {"low": "none", "high": "call"})


def test_a_batch_knows_the_columns_it_needs_and_adds() -> None:
    """Keys, loaded_at and what is looked up or cut must be there; the results come on top."""
    batch = Batch(
        schema="raw",
        table="events",
        checks=(Check("expect_table_row_count_to_equal", {"value": 1}, "test"),),
        equals={"run_id": 1},
        known_before=date(2026, 1, 1),
        lookups=(KeyLookup("is_known", "customer_id", "customers"),),
        bands=Bands("tier", TierBounds.of(TIERS)),
    )

    assert batch.needs == ("run_id", "loaded_at", "customer_id", "customer_id", "churn_probability")
    assert batch.added == ("known_days_ago", "is_known", "tier")
