"""Values of rows that PostgreSQL quotes: withheld, and names are told."""

import pytest

from pipelines.adapters.warehouse.quoted_values import without_values

HOSTILE = 'C-4711"\n  <b>Karla: "K"'
CODE = "\n  compiled code at fct.sql"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('invalid input syntax for type bigint: "', '"'),
        ('invalid input value for enum mood: "', '"'),
        ('date/time field value out of range: "', '"'),
        ('malformed array literal: "', '"'),
        ('value "', '" is out of range for type integer'),
        ('"', '" is out of range for type double precision'),
        ('time zone "', '" not recognized'),
        ('invalid value "', '" for "YYYY"'),
        ("duplicate key violates constraint\n  DETAIL:  Key (a)=(", ") already exists."),
        ('failed\n  DETAIL:  Token "', '" is invalid.\n  CONTEXT:  JSON data, line 1'),
    ],
)
@pytest.mark.parametrize("end", ["", CODE, "\n[SQL: select 1]"])
def test_a_value_is_withheld(before: str, after: str, end: str) -> None:
    """Quotes and ends of lines in it, and whatever follows."""
    told = without_values(f"Database Error in model fct\n  {before}{HOSTILE}{after}{end}")

    assert [] == [part for part in ("C-4711", "Karla", "<b>") if part in told]
    assert told.startswith("Database Error in model fct\n  ")
    assert told.endswith(end)


@pytest.mark.parametrize(
    "message",
    [
        'column "opened_at" does not exist\n  LINE 3: select opened_at',
        'null value in column "fee" of relation "customers" violates not-null constraint',
        'new row for relation "fct" violates check constraint "no_canary"',
        'relation "raw.customers" does not exist',
        "division by zero",
        'permission denied for table "customers"',
    ],
)
def test_names_are_told(message: str) -> None:
    """Without them nobody could act."""
    assert message == without_values(message)
