"""Records that are found to be right are taken by PostgreSQL, whatever is in them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pipelines.domain.serving.records import Column, checked
from tests import databases

KINDS = (
    *("text", "character varying", "smallint", "integer", "bigint", "numeric(6,2)", "numeric"),
    *("double precision", "real", "boolean", "date", "timestamp with time zone"),
)
COLUMNS = {f"c{number}": kind for number, kind in enumerate(KINDS)}
TABLES = {"sent": [Column(name, kind, is_needed=False) for name, kind in COLUMNS.items()]}
AT = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = some.one_of(
    some.integers(),
    some.sampled_from(
        [s * 2**bits + by for bits in (15, 31, 63, 1100) for s in (1, -1) for by in (-1, 0)]
    ),
    some.floats(),
    some.sampled_from([9999.99, 9999.995, 9999.994, -9999.995, 1e-46, 3.4e38, 3.5e38, 5e-324]),
)
TIMES = some.one_of(
    some.datetimes(timezones=some.timezones()).map(datetime.isoformat),
    some.datetimes().map(datetime.isoformat),
    some.dates().map(lambda day: day.isoformat()),
    some.sampled_from(
        ["infinity", "now", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
    ),
    some.sampled_from(
        ["2026-01-01T00:00:00Z", "20260101T000000Z", "2026-W01-1", "2026-01-01 24:00Z"]
    ),
)
VALUES = some.one_of(
    some.none(),
    some.booleans(),
    NUMBERS,
    TIMES,
    some.text(some.characters(codec=None)),
    some.lists(some.integers(), max_size=1),
)


@pytest.fixture(scope="module")
def connection(server_url: str) -> Iterator[psycopg.Connection]:
    """A database with a table of every type."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with (
        databases.created(server_url, "sent_records") as warehouse,
        psycopg.connect(warehouse.url, autocommit=True) as opened,
    ):
        opened.execute(f"create table sent (customer_id text, loaded_at timestamptz, {columns})")
        yield opened


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(record=some.dictionaries(some.sampled_from([*COLUMNS]), VALUES, max_size=4))
def test_what_has_no_fault_is_a_row(connection: psycopg.Connection, record: dict[str, Any]) -> None:
    """And is the value that was sent, where its type has it."""
    found = checked({"sent": [record]}, TABLES, "c", AT)
    if found.faults:
        return
    (row,) = connection.execute(
        "select to_jsonb(told) from jsonb_populate_recordset(null::sent, %s::jsonb) as told",
        [json.dumps(found.rows["sent"])],
    ).fetchall()
    (told,) = row

    for name, value in record.items():
        if COLUMNS[name] in {"text", "bigint", "boolean", "double precision"}:
            expected, actual = value, told[name]
            if COLUMNS[name] == "double precision" and value is not None:
                # As JSON has it, a large one may look like an integer.
                expected, actual = float(expected), float(actual)
            assert expected == actual


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "it's"),
        ("integer", -(2**31)),
        ("numeric(6,2)", 9999.99),
        ("double precision", 0.1),
        ("boolean", False),
        ("date", "2026-02-28"),
        ("timestamp with time zone", "2026-02-28T10:00:00.123456+01:00"),
    ],
)
def test_what_is_right_has_no_fault(kind: str, value: object) -> None:
    """Values as sources have them."""
    name = next(name for name, of in COLUMNS.items() if of == kind)

    assert () == checked({"sent": [{name: value}]}, TABLES, "c", AT).faults
