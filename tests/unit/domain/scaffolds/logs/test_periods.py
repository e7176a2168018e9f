"""Tables with a row a customer and period are told from logs of what customers do."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs import periods
from pipelines.domain.scaffolds.logs.periods import Periods
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.errors import ImportRefused

MONTHS = pd.date_range("2025-01-31", "2026-06-30", freq="ME")
ODD = pd.DatetimeIndex(["2026-01-05", "2026-02-01", "2026-03-16", "2026-04-02", "2026-05-01"])
WHO = [f"c{number:03d}" for number in range(60)]


def looked_at(rows: Iterable[tuple[str, pd.Timestamp]], **columns: list[str]) -> Inspected:
    """Look at rows of a customer and day."""
    who, days = zip(*rows, strict=True)
    table = {"who": [*who], "day": [f"{day:%Y-%m-%d}" for day in days], **columns}
    sample = Sample(pa.table(table), np.arange(1, len(who) + 1), len(who), 1)

    return tables.inspect("stock", "stock.csv", sample, as_of=date(2027, 1, 1))


def found(rows: Inspected, known: str | None = None) -> Periods | None:
    """Return the periods of such a table."""
    return periods.periods(rows, whose_and_when(rows, key="who", time="day", known=known))


@pytest.mark.parametrize("days", [MONTHS, ODD, MONTHS[:3]])
def test_everybody_has_a_row_in_each_period(days: pd.DatetimeIndex) -> None:
    """From when they come to when they leave, be the days of no rule."""
    rows = [
        (who, day)
        for number, who in enumerate(WHO)
        for day in days[number % 3 :: 1][: max(2, len(days) - number % 4)]
    ]
    told = found(looked_at(rows))

    assert told is not None
    assert [*days.to_numpy().astype("datetime64[D]")] == [*told.days]


def test_a_log_of_what_customers_do_has_none() -> None:
    """Who comes now and then, be it on the same days as others; daily tables are logs as well."""
    random = np.random.default_rng(2)
    mondays = pd.date_range("2025-01-06", "2026-06-29", freq="W-MON")
    seldom = [(who, day) for who in WHO for day in mondays if random.random() < 0.4]
    daily = [*itertools.product(WHO, pd.date_range("2026-01-01", "2026-02-10"))]
    lines = [*itertools.product(WHO, MONTHS), *itertools.product(WHO[:30], MONTHS)]

    assert found(looked_at(seldom)) is None
    assert found(looked_at(daily)) is None
    assert found(looked_at(lines)) is None
    assert found(looked_at(itertools.product(WHO, MONTHS[:2]))) is None


def test_periods_that_came_again_are_periods_where_a_column_says_when() -> None:
    """Without it, a second row of a customer and day is one more event."""
    rows = [*itertools.product(WHO, MONTHS), *itertools.product(WHO[:30], MONTHS)]
    came = ["2026-07-01"] * (len(WHO) * len(MONTHS)) + ["2026-07-09"] * (30 * len(MONTHS))
    table = looked_at(rows, came=came)

    assert found(table) is None
    assert found(table, known="came") is not None


def test_of_every_fifth_row_a_fifth_of_the_periods_are_there() -> None:
    """A table too large to be looked at whole is no log for that."""
    rows = [*itertools.product(WHO, MONTHS)]
    table = looked_at(rows[i] for i in range(0, len(rows), 5))

    assert found(table) is None
    assert found(replace(table, rows=len(rows))) is not None


def test_a_horizon_has_room_for_a_period() -> None:
    """Or everybody has left at times; the message has the two days, and what to say."""
    told = Periods(ODD.to_numpy().astype("datetime64[D]"))

    told.require(43, "stock")
    with pytest.raises(ImportRefused, match="2026-02-01 and 2026-03-16, are 43 days") as refused:
        told.require(42, "stock")
    assert "'no stock in 43d'" in (refused.value.next_step or "")


def test_the_first_day_that_is_learned_from_has_periods_before_it() -> None:
    """Of 18 month ends three, and all days after them; features see those before the latest."""
    days = MONTHS.to_numpy().astype("datetime64[D]")
    ends = date(2026, 7, 1)

    assert (12, 16) == periods.learned_from(
        days, every_days=28, count=12, ends=ends, horizon_days=31
    )
    assert (13, 16) == periods.learned_from(
        days, every_days=28, count=40, ends=ends, horizon_days=31
    )
    assert (2, 3) == periods.learned_from(
        days[-4:], every_days=28, count=12, ends=ends, horizon_days=31
    )


@pytest.mark.parametrize(("every", "least"), [(7, 28), (28, 28), (35, 28), (60, 59), (900, 900)])
def test_the_least_distance_lets_as_many_periods_be_taken(every: int, least: int) -> None:
    """Month ends are 28 to 31 days apart; two of them at least 59."""
    assert least == periods.least_distance(MONTHS.to_numpy().astype("datetime64[D]"), every)
