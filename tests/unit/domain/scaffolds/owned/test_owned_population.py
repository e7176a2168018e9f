"""A feature table somebody owns already, as a population."""

import functools
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.adapters.scaffolds import owned_models
from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.answers import Answers, header_of
from pipelines.domain.scaffolds.owned.feature_table import FeatureTable
from pipelines.domain.scaffolds.owned.owned_label import OwnedLabel
from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation, plan
from pipelines.errors import ChurnError, ConfigError, ImportRefused

CUSTOMERS, FIRST = 40, date(2026, 1, 1)
TYPES = {
    "customer": "TEXT",
    "day": "DATE",
    "fee": "NUMERIC(10, 2)",
    "plan": "VARCHAR(10)",
    "is_paperless": "BOOLEAN",
    "weight": "TEXT",
    "began": "DATE",
    "left": "SMALLINT",
    "same": "INTEGER",
}
SOURCE = FeatureTable("mart", "features", TYPES)
ANSWERS = Answers(
    "shop",
    key="customer",
    times=("day",),
    label="left=1 in 30d",
    has_features=True,
)


def decide(
    answers: Answers = ANSWERS,
    source: FeatureTable = SOURCE,
    *,
    every_days: int = 1,
    dates: int = 150,
    on: Sequence[date] = (),
    day_as: Callable[[date], object] = lambda day: day,
    repeats: int = 0,
    called: Mapping[str, str] | None = None,
) -> OwnedPopulation:
    """Look at a table with a row a customer and date, and decide."""
    renamed = called or {}
    types = {renamed.get(name, name): kind for name, kind in source.types.items()}
    label = None if answers.gone else header_of(answers.label)
    days = [*on] or [FIRST + timedelta(days=every_days * number) for number in range(dates)]
    found = looked_at(tuple(map(day_as, days)), repeats, tuple(renamed.items()), label)

    return plan(answers, found, replace(source, types=types))


@functools.cache
def looked_at(
    days: tuple[object, ...],
    repeats: int,
    renamed: tuple[tuple[str, str], ...],
    label: str | None,
) -> Inspected:
    """Look at such a table, at the same one once."""
    number = np.tile(np.arange(CUSTOMERS), len(days))
    random = np.random.default_rng(5)
    columns = {
        "customer": [f"C{each:03d}" for each in number],
        "day": [day for day in days for _ in range(CUSTOMERS)],
        "fee": random.uniform(5, 50, len(number)),
        "plan": random.choice(["basic", "plus"], len(number)),
        "is_paperless": random.random(len(number)) < 0.3,
        "weight": [f"{each:.3f}" for each in random.uniform(50, 90, len(number))],
        "began": [FIRST - timedelta(days=int(each)) for each in number],
        "left": (random.random(len(number)) < 0.2).astype(int),
        "same": np.ones(len(number), dtype=int),
    }
    called = dict(renamed)
    rows = pa.table({called.get(name, name): values for name, values in columns.items()})
    rows = pa.concat_tables([rows, rows.slice(0, repeats)])
    sample = Sample(rows, np.arange(1, len(rows) + 1), len(rows), 1)

    return tables.inspect(
        "features", "warehouse#mart.features", sample, as_of=date(2026, 12, 1), label=label
    )


def test_every_column_is_read_by_its_type_and_kind() -> None:
    """What the table says of the day is a feature; the day, the customer and the label are none."""
    found = decide()

    assert {
        "fee": 'cast("fee" as double precision)',
        "plan": 'cast("plan" as text)',
        "is_paperless": '"is_paperless"',
        "began": '"began"',
    } == found.values
    assert ["fee", "plan", "is_paperless", "days_since_began"] == [
        feature.name for feature in found.features
    ]
    assert {"basic", "plus"} == {*found.features[1].feature.levels}
    assert {
        "weight": "text that holds number values; a view can cast",
        "same": "the same on every row that has it",
    } == found.table.dropped
    assert {"fee"} == {*found.bounds}


def test_training_days_are_dates_of_the_table() -> None:
    """Of a table filled every day of all weekdays in turn, of one filled every week whole weeks."""
    assert (1, 8) == (decide().every_days, decide().snapshot_every_days)
    weekly = decide(every_days=7, dates=40)
    assert (7, 0) == (weekly.every_days, weekly.snapshot_every_days % 7)
    assert FIRST + timedelta(days=149) == decide().ends


def test_training_days_of_months_are_month_ends() -> None:
    """They are 28 to 31 days apart, so that none of them is skipped; daily tables take any day."""
    ends = [day.date() for day in pd.date_range("2025-01-31", "2026-06-30", freq="ME")]
    monthly = decide(on=ends)

    assert (31, 28) == (monthly.every_days, monthly.snapshot_every_days)
    assert 'snapshots_on = { table = "mart.features", column = "day" }' in owned_models.section(
        monthly
    )
    assert "snapshots_on" not in owned_models.section(decide())


def test_a_horizon_has_room_for_a_date_of_the_table() -> None:
    """Within fewer days nobody knows who is in it no more; what a row says itself is known."""
    odd = [FIRST + timedelta(days=days) for days in np.cumsum([20, 44, 30, 41] * 5).tolist()]
    silence = Answers("shop", key="customer", times=("day",), gone=("no features in 30d",))
    with pytest.raises(ImportRefused, match="has a date every 44 days, 20 in all") as refused:
        decide(silence, on=odd)

    assert "'no features in 44d'" in (refused.value.next_step or "")
    assert (44, 20) == (decide(on=odd).every_days, decide(on=odd).snapshot_every_days)


@pytest.mark.parametrize(
    ("label", "gone", "expected"),
    [
        ("left=1 in 30d", (), OwnedLabel(30, "left", "1", is_of_row=True)),
        (None, ("no features in 30d",), OwnedLabel(30, is_absence=True)),
        (None, ("plan=Basic in 30d",), OwnedLabel(30, "plan", "basic")),
        (
            None,
            ("plan=basic in 30d", "no features in 30d"),
            OwnedLabel(30, "plan", "basic", is_absence=True),
        ),
    ],
)
def test_who_left_is_said_by_the_row_or_by_later_ones(
    label: str | None, gone: tuple[str, ...], expected: OwnedLabel
) -> None:
    """And what says it is no feature."""
    found = decide(replace(ANSWERS, label=label, gone=gone))

    assert expected == found.label
    assert expected.column not in found.values


@pytest.mark.parametrize(
    ("answers", "error", "fault"),
    [
        (replace(ANSWERS, label=None), ConfigError, "nothing says who leaves of features"),
        (replace(ANSWERS, label="left=1"), ConfigError, "does not say when somebody has left"),
        (replace(ANSWERS, gone=("no features in 30d",)), ConfigError, "it takes one"),
        (
            replace(ANSWERS, label=None, gone=("no orders in 30d",)),
            ConfigError,
            "'orders' says nothing of leaving; the table is called 'features'",
        ),
        (replace(ANSWERS, times=()), ImportRefused, "2 columns of dates, day, began: which"),
        (replace(ANSWERS, times=("plan",)), ImportRefused, "plan of mart.features is varchar"),
        (replace(ANSWERS, times=("fee",)), ImportRefused, "fee of mart.features is numeric"),
        (replace(ANSWERS, key="who"), ImportRefused, "mart.features has no column 'who'"),
        (replace(ANSWERS, key="plan"), ImportRefused, "are of a customer and date that another"),
    ],
)
def test_what_is_no_feature_table_is_refused(
    answers: Answers, error: type[ChurnError], fault: str
) -> None:
    """With what is wrong, and how to say it."""
    with pytest.raises(error, match=fault):
        decide(answers)


@pytest.mark.parametrize(
    ("type_", "day_as", "sql"),
    [
        ("TIMESTAMP WITHOUT TIME ZONE", "{:%Y-%m-%dT00:00:00}", 'cast("day" as date)'),
        (
            "TIMESTAMP WITH TIME ZONE",
            "{:%Y-%m-%dT00:00:00+00:00}",
            "cast(\"day\" at time zone 'UTC' as date)",
        ),
        ("TEXT", "{:%Y-%m-%d}", 'cast("day" as date)'),
        ("CHAR(8)", "{:%Y%m%d}", 'cast("day" as date)'),
    ],
)
def test_a_timestamp_or_a_text_may_say_the_day(type_: str, day_as: str, sql: str) -> None:
    """As a date of UTC, and as PostgreSQL reads it whatever it is set to."""
    found = decide(source=replace(SOURCE, types={**TYPES, "day": type_}), day_as=day_as.format)

    assert (sql, 1) == (found.day, found.every_days)
    assert (
        f"    {sql} as as_of,"
        in owned_models.render(found)["models/shop/intermediate/int_shop_rows.sql"]
    )


def test_a_day_that_can_be_read_two_ways_is_refused() -> None:
    """PostgreSQL would read it as it is set to."""
    source = replace(SOURCE, types={**TYPES, "day": "TEXT"})
    with pytest.raises(ImportRefused, match="is text and holds no dates such"):
        decide(source=source, day_as="{:%d.%m.%Y}".format)


def test_a_row_that_knows_of_its_day_is_refused() -> None:
    """What was written at noon was known when the day began by nobody."""
    source = replace(SOURCE, types={**TYPES, "day": "TIMESTAMP WITH TIME ZONE"})
    with pytest.raises(ImportRefused, match="after 00:00 UTC on 6,000 rows") as refused:
        decide(source=source, day_as=lambda day: datetime.combine(day, time(12), UTC))
    assert "the date of the day after" in refused.value.next_step


def test_two_rows_of_a_customer_and_date_are_refused() -> None:
    """Which of them holds, nobody knows."""
    with pytest.raises(ImportRefused, match="3 of 6,003 rows of mart"):
        decide(repeats=3)


def test_a_name_in_quotes_is_refused() -> None:
    """A view has a plain one."""
    with pytest.raises(ImportRefused, match="cannot be read by its name") as refused:
        decide(source=replace(SOURCE, name="My Features"))
    assert "make a view" in refused.value.next_step


@pytest.mark.parametrize("header", ["{{ env_var('HOME') }}", "100 %", "a\\b", "line\nbreak"])
def test_a_name_that_is_a_template_is_none_of_ours(header: str) -> None:
    """A column of it is left out; one that says whose a row is has to be called otherwise."""
    found = decide(called={"fee": header})
    assert "its name holds what dbt reads as a template" == found.table.dropped[header]
    models = [text for path, text in owned_models.render(found).items() if path[:6] == "models"]
    assert 6 == len(models)
    assert not any(header in text for text in models)

    with pytest.raises(ImportRefused, match="in whose name dbt reads a template"):
        decide(replace(ANSWERS, key=header), called={"customer": header})


def test_quotes_in_a_name_end_nothing() -> None:
    """They are doubled in SQL, and escaped in TOML."""
    header = 'fee"; drop table x; --'
    files = owned_models.render(decide(called={"fee": header}))

    assert '"fee""; drop table x; --"' in files["models/shop/intermediate/int_shop_rows.sql"]
    suite = tomllib.loads(files["expectations/sources/shop__features.toml"])
    assert [header] == suite["types"]["NUMERIC(10, 2)"]
    assert [header] == [*suite["bounds"]]
    assert ("mart.features", "day") == (suite["stands_in"], suite["as_of"])


def test_too_few_dates_are_refused() -> None:
    """A horizon to learn from and one to judge by."""
    with pytest.raises(ImportRefused, match="features spans 19 days"):
        decide(dates=20)
