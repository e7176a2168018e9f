"""Deciding what a population is made of."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from pipelines.domain.inspection.report import Inspection
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.summary import Section, summary
from pipelines.errors import ConfigError, ImportRefused
from pipelines.steps.data.inspect import inspect
from pipelines.steps.data.new_population import new_population
from pipelines.testing.sources import MemorySourceTable

PEOPLE = MemorySourceTable(
    name="people",
    rows=pa.table(
        {
            "customer_id": [f"u{number}" for number in range(200)],
            "segment": [f"s{number % 3}" for number in range(200)],
            "churned": ["yes" if number % 4 == 0 else "no" for number in range(200)],
        }
    ),
)
ANSWERS = Answers("shop")


def decide(*tables: MemorySourceTable, answers: Answers = ANSWERS) -> FlatPopulation:
    """Look at tables and decide."""
    inspection: Inspection = inspect(
        sources=tables, as_of=date(2026, 11, 1), label=None, most_rows=1000
    )

    return new_population(answers=answers, inspection=inspection, house={"subscribers": {}})


def test_key_and_label_are_those_that_were_found() -> None:
    """Where nobody names others."""
    found = decide(PEOPLE)

    assert {"customer_id": "customer_id", "segment": "segment", "churned": "churned"} == {
        column.name: column.header for column in found.table.columns
    }
    assert "yes" == found.gone


def test_a_name_that_is_taken_is_refused() -> None:
    """Before anything else is looked at."""
    with pytest.raises(ConfigError, match="population of the house"):
        decide(PEOPLE, answers=Answers("subscribers"))


def test_what_a_person_takes_all_the_same_is_kept_with_the_reason() -> None:
    """So that who reads the page knows why."""
    found = decide(PEOPLE, answers=replace(ANSWERS, accepts={"segment": "set at sign-up"}))

    assert {"segment": "set at sign-up"} == found.accepted
    assert Section("taken all the same", ("segment: set at sign-up",)) == summary(found)[-1]


def test_a_row_that_never_ends_does_not_say_who_left() -> None:
    """It says that somebody came; how else to say it comes with the error."""
    rule = replace(ANSWERS, gone=("people in 60d",))
    with pytest.raises(ImportRefused, match="every customer has rows in 'people'") as refused:
        decide(PEOPLE, answers=rule)
    assert "--gone 'no people in 90d'" in refused.value.next_step


def test_a_second_table_says_more_of_the_same_customers() -> None:
    """As its own table, with features called after it."""
    more = pa.table(
        {
            "customer_id": [f"u{number % 200}" for number in range(600)],
            "paid_on": [f"2026-0{1 + number % 9}-03" for number in range(600)],
            "paid": [f"{5 + number * 7 % 41}" for number in range(600)],
        }
    )
    found = decide(PEOPLE, MemorySourceTable(name="payments", rows=more))

    assert ["shop__people", "shop__payments"] == [table.raw_table for table in found.tables]
    (payments,) = found.beside
    assert {"payments_paid_84d", "payments_last_paid", "payments_events_28d"} <= {
        feature.name for feature in payments.features
    }


def test_a_key_that_rows_share_is_refused() -> None:
    """It is a log, and the next command says how to bring one."""
    with pytest.raises(ImportRefused, match="3 different values on 200 rows") as refused:
        decide(PEOPLE, answers=Answers("shop", key="segment"))
    assert "--gone" in refused.value.next_step


def test_a_row_a_customer_has_no_time_of_its_own() -> None:
    """Whoever names one means a log, or nothing; it is not passed over."""
    with pytest.raises(ImportRefused, match="no time divides its rows") as refused:
        decide(PEOPLE, answers=replace(ANSWERS, times=("segment",)))
    assert "leave out --time" in refused.value.next_step


def test_rows_are_numbered_only_where_that_was_said() -> None:
    """Or a population would have customers nobody knows."""
    unnamed = replace(PEOPLE, rows=PEOPLE.rows.drop(["customer_id"]))
    with pytest.raises(ImportRefused, match="tells its 200 rows apart") as refused:
        decide(unnamed)
    assert "--key" in refused.value.next_step

    assert decide(unnamed, answers=Answers("shop", is_numbered=True)).table.is_numbered


def test_a_row_a_customer_and_month_is_a_log() -> None:
    """With what to say of it, in the days that pass between two rows."""
    rows = [(f"u{number}", month) for number in range(100) for month in range(1, 9)]
    panel = pa.table(
        {
            "customer_id": [customer for customer, _ in rows],
            "month": [f"2026-{month:02d}-01" for _, month in rows],
            "churned": [
                "yes" if month == 8 and customer == "u7" else "no" for customer, month in rows
            ],
        }
    )
    with pytest.raises(
        ImportRefused, match="customer_id has 100 different values on 800 rows"
    ) as no:
        decide(
            MemorySourceTable(name="panel", rows=panel), answers=replace(ANSWERS, key="customer_id")
        )

    assert no.value.next_step == (
        "name another --key, or say what leaving is in a log: --gone 'churned=yes in 31d', --gone "
        "'no panel in 31d', or both"
    )


def test_a_feature_table_stands_in_this_warehouse() -> None:
    """One that lies elsewhere is brought in, and the message says how."""
    with pytest.raises(ImportRefused, match="used where it stands") as refused:
        decide(PEOPLE, answers=replace(ANSWERS, label="churned=yes in 30d", has_features=True))

    assert "churn import brings it in" in refused.value.next_step
