"""A table as a training takes it, without a warehouse between."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.encoding import encode
from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.scaffolds.labelled_rows import PERIODS, LabelledRows, labelled_rows
from pipelines.errors import ImportRefused

DAY = date(2026, 11, 1)
ROWS = 60


def made(
    columns: dict[str, list[str]],
    *,
    key: str | None = None,
    time: str | None = None,
    ignored: tuple[str, ...] = (),
) -> LabelledRows:
    """Return the rows of a table of text whose column `left` says who left."""
    rows = pa.table({name: pa.array(values) for name, values in columns.items()})
    sample = Sample(rows, np.arange(1, len(rows) + 1), len(rows), 1)
    found = tables.inspect("people", "people.csv", sample, as_of=DAY, label="left=yes")

    return labelled_rows(found, key=key, time=time, ignored=ignored)


def people(**more: list[str]) -> dict[str, list[str]]:
    """Return customers of whom every third has left, and more columns of them."""
    return {
        "id": [f"c-{number}" for number in range(ROWS)],
        "left": ["yes" if number % 3 == 0 else "no" for number in range(ROWS)],
        "age": [str(20 + number % 7) for number in range(ROWS)],
        **more,
    }


def test_each_column_is_the_feature_a_population_has_of_it() -> None:
    """Numbers, answers, words in one spelling, days since a date; what is disguised is NULL."""
    found = made(
        people(
            age=["?", *(str(20 + number % 7) for number in range(1, ROWS))],
            paperless=["Yes", *("No" if number % 2 else "Yes" for number in range(1, ROWS))],
            plan=["Month to month ", *("two-year", "Month to Month") * 29, "two-year"],
            since=[str(DAY - timedelta(days=10 + number % 9)) for number in range(ROWS)],
        ),
        key="id",
    )
    first = found.table.slice(0, 2).to_pylist()

    assert ("age", "paperless", "plan", "days_since_since") == found.contract.names
    assert [None, 21.0] == [row["age"] for row in first]
    assert [True, False] == [row["paperless"] for row in first]
    assert ["month_to_month", "two_year"] == [row["plan"] for row in first]
    assert [10, 11] == [row["days_since_since"] for row in first]
    assert ["c-0", "c-1"] == [row["customer_id"] for row in first]
    assert [True, False] == [row["is_churned"] for row in first]
    assert (ROWS, 4) == encode(found.table, found.contract).matrix.shape


def test_rows_without_a_label_are_left_out() -> None:
    """They say nothing of who left."""
    columns = people()
    columns["left"][5] = "N/A"

    assert ROWS - 1 == made(columns, key="id").table.num_rows


def test_what_is_ignored_or_no_feature_is_left_out_with_the_reason() -> None:
    """By its header."""
    found = made(people(note=["x"] * ROWS, score=["0.5", "0.7"] * 30), key="id", ignored=("score",))

    assert ("age",) == found.contract.names
    assert {"note", "score"} == {*found.dropped}
    with pytest.raises(ImportRefused, match="no column of people is left"):
        made(people(), key="id", ignored=("age",))


def test_rows_that_are_the_same_keep_together() -> None:
    """Where nobody says whose they are, a fold would know the other's answer."""
    columns = {name: values for name, values in people().items() if name != "id"}
    ids = made(columns).table["customer_id"].to_pylist()

    assert 7 == len({*ids})
    assert ids[0] == ids[7]


def test_a_time_divides_rows_into_periods() -> None:
    """Of about as many rows each; the time itself is no feature, and who has none is left out."""
    months = [str(date(2025, 1 + number // 6, 1)) for number in range(ROWS)]
    found = made(people(month=[*months[:-1], ""]), key="id", time="month")

    assert PERIODS == len(found.snapshots)
    assert (date(2025, 1, 1), date(2025, 9, 1)) == (found.snapshots[0], found.snapshots[-1])
    assert ROWS - 1 == found.table.num_rows
    assert ("age",) == found.contract.names
    with pytest.raises(ImportRefused, match="month has 2 different days"):
        made(people(month=["2025-01-01", "2025-02-01"] * 30), key="id", time="month")
