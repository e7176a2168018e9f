"""Checks derived from a feature contract and from the tiers."""

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.gates.promises import feature_checks, score_checks
from pipelines.domain.scoring.tiers import TierPolicy


def derived(feature: Feature) -> dict[str, dict[str, object]]:
    """Return expectation to arguments for a contract of one feature."""
    checks = feature_checks(FeatureContract("fct", (feature,)), rows=7)

    return {check.expectation: dict(check.kwargs) for check in checks}


def test_the_row_count_is_the_build_s() -> None:
    """The table must hold as many rows as the build reported."""
    checks = feature_checks(FeatureContract("fct", ()), rows=7)

    assert [(c.expectation, c.kwargs) for c in checks] == [
        ("expect_table_row_count_to_equal", {"value": 7})
    ]


def test_a_bounded_feature_keeps_its_bounds() -> None:
    """Minimum and maximum of the contract are the arguments of the check."""
    found = derived(Feature("fee", "numeric", "fee", minimum=0, maximum=500))

    assert found["expect_column_values_to_be_between"] == {
        "column": "fee",
        "min_value": 0,
        "max_value": 500,
    }
    assert "expect_column_values_to_not_be_null" in found


def test_an_unbounded_feature_must_still_be_finite() -> None:
    """Where the contract has no bounds, those of the numbers a model reads stand in."""
    between = derived(Feature("trend", "numeric", "trend"))["expect_column_values_to_be_between"]

    assert between["min_value"] == -3.4028234663852886e38
    assert between["max_value"] == 3.4028234663852886e38


def test_a_nullable_feature_may_be_null() -> None:
    """NULL is only refused where the contract refuses it."""
    assert "expect_column_values_to_not_be_null" not in derived(
        Feature("trend", "numeric", "trend", nullable=True)
    )


def test_a_categorical_feature_keeps_its_levels() -> None:
    """Levels are checked with a tolerance, and there are no bounds."""
    found = derived(Feature("plan", "categorical", "plan", levels=("basic", "plus")))

    assert found["expect_column_values_to_be_in_set"] == {
        "column": "plan",
        "value_set": ["basic", "plus"],
        "mostly": 0.95,
    }
    assert "expect_column_values_to_be_between" not in found


def test_a_boolean_feature_is_only_typed_and_not_null() -> None:
    """A boolean has neither bounds nor levels."""
    found = derived(Feature("has_app", "boolean", "app"))

    assert set(found) == {
        "expect_table_row_count_to_equal",
        "expect_column_values_to_be_in_type_list",
        "expect_column_values_to_not_be_null",
    }


def test_the_owner_is_the_feature_s() -> None:
    """Whoever owns the feature is asked, and a broken promise stops the night."""
    checks = feature_checks(
        FeatureContract("fct", (Feature("n", "boolean", "n", owner="support"),)), rows=1
    )

    assert {(check.owner, check.severity) for check in checks[1:]} == {("support", "fail")}


def test_tiers_and_actions_are_churn_toml_s() -> None:
    """The tiers that are legal are those there are, and so are the actions."""
    checks = score_checks(rows=3, tiers=TierPolicy({"high": 0.6}, {"high": "call", "low": "none"}))

    assert ["low", "high"] == checks[1].kwargs["value_set"]
    assert ["none", "call"] == checks[3].kwargs["value_set"]
