"""Addresses of databases."""

import pytest

from pipelines.adapters.sources.databases.addresses import parsed
from pipelines.errors import ImportRefused

AT = "postgresql://ada:s3cret@host:5432/shop"


@pytest.mark.parametrize(
    ("source", "table", "query"),
    [
        (AT, None, None),
        (f"{AT}#crm.customers", "crm.customers", None),
        (f"{AT}?sslmode=require#customers", "customers", None),
        (f"{AT}?query=select 1 as a", None, "select 1 as a"),
        (f"{AT}?query=select '50%', a&1 from b -- #1?", None, "select '50%', a&1 from b -- #1?"),
        (f"{AT}?query=select%201%20as%20%22a%23b%22", None, 'select 1 as "a#b"'),
        (f"{AT}?query=select+1+%2B+1&sslmode=require", None, "select 1 + 1"),
        (f"{AT}?sslmode=require&query=select+1&connect_timeout=3", None, "select 1"),
    ],
)
def test_table_and_query_are_taken_out(source: str, table: str | None, query: str | None) -> None:
    """A query with a space in it goes to the end; options stay with the address."""
    address = parsed(source)

    assert (table, query) == (address.table, address.query)
    assert "query" not in address.url.query
    assert ("sslmode" in source) == ("sslmode" in address.url.query)
    assert ("connect_timeout" in source) == ("connect_timeout" in address.url.query)
    assert ("ada", "s3cret", "host", 5432, "shop") == (
        *(address.url.username, address.url.password, address.url.host),
        *(address.url.port, address.url.database),
    )


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_means_psycopg(scheme: str) -> None:
    """SQLAlchemy's own default is a driver that we do not have."""
    assert "postgresql+psycopg" == parsed(f"{scheme}://host/shop").url.drivername


def test_a_password_is_never_shown() -> None:
    """Nor options of the address, which may hold one."""
    address = parsed(f"{AT}?password=s3cret&query=select 's3cret'")

    assert "postgresql://ada:***@host:5432/shop" == address.shown
    assert "s3cret" not in f"{address!r}"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (f"{AT}?query=", "has an empty query"),
        (f"{AT}?query=select+1#a", "names both a table and a query"),
        (f"{AT}#", "names no table"),
        ("postgresql://ada:s3cret@host:port/shop", "is no address of a database"),
        ("postgresql://ada:s3cret@s3cret@host/shop", "has a password that is not encoded"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(source: str, fault: str) -> None:
    """It may hold a password, in a place where nobody looks for one."""
    with pytest.raises(ImportRefused, match=fault) as caught:
        parsed(source)

    assert "s3cret" not in f"{caught.value.message}{caught.value.next_step}"


def test_a_number_sign_may_be_part_of_a_password() -> None:
    """What follows it has an @, as no name of a table has."""
    address = parsed("postgresql://ada:can#ary@host/shop#a.b")

    assert ("can#ary", "a.b") == (address.url.password, address.table)
    assert "can#ary" == parsed("postgresql://ada:can#ary@host/shop").url.password
