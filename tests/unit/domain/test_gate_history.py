"""Bounds around the median of earlier nights, on both of their edges."""

from datetime import date, timedelta

import pytest

from pipelines.domain.check import Check
from pipelines.domain.gate_history import (
    History,
    Observation,
    Points,
    Ratio,
    at_most_points_more,
    within_points,
    within_ratio,
)

COUNT = Check("expect_table_row_count_to_be_between", {}, "churn.toml")
MEAN = Check("expect_column_mean_to_be_between", {"column": "share_high"}, "churn.toml")
FILLED = Check(
    "expect_column_values_to_not_be_null", {"column": "age_years"}, "churn.toml", severity="warn"
)


def seen(*values: float, version: int = 1) -> list[Observation]:
    """Return one observation a night."""
    first = date(2026, 10, 1)

    return [
        Observation(first + timedelta(days=n), "raw.invoices", "rows", value, version)
        for n, value in enumerate(values)
    ]


def test_counts_are_held_to_the_median() -> None:
    """One night that was ten times the others does not move what is expected."""
    limit = Ratio(0.8, 1.5, "fail")
    bounded = within_ratio(COUNT, [100, 110, 1000], limit, measure="rows")

    assert {"min_value": 88.0, "max_value": 165.0} == bounded.kwargs
    assert {"measure": "rows", "trailing_median": 110, "of": 3} == bounded.context


def test_without_earlier_nights_it_is_only_recorded() -> None:
    """Tomorrow needs a yesterday: no bounds, but the measure is kept."""
    limit = Ratio(0.8, 1.5, "fail")
    bounded = within_ratio(COUNT, [], limit, measure="rows")

    assert {} == bounded.kwargs
    assert {"measure": "rows"} == bounded.context


@pytest.mark.parametrize(("nights", "expected"), [(1, []), (2, [5.0, 7.0])])
def test_it_takes_enough_nights(nights: int, expected: list[float]) -> None:
    """One night is an anecdote."""
    history = History(seen(5.0, 7.0)[:nights], minimum_nights=2)

    assert expected == history.values("raw.invoices", "rows")


def test_lists_of_another_model_say_nothing() -> None:
    """A new champion is not measured by the old one's scores."""
    history = History([*seen(5.0, 7.0), *seen(9.0, version=2)], minimum_nights=1)

    assert [9.0] == history.of_model(2).values("raw.invoices", "rows")


@pytest.mark.parametrize(
    ("usual", "expected"), [(0.5, (0.4, 0.6)), (0.05, (0.0, 0.15)), (0.95, (0.85, 1.0))]
)
def test_shares_move_in_points(usual: float, expected: tuple[float, float]) -> None:
    """And never beyond nobody or everybody."""
    bounded = within_points(MEAN, [usual], Points(10, "fail"), measure="share")

    assert pytest.approx(expected) == (bounded.kwargs["min_value"], bounded.kwargs["max_value"])


@pytest.mark.parametrize(
    ("usual", "mostly", "severity"),
    [([0.2, 0.2, 0.9], 0.7, "fail"), ([], 0.0, "warn"), ([0.95], 0.0, "fail")],
)
def test_missing_values_may_rise_a_little(usual: list[float], mostly: float, severity: str) -> None:
    """Ten points more than the median of the nights, and no bound before there are any."""
    bounded = at_most_points_more(FILLED, usual, Points(10, "fail"), measure="missing", floor=0.0)

    assert (pytest.approx(mostly), severity) == (bounded.kwargs["mostly"], bounded.severity)
