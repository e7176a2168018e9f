"""Bounds a gate may be given, and how many customers count as riskiest."""

import pytest

from pipelines.domain.gates.limits import GateLimits, Points, Ratio


@pytest.mark.parametrize(
    ("kind", "bound", "told"),
    [
        (Ratio, {"fail_below": 1.5}, "fail_below is 1.5 and has to be at least 0 and at most 1"),
        (Ratio, {"warn_above": 0.9}, "warn_above is 0.9 and has to be at least 1"),
        (Ratio, {"warn_above": float("nan")}, "warn_above is nan and has to be at least 1"),
        (Points, {"fail": 0}, "fail is 0 and has to be above 0 and at most 100"),
        (GateLimits, {"minimum_nights": 0}, "minimum_nights is 0 and has to be at least 1"),
    ],
)
def test_a_bound_nothing_can_be_held_to_is_refused(
    kind: type, bound: dict[str, float], told: str
) -> None:
    """The refusal names the bound, its value and where it may lie."""
    with pytest.raises(ValueError, match=told):
        kind(**bound)


def test_every_bound_that_is_wrong_is_named() -> None:
    """Not only the first."""
    with pytest.raises(ValueError, match=r"warn is 0 .*; fail is 101 "):
        Points(warn=0, fail=101)


@pytest.mark.parametrize(("rows", "customers"), [(100, 20), (400, 20), (1000, 50)])
def test_a_short_list_has_a_least_number_of_riskiest(rows: int, customers: int) -> None:
    """Five percent of the list, and twenty customers at least."""
    assert customers == GateLimits().riskiest_overlap.customers(rows)
