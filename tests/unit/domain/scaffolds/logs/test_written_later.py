"""Columns of a log that were written when its rows ended."""

import numpy as np
import pyarrow as pa

from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs.written_later import written_later
from tests.several_tables import looked_at, tables

ROWS = 400
RANDOM = np.random.default_rng(2)
HAS_ENDED = RANDOM.random(ROWS) < 0.7


def contracts(**more: list[str]) -> Inspected:
    """Return contracts with a begin, an end where there is one, and columns of the test."""
    random = np.random.default_rng(7)
    begins = np.datetime64("2026-01-01") + random.integers(0, 100, ROWS)
    ends = begins + random.integers(1, 90, ROWS)
    rows = {
        "customer_id": [f"c{number % 80}" for number in range(ROWS)],
        "begins_on": [str(day) for day in begins],
        "ends_on": [str(day) if ended else "" for day, ended in zip(ends, HAS_ENDED, strict=True)],
        **more,
    }

    return looked_at({"contracts": pa.table(rows)}).tables[0]


def reasons(found: Inspected) -> dict[str, str]:
    """Return what was written later than the begin."""
    begin = next(column for column in found.columns if column.name == "begins_on")

    return dict(written_later(found, begin))


def test_a_flag_that_goes_with_the_end_was_written_then() -> None:
    """Nearly always is enough; one that has nothing to do with it was not."""
    found = contracts(
        is_cancelled=[str(ended if RANDOM.random() < 0.97 else not ended) for ended in HAS_ENDED],
        plan=RANDOM.choice(["a", "b"], ROWS).tolist(),
    )

    assert {"ends_on", "is_cancelled"} == {*reasons(found)}
    assert "tells whether ends_on is known (AUC 0.9" in reasons(found)["is_cancelled"]


def test_what_is_known_of_ended_rows_only_was_written_then() -> None:
    """A rating that half of them have; not one that a row without an end has as well."""
    rated = [str(1 + n % 5) if HAS_ENDED[n] and n % 2 else "" for n in range(ROWS)]
    asked = [str(1 + n % 5) if n % 2 else "" for n in range(ROWS)]

    assert {
        "ends_on": "often later than begins_on: written later?",
        "rating": "known only where ends_on is: written later?",
    } == reasons(contracts(rating=rated, asked=asked))


def test_a_time_before_the_begin_is_no_end() -> None:
    """Who has told a birthday was known from the beginning."""
    born = [f"19{60 + n % 30}-05-01" if n % 2 else "" for n in range(ROWS)]

    flags = [str(bool(day)) for day in born]
    assert {"ends_on"} == {*reasons(contracts(born_on=born, flag=flags))}


def test_a_time_after_the_row_was_written_then() -> None:
    """Though every row has one; a day that is the same as the row's is not after it."""
    found = contracts()
    begins = next(column for column in found.columns if column.name == "begins_on").row_texts
    later = [str(np.datetime64(day) + 3) for day in begins]

    assert {"ends_on", "shipped_on"} == {
        *reasons(contracts(shipped_on=later, booked_on=[f"{day} 17:30" for day in begins]))
    }


def test_an_export_of_tickets_and_contracts() -> None:
    """As people have them."""
    found = {table.name: table for table in looked_at(tables()).tables}
    opened = next(each for each in found["tickets"].columns if each.name == "opened_at")
    started = next(each for each in found["subscriptions"].columns if each.name == "start_date")

    assert {"closed_at", "rating"} == {*written_later(found["tickets"], opened)}
    assert {"churn_flag", "end_date"} == {*written_later(found["subscriptions"], started)}
