"""What a feature contract and churn.toml promise of every batch, as checks."""

from typing import Any

import numpy as np

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.gates.check import Check
from pipelines.domain.scoring.tiers import TierPolicy

# A level the encoder does not know is scored as missing, so a few are tolerable, many are not.
KNOWN_LEVELS_MOSTLY = 0.95

# Models read float32, in which 1e308 is infinite; PostgreSQL's NaN and infinity are larger as well.
LARGEST = float(np.finfo(np.float32).max)

SQL_TYPES: dict[str, tuple[str, ...]] = {
    "numeric": ("DOUBLE PRECISION", "BIGINT", "INTEGER"),
    "categorical": ("TEXT",),
    "boolean": ("BOOLEAN",),
}


def feature_checks(contract: FeatureContract, rows: int) -> tuple[Check, ...]:
    """
    Return what a feature contract promises, as checks.

    Args:
        contract: Contract the features were built to.
        rows: Number of rows the build reported.
    """
    count = Check("expect_table_row_count_to_equal", {"value": rows}, "churn.feature_builds")

    return (count, *(check for item in contract.features for check in _one_feature(item)))


def score_checks(*, rows: int, tiers: TierPolicy) -> tuple[Check, ...]:
    """
    Return what scores owe to the features and to churn.toml, as checks.

    Args:
        rows: Number of customers with features.
        tiers: The tiers and actions there are.
    """
    return (
        Check("expect_table_row_count_to_equal", {"value": rows}, "churn.feature_builds"),
        Check(
            "expect_column_values_to_be_in_set",
            {"column": "risk_tier", "value_set": list(tiers.names)},
            "churn.toml [tiers]",
            owner="science",
        ),
        Check(
            "expect_column_pair_values_to_be_equal",
            {"column_A": "risk_tier", "column_B": "tier_by_threshold"},
            "churn.toml [tiers]",
            owner="science",
        ),
        Check(
            "expect_column_values_to_be_in_set",
            {"column": "recommended_action", "value_set": list(tiers.every_action)},
            "churn.toml [tiers.actions]",
            owner="science",
        ),
    )


def _one_feature(feature: Feature) -> tuple[Check, ...]:
    """Return the checks of one feature."""
    promises: list[tuple[str, dict[str, Any]]] = [
        ("expect_column_values_to_be_in_type_list", {"type_list": [*SQL_TYPES[feature.kind]]})
    ]
    if not feature.nullable:
        promises.append(("expect_column_values_to_not_be_null", {}))
    if feature.kind == "numeric":
        bounds = {
            "min_value": -LARGEST if feature.minimum is None else feature.minimum,
            "max_value": LARGEST if feature.maximum is None else feature.maximum,
        }
        promises.append(("expect_column_values_to_be_between", bounds))
    if feature.kind == "categorical":
        levels = {"value_set": [*feature.levels], "mostly": KNOWN_LEVELS_MOSTLY}
        promises.append(("expect_column_values_to_be_in_set", levels))

    return tuple(
        Check(expectation, {"column": feature.name, **kwargs}, "contract", owner=feature.owner)
        for expectation, kwargs in promises
    )
