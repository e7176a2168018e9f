"""Which days a training takes of a log, and how much of it lies before them."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.features.splits import choose_snapshots
from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs.training_days import TrainingDays, training_days
from pipelines.errors import ImportRefused

FIRST = date(2024, 1, 1)


@pytest.fixture(scope="module")
def found() -> Inspected:
    """Some table, of which only the name is told."""
    rows = pa.table({"who": ["a", "b"]})

    return tables.inspect("plays", "plays.csv", Sample(rows, np.arange(1, 3), 2, 1), as_of=FIRST)


def days(
    found: Inspected, span: int, *, horizon: int, eligible: int, looks_back: int = 84
) -> TrainingDays:
    """Choose days of a log of so many."""
    ends = FIRST + timedelta(days=span)

    return training_days(
        found, FIRST, ends, horizon=horizon, eligible=eligible, looks_back=looks_back
    )


def test_the_first_day_has_the_longest_window_before_it(found: Inspected) -> None:
    """Where the log has room; without windows they are further apart."""
    assert TrainingDays(8, 12, 101) == days(found, 210, horizon=21, eligible=60)
    assert TrainingDays(15, 11, 39) == days(found, 210, horizon=21, eligible=60, looks_back=0)


def test_days_between_learning_and_test_are_counted(found: Inspected) -> None:
    """Six of a long horizon, where there are any; a table's own days know none between."""
    assert TrainingDays(15, 8, 178) == days(found, 373, horizon=90, eligible=90)
    assert TrainingDays(15, 7, 90) == days(found, 270, horizon=90, eligible=90)
    own = training_days(
        found,
        FIRST,
        FIRST + timedelta(days=373),
        horizon=90,
        eligible=90,
        is_any_day=False,
    )
    assert TrainingDays(15, 8, 178) == own


def test_the_shortest_log_has_a_day_to_learn_from(found: Inspected) -> None:
    """A horizon before the day of the test, and no sooner."""
    assert TrainingDays(21, 2, 21) == days(found, 63, horizon=21, eligible=21)


def test_weekdays_come_before_windows(found: Inspected) -> None:
    """Seven days are learned from, three after them, within a horizon of the latest, are not."""
    assert TrainingDays(8, 10, 57) == days(found, 150, horizon=21, eligible=21)


def test_a_year_is_learned_from_and_the_rest_is_looked_at(found: Inspected) -> None:
    """A log of three years; without windows no two horizons overlap."""
    assert TrainingDays(29, 12, 691) == days(found, 1100, horizon=90, eligible=90)
    assert TrainingDays(78, 12, 152) == days(found, 1100, horizon=90, eligible=90, looks_back=0)


@given(
    span=st.integers(1, 4000),
    horizon=st.integers(1, 400),
    eligible=st.integers(0, 400),
    looks_back=st.sampled_from([0, 84]),
)
def test_every_day_is_in_the_log_with_its_horizon(
    found: Inspected, span: int, horizon: int, eligible: int, looks_back: int
) -> None:
    """At least one to learn from and one to test on, of each weekday where there are seven."""
    needed = 2 * horizon + min(eligible, horizon)
    if span < needed:
        with pytest.raises(ImportRefused, match=f"takes {needed}"):
            days(found, span, horizon=horizon, eligible=eligible, looks_back=looks_back)
        return
    chosen = days(found, span, horizon=horizon, eligible=eligible, looks_back=looks_back)

    ends = FIRST + timedelta(days=span)
    built = [
        ends - timedelta(days=horizon + chosen.every_days * back) for back in range(chosen.count)
    ]
    taken = choose_snapshots(
        built, every_days=chosen.every_days, count=chosen.count, label_days=horizon
    )

    assert 2 == chosen.count or 1 == chosen.every_days % 7
    assert 2 <= len(taken) <= 12
    assert chosen.before_days == (built[-1] - FIRST).days >= min(eligible, horizon)
    learned = {day.weekday() for day in taken[:-1]}
    assert learned
