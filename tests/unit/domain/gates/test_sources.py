"""A raw table beside its own past: which rows are counted, and against what."""

from datetime import date, timedelta

import pytest

from pipelines.domain.gates.check import Check
from pipelines.domain.gates.history import History, Observation
from pipelines.domain.gates.limits import GateLimits, Ratio
from pipelines.domain.gates.sources import (
    owned_batch,
    same_weekdays,
    source_batches,
    weeks_before,
)
from pipelines.domain.gates.suite import Suite

NIGHT = date(2026, 10, 10)
LIMITS = GateLimits(
    source_rows=Ratio(fail_below=0.8),
    source_rows_kept=Ratio(fail_below=0.9),
    source_week=Ratio(fail_below=0.6),
    source_day=Ratio(),
)
COUNT = Check("expect_table_row_count_to_be_between", {"min_value": 1}, "suite")
FIVE_WEEKS = [10] * 7 + [100] * 7 + [200] * 7 + [300] * 7 + [400] * 7


def test_weeks_are_whole_and_the_last_is_not_among_them() -> None:
    """Thirty-four days hold three whole weeks before the last, thirty-five four."""
    assert [700, 1400, 2100] == weeks_before(FIVE_WEEKS[:34]).values
    assert [700, 1400, 2100, 2800] == weeks_before(FIVE_WEEKS).values


def test_a_day_is_compared_with_its_weekday() -> None:
    """Sundays with Sundays."""
    days = [*range(35)]

    assert [7, 14, 21, 28] == same_weekdays(days).values


@pytest.mark.parametrize(("weeks", "expected"), [(2, ()), (3, [7, 7, 7])])
def test_a_table_that_just_began_is_compared_with_nothing(
    weeks: int, expected: tuple[int, ...]
) -> None:
    """Before three weeks the first load may be half of what there is."""
    assert expected == weeks_before([1] * 7 * (weeks + 1) + [0] * 70).values


def test_a_quiet_week_in_between_counts() -> None:
    """Only what lies before the first row is no week."""
    days = [1] * 14 + [0] * 7 + [1] * 7 + [0] * 7

    assert [7, 0, 7] == weeks_before(days).values


def test_rows_of_the_last_night_are_counted_again_in_its_window() -> None:
    """As known then: the same days before that night, held to the number it saw."""
    seen = [
        Observation(NIGHT - timedelta(days=back), "raw.invoices", "rows", 1000.0 - back)
        for back in (1, 2, 3)
    ]
    batches = source_batches(
        Suite((COUNT,), known_within_days=92),
        schema="raw",
        table="invoices",
        as_of=NIGHT,
        history=History(seen, 2),
        arrivals=[],
        limits=LIMITS,
    )

    assert ["rows", "rows the last night knew"] == [batch.label for batch in batches]
    kept = batches[1]
    assert (date(2026, 10, 9), 92) == (kept.known_before, kept.known_within_days)
    assert {"min_value": pytest.approx(899.1)} == kept.checks[0].kwargs
    assert {
        "measure": "kept",
        "rows_known": 999.0,
        "at": date(2026, 10, 9),
    } == kept.checks[0].context


def test_the_first_night_looks_at_what_came_in() -> None:
    """No night before, but the rows say when they came."""
    batches = source_batches(
        Suite((COUNT,)),
        schema="raw",
        table="invoices",
        as_of=NIGHT,
        history=History([], 2),
        arrivals=FIVE_WEEKS,
        limits=LIMITS,
    )

    assert ["rows", "rows of the last week", "rows of the last day"] == [b.label for b in batches]
    assert {"measure": "week", "trailing_median": 1750, "weeks": 4} == batches[1].checks[0].context
    assert [None, 7, 1] == [batch.known_within_days for batch in batches]


def test_of_a_table_somebody_owns_the_rows_of_the_night_are_looked_at() -> None:
    """Held to the number earlier nights had."""
    suite = Suite((COUNT,), stands_in=("mart", "features"), as_of="day")
    seen = [
        Observation(NIGHT - timedelta(days=back), "mart.features", "rows", 1000.0)
        for back in (1, 2, 3)
    ]
    batch = owned_batch(suite, as_of=NIGHT, history=History(seen, 2), limits=LIMITS)

    assert ("mart", "features", {"day": NIGHT}) == (batch.schema, batch.table, batch.equals)
    assert (COUNT, 800.0) == (batch.checks[0], batch.checks[1].kwargs["min_value"])
    without = owned_batch(suite, as_of=NIGHT, history=History((), 2), limits=LIMITS)
    assert [{"min_value": 1}, {}] == [check.kwargs for check in without.checks]
