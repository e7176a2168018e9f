"""A few customers of one snapshot, and the contract of their features."""

from collections.abc import Mapping

import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract

CONTRACT = FeatureContract(
    "fct_customer_features",
    (
        Feature("fee_eur", "numeric", "Fee", unit="EUR a month", minimum=0.0, nullable=True),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), owner="sales"),
        Feature("is_autopay", "boolean", "Pays automatically", watch_drift=False),
    ),
)


def customers(is_churned: Mapping[str, bool | None]) -> pa.Table:
    """
    Return `customer_id`, the features in another order than the contract's, and `is_churned`.

    Args:
        is_churned: By customer, in the order of the rows; None is not known yet. The features are
            as `row_of` says.
    """
    return pa.table(
        {
            "customer_id": pa.array(is_churned, pa.string()),
            "plan": pa.array(["pro" if name.isupper() else "basic" for name in is_churned]),
            "fee_eur": pa.array([_fee(name) for name in is_churned], pa.float64()),
            "is_autopay": pa.array([name > "b" for name in is_churned], pa.bool_()),
            "is_churned": pa.array(is_churned.values(), pa.bool_()),
        }
    )


def row_of(name: str) -> tuple[str, float | None, str, bool]:
    """Return a customer's id and features, in the order of the contract."""
    return name, _fee(name), "pro" if name.isupper() else "basic", name > "b"


def _fee(name: str) -> float | None:
    """Return what a customer pays; of one nobody knows."""
    return None if name == "c" else 10.0 + len(name)
