"""What the database's words lead to."""

import pytest

from pipelines.adapters.warehouse import faults


@pytest.mark.parametrize(
    ("said", "grant"),
    [
        ("ERROR:  permission denied for table orders", "grant select on orders to ann"),
        ("permission denied for view orders", "grant select on orders to ann"),
        ("permission denied for schema crm", "grant usage on schema crm to ann"),
        ("permission denied for function f", "grant execute on function f to ann"),
        ('permission denied for database "d"', "grant connect on database d to ann"),
        (
            'permission denied to create temporary tables in database "d"',
            "grant temporary on database d to ann",
        ),
        ("must be owner of table orders", None),
    ],
)
def test_a_missing_grant_is_written_out(said: str, grant: str | None) -> None:
    """As the statement its owner runs; where there is none, nobody is sent to them."""
    assert grant == faults.missing_grant(said, "ann", table_rights="select")
