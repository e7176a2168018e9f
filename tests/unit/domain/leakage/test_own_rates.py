"""Means of the label by group, and honest rates and scores."""

import numpy as np
import pandas as pd
import pytest

from tests.unit.domain.leakage.customers import Customers


def grouped(people: Customers, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many of a row's group left, and how many there are."""
    told = pd.Series(people.is_churned.astype(float)).groupby(group)

    return told.transform("sum").to_numpy(), told.transform("size").to_numpy()


@pytest.mark.parametrize("size", [5, 20, 60])
@pytest.mark.parametrize("unit", [1, 100])
def test_a_mean_by_group_is_suspect(size: int, unit: int) -> None:
    """Whether its group is in the table or not, as a share or in percent."""
    people = Customers()
    left, rows = grouped(people, people.random.permutation(people.rows) // size)

    assert {("rate",): "rates"} == people.kinds(rate=(unit * left / rows).round(4))


def test_one_pulled_towards_the_mean_is_suspect() -> None:
    """As target encoders do, by the number of rows of a group."""
    people = Customers()
    town = people.random.integers(0, 150, people.rows) ** 2 // 150
    left, rows = grouped(people, town)
    smooth = (left + 10 * people.is_churned.mean()) / (rows + 10)

    assert {("rate",): "rates"} == people.kinds(rate=smooth, shop=[f"shop {n}" for n in town])


def test_one_without_the_row_itself_is_suspect() -> None:
    """It tells the row's own outcome by what is lacking."""
    people = Customers()
    town = people.random.integers(0, 200, people.rows)
    left, rows = grouped(people, town)
    others = (left - people.is_churned) / np.maximum(rows - 1, 1)

    assert {("rate",): "rates"} == people.kinds(rate=others, shop=[f"shop {n}" for n in town])


@pytest.mark.parametrize("regions", [8, 60, 400])
def test_the_rate_of_last_year_is_honest(regions: int) -> None:
    """It is right on average, and off by chance, in few large regions and in many small ones."""
    people = Customers(rows=6000)
    region = people.random.integers(0, regions, people.rows)
    rate = 1 / (1 + np.exp(1.4 - 0.5 * people.random.normal(size=regions)))
    people.is_churned = people.random.random(people.rows) < rate[region]
    last_year = people.random.binomial(300, rate)[region] / 300

    assert {} == people.kinds(last_year=last_year, region=[f"region {n}" for n in region])


def test_a_calibrated_score_is_honest() -> None:
    """In percent, many rows a value; what it says then happens, but for chance."""
    people = Customers(rows=6000)
    chance = 1 / (1 + np.exp(1.4 - 0.8 * people.risk))
    people.is_churned = people.random.random(people.rows) < chance

    assert {} == people.kinds(credit=(100 * chance).round())


def test_columns_that_are_nearly_empty_are_honest() -> None:
    """A few rows that two of them have in common lie on any line, and none at all on every one."""
    people = Customers(rows=4000)
    numbers = {}
    for number in range(12):
        values = people.random.lognormal(size=people.rows).round(2)
        values[people.random.random(people.rows) < 0.97] = np.nan
        numbers[f"amount {number}"] = values
    words = {
        f"word {number}": np.where(
            people.random.random(people.rows) < 0.97,
            "",
            [f"w{each}" for each in people.random.integers(0, 30, people.rows)],
        )
        for number in range(6)
    }

    assert {} == people.kinds(**numbers, **words)
