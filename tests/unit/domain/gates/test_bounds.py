"""Bounds around what is usual, on both of their edges."""

import pytest

from pipelines.domain.gates.bounds import (
    Usual,
    at_most_points_more,
    within_points,
    within_ratio,
)
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.limits import Points, Ratio

COUNT = Check("expect_table_row_count_to_be_between", {}, "churn.toml")
MEAN = Check("expect_column_mean_to_be_between", {"column": "share_high"}, "churn.toml")
FILLED = Check("expect_column_values_to_not_be_null", {"column": "age_years"}, "churn.toml")


def test_counts_are_held_to_the_median() -> None:
    """One night that was ten times the others does not move what is expected."""
    (bounded,) = within_ratio(
        COUNT, Usual([100, 110, 1000]), Ratio(fail_below=0.8, fail_above=1.5), quantity="rows"
    )

    assert "fail" == bounded.severity
    assert {"min_value": 88.0, "max_value": 165.0} == bounded.kwargs
    assert {"measure": "rows", "trailing_median": 110, "nights": 3} == bounded.context


def test_a_warning_has_bounds_of_its_own() -> None:
    """Two checks of one number, the severe one first; a side without a bound is open."""
    limit = Ratio(warn_below=0.8, fail_below=0.6, warn_above=3.0)
    bounded = within_ratio(COUNT, Usual([1000]), limit, quantity="week")

    assert [
        ("fail", {"min_value": 600.0}),
        ("warn", {"min_value": 800.0, "max_value": 3000.0}),
    ] == [(check.severity, check.kwargs) for check in bounded]


@pytest.mark.parametrize(
    ("usual", "lowest", "highest"), [(10_000, 5_600, 30_400), (100, 20, 340), (25, 0, 95)]
)
def test_small_counts_get_room_for_chance(usual: int, lowest: float, highest: float) -> None:
    """Four roots of the count on either side: 4 % of ten thousand, all of twenty-five."""
    limit = Ratio(fail_below=0.6, fail_above=3.0)
    (bounded,) = within_ratio(COUNT, Usual([usual]), limit, quantity="week", is_chance=True)

    assert {"min_value": lowest, "max_value": highest} == bounded.kwargs


@pytest.mark.parametrize("values", [[], [0.0, 0.0]])
def test_without_anything_usual_it_is_only_recorded(values: list[float]) -> None:
    """Tomorrow needs a yesterday: no bounds, no failure, but the measure is kept."""
    (bounded,) = within_ratio(COUNT, Usual(values), Ratio(fail_below=0.8), quantity="rows")

    assert ({}, "warn", {"measure": "rows"}) == (bounded.kwargs, bounded.severity, bounded.context)


@pytest.mark.parametrize(
    ("usual", "expected"), [(0.5, (0.4, 0.6)), (0.05, (0.0, 0.15)), (0.95, (0.85, 1.0))]
)
def test_shares_move_in_points(usual: float, expected: tuple[float, float]) -> None:
    """And never beyond nobody or everybody."""
    (bounded,) = within_points(MEAN, Usual([usual]), Points(fail=10), quantity="share")

    assert pytest.approx(expected) == (bounded.kwargs["min_value"], bounded.kwargs["max_value"])


@pytest.mark.parametrize(
    ("usual", "mostly", "severity"),
    [([0.2, 0.2, 0.9], 0.7, "fail"), ([], 0.0, "warn"), ([0.95], 0.0, "fail")],
)
def test_missing_values_may_rise_a_little(usual: list[float], mostly: float, severity: str) -> None:
    """Ten points more than the median of the nights, and no bound before there are any."""
    (bounded,) = at_most_points_more(FILLED, Usual(usual), Points(fail=10), quantity="missing")

    assert (pytest.approx(mostly), severity) == (bounded.kwargs["mostly"], bounded.severity)


def test_what_is_no_reason_to_stop_only_warns() -> None:
    """The narrower bounds stay, as a warning that says why it is one."""
    usual = Usual([0.1], remark="another model")
    limit = Ratio(warn_below=0.8, fail_below=0.5)
    (bounded,) = within_ratio(MEAN, usual, limit, quantity="mean")

    assert "warn" == bounded.severity
    assert {"column": "share_high", "min_value": pytest.approx(0.08)} == bounded.kwargs
    assert "another model" == bounded.context["remark"]
