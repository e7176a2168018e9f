"""Columns that tell who left together, and not apart."""

from datetime import date, timedelta

import numpy as np
import pytest

from tests.unit.domain.leakage.customers import Customers

PEOPLE = Customers()
FIRST = date(2022, 1, 1)


def days(numbers: np.ndarray) -> list[str]:
    """Return so many days after the first as dates."""
    return [str(FIRST + timedelta(days=int(number))) for number in numbers]


@pytest.mark.parametrize("wrong", [0, 0.02])
def test_two_flags_that_differ_are_suspect(wrong: float) -> None:
    """Each is a coin; they differ for those who left."""
    coin = PEOPLE.random.random(PEOPLE.rows) < 0.5
    other = coin ^ PEOPLE.flipped(wrong)

    assert {("a", "b"): "pair"} == PEOPLE.kinds(a=coin.astype(int), b=other.astype(int))


def test_a_sum_that_is_the_label_is_suspect() -> None:
    """Of two columns or of three, each of them noise; no other column is named."""
    noise, more = PEOPLE.random.normal(size=(2, PEOPLE.rows)).round(4) * 50

    assert {("a", "b"): "sum"} == PEOPLE.kinds(a=noise, b=PEOPLE.is_churned - noise)
    assert {("a", "b", "c"): "sum"} == PEOPLE.kinds(
        a=noise, b=more, c=PEOPLE.is_churned - noise - more
    )


def test_two_dates_whose_distance_tells_are_suspect() -> None:
    """Who left was last seen soon after the beginning; or was closed on the day of the export."""
    start = PEOPLE.random.integers(0, 1200, PEOPLE.rows)
    short, long = (PEOPLE.random.integers(low, low + 250, PEOPLE.rows) for low in (0, 260))
    seen = start + np.where(PEOPLE.is_churned, short, long)
    assert {("seen", "start"): "pair"} == PEOPLE.kinds(seen=days(seen), start=days(start))

    closed = np.where(PEOPLE.flipped(0.01), start, start + long)
    assert {("closed", "exported"): "pair"} == PEOPLE.kinds(
        closed=days(closed), exported=days(start)
    )


def test_honest_columns_may_tell_more_together() -> None:
    """A fee that is high for the plan is a reason to leave, and none to be sure of."""
    people = Customers(seed=3)
    plan, used = people.random.integers(0, 40, (2, people.rows))
    odds = 0.2 * (used - plan) + people.random.logistic(size=people.rows)
    people.is_churned = odds > np.quantile(odds, 0.8)

    assert {} == people.kinds(plan=plan, used=used)


def test_a_pair_tells_how_good_it_is_apart() -> None:
    """So that somebody sees why neither was suspect."""
    coin = PEOPLE.random.random(PEOPLE.rows) < 0.5
    (found,) = PEOPLE.findings(a=coin.astype(int), b=(coin ^ PEOPLE.is_churned).astype(int))

    assert str(found).startswith("a and b tell together who left (AUC 1.00), and apart 0.5")
