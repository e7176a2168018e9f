"""Columns of a log that knew who would leave."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.domain.columns import column as table_column
from pipelines.domain.columns.column import Column
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.logs.foretold import Outcome, Rows, foretold, outcome

DAYS = 100
SILENCE = Leaving(30, silent="visits")
RANDOM = np.random.default_rng(5)


def rows(*found: tuple[str | None, int]) -> Rows:
    """Return rows by customer and day from the first of a year on."""
    days = np.datetime64("2026-01-01", "us") + np.array(
        [np.timedelta64(day, "D") for _, day in found]
    )

    return Rows(np.array([who for who, _ in found], dtype=object), days)


# Of 100 days, the horizon is the last 30.
VISITS = rows(
    *(("stays", 5), ("stays", 60), ("stays", 99), ("goes", 65), ("long gone", 2), (None, 60))
)


def test_silence_in_the_last_horizon_is_leaving() -> None:
    """Of those who had a row in the days before it; a row of nobody is nobody's."""
    found = outcome(VISITS, SILENCE, eligible_days=30, left=None)

    assert np.datetime64("2026-03-12") == found.at
    assert {"stays": False, "goes": True} == found.has_left.to_dict()
    ever = outcome(VISITS, SILENCE, eligible_days=None, left=None)
    assert {"stays": False, "goes": True, "long gone": True} == ever.has_left.to_dict()


@pytest.mark.parametrize(
    ("left_on", "expected"),
    [
        (80, {"stays": False, "goes": True, "long gone": False}),
        # Had left before, and is no member; but for who came back afterwards.
        (68, {"stays": False, "long gone": False}),
        (64, {"stays": False, "goes": False, "long gone": False}),
        # An end that is known of already, and lies ahead.
        (140, {"stays": False, "goes": False, "long gone": False}),
    ],
)
def test_rows_say_who_left(left_on: int, expected: dict[str, bool]) -> None:
    """Of the last horizon, by those who were members then."""
    told = Leaving(30, table="ends")
    found = outcome(VISITS, told, eligible_days=None, left=rows(("goes", left_on), (None, 80)))

    assert expected == found.has_left.to_dict()


def made(name: str, values: list[str]) -> Column:
    """Return a column."""
    return table_column.read(name, pa.chunked_array([values]))


def test_a_column_that_knew_is_named() -> None:
    """One that is filled of who left later; not one that is so of anybody, or was at the time."""
    customers = [f"c{number:03d}" for number in range(300)]
    has_left = pd.Series(np.arange(300) % 3 == 0, index=customers)
    whose = [customer for customer in customers for _ in range(3)]
    found = rows(*[(who, 10 + place % 60) for place, who in enumerate(whose)])
    judged = Outcome(np.datetime64("2026-03-12"), has_left)
    status = ["churned" if has_left[who] else "active" for who in whose]
    land = [["DE", "FR"][int(who[1:]) % 2] for who in whose]
    mood = RANDOM.choice(["good", "bad"], len(whose)).tolist()

    told = foretold([made("status", status), made("land", land), made("mood", mood)], found, judged)

    assert {"status"} == {*told}
    assert "its last value tells alone who left later (AUC 1.00)" in told["status"]


def test_a_column_that_is_filled_for_few_who_left_alone_is_named() -> None:
    """One in five of them has it, so that it ranks nobody well; one that others have as well."""
    customers = [f"c{number:03d}" for number in range(1800)]
    has_left = pd.Series(np.arange(1800) % 3 == 0, index=customers)
    found = rows(*[(who, 10 + place % 60) for place, who in enumerate(customers)])
    judged = Outcome(np.datetime64("2026-03-12"), has_left)
    survey = ["moved" if has_left[who] and int(who[1:]) % 5 == 0 else "" for who in customers]
    coupon = ["used" if int(who[1:]) % 5 == 0 else "" for who in customers]

    told = foretold([made("survey", survey), made("coupon", coupon)], found, judged)

    assert {"survey"} == {*told}
    assert "is filled for 20 % of those who left and 0 % of the others" in told["survey"]


def test_of_rows_that_are_nobodys_nothing_is_said() -> None:
    """Who has no time, or a time of nobody."""
    nobody = Rows(np.array(["ann", None], dtype=object), np.array(["NaT", "2026-01-01"], "M8[us]"))
    judged = outcome(nobody, SILENCE, eligible_days=30, left=None)

    assert {} == judged.has_left.to_dict()
    assert {} == foretold([made("status", ["a", "b"])], nobody, judged)


def test_of_too_few_nothing_is_said() -> None:
    """Ten who left prove nothing."""
    judged = outcome(VISITS, SILENCE, eligible_days=None, left=None)

    assert {} == foretold([made("status", ["a", "a", "a", "b", "b", "a"])], VISITS, judged)
