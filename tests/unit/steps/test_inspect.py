"""Looking at what somebody brings."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from pipelines.domain.inspection.report import Inspection
from pipelines.domain.ports.sources import RefusedRow
from pipelines.errors import ImportRefused
from pipelines.steps.data.inspect import inspect
from pipelines.testing.sources import MemorySourceTable

DAY = date(2026, 11, 1)
USERS = MemorySourceTable(
    name="users",
    rows=pa.table(
        {
            "user_id": [f"u{number}" for number in range(200)],
            "churned": ["yes" if number % 4 == 0 else "no" for number in range(200)],
        }
    ),
)
EVENTS = MemorySourceTable(
    name="events",
    rows=pa.table(
        {
            "user_id": [f"u{number % 150}" for number in range(900)],
            "at": ["2026-10-01 10:00"] * 450 + ["2026-10-02 11:00"] * 450,
        }
    ),
    refused=[RefusedRow(line, "too few columns") for line in range(2, 9)],
)


def look(
    *sources: MemorySourceTable, label: str | None = None, most_rows: int = 10_000
) -> Inspection:
    """Look at tables as of a day."""
    return inspect(sources=sources, as_of=DAY, label=label, most_rows=most_rows)


def test_tables_are_looked_at_with_what_links_them() -> None:
    """Each has its key or its customer, and a log points to its customers."""
    found = look(USERS, EVENTS)
    users, events = found.tables

    assert ("user_id", None) == (users.key, events.key)
    assert ("user_id", ("at",)) == (events.customer, events.times)
    assert [("events", "user_id", "users", "user_id")] == [
        (link.table, link.column, link.to_table, link.to_column) for link in found.links
    ]


def test_a_label_may_be_named_with_its_table() -> None:
    """Where several tables have such a column, the first is meant without."""
    others = replace(USERS, name="others")

    first, second = look(USERS, others, label="Others.churned=no").tables
    assert second.label is not None
    assert first.label is not None
    assert "no" == second.label.value
    assert "its name" == first.label.reason
    first, _ = look(USERS, others, label="churned=no").tables
    assert first.label is not None
    assert ("no", "named") == (first.label.value, first.label.reason)
    with pytest.raises(ImportRefused, match="there are users: user_id, churned; others: user_id"):
        look(USERS, others, label="nobody.churned")


def test_lines_that_are_no_rows_are_counted_and_the_first_named() -> None:
    """Five of them; the rest is a number."""
    (events,) = look(EVENTS).tables
    (cost,) = events.quality.parts[1].costs

    assert (7, (2, 3, 4, 5, 6)) == (cost.rows, cost.examples)


def test_a_label_is_of_the_table_that_has_it() -> None:
    """The others have none."""
    events, users = look(EVENTS, USERS, label="churned=yes").tables

    assert events.label is None
    assert users.label is not None
    assert ("yes", 0.25) == (users.label.value, users.label.rate)


def test_a_label_nobody_has_is_refused() -> None:
    """With every column there is."""
    with pytest.raises(
        ImportRefused, match="no table has a column 'gone'; there are events: user_id"
    ):
        look(EVENTS, USERS, label="gone=yes")


def test_a_table_without_rows_is_refused() -> None:
    """There is nothing to look at."""
    with pytest.raises(ImportRefused, match="memory has a header and no rows"):
        look(replace(USERS, rows=USERS.rows.slice(0, 0)))


def test_of_a_large_table_some_rows_are_looked_at() -> None:
    """And it is said how many."""
    (events,) = look(EVENTS, most_rows=300).tables

    assert (900, 225) == (events.rows, events.looked_at)


def test_what_is_told_holds_no_row() -> None:
    """The keys of customers are in none of it."""
    told = str(look(USERS, EVENTS).to_dict())

    assert "'u17'" not in told
    assert "'yes': 50" in told
