"""`churn sql` reads, and the database itself refuses whatever else it is given."""

from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.warehouse import read_only_query, reader_login
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DatabaseUnavailable, QueryRefused


@pytest.fixture
def reader_url(warehouse: Warehouse, tmp_path: Path) -> str:
    """The warehouse, as `churn sql` connects to the embedded one."""
    reader_login.ensure(warehouse.url, tmp_path)

    return reader_login.url(warehouse.url, tmp_path)


def test_a_query_returns_columns_and_rows(reader_url: str) -> None:
    """A select gives names and values."""
    answer = read_only_query.ask(reader_url, "select 1 as one, '50%' as share")

    assert read_only_query.Answer(("one", "share"), [(1, "50%")]) == answer


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("delete from churn.alerts", "25006"),
        ("create table churn.mine (a int)", "25006"),
        ("with gone as (delete from churn.alerts returning 1) select * from gone", "25006"),
        ("select full_name from raw.customers", "42501"),
        ("copy (select 1) to program 'true'", "42501"),
        ("do $$ begin set role none; perform full_name from raw.customers; end $$", "42501"),
        ("do $$ begin reset role; perform full_name from raw.customers; end $$", "42501"),
        ("do $$ begin set role churn; end $$", "42501"),
        ("do $$ begin set session authorization churn; end $$", "42501"),
        ("set transaction read write; delete from churn.alerts", "42601"),
        ("select from where", "42601"),
    ],
)
def test_the_database_refuses_what_does_not_only_read(
    reader_url: str, query: str, sqlstate: str
) -> None:
    """Writes, raw records, other roles, programs and second statements are refused by code."""
    with pytest.raises(QueryRefused, match=rf"\({sqlstate}\)"):
        read_only_query.ask(reader_url, query)


def test_a_refused_query_changes_nothing(warehouse: Warehouse, reader_url: str) -> None:
    """What was there before a refused delete is there after it."""
    warehouse.execute(
        "insert into churn.alerts (population, as_of, kind, severity, title, body, owner) "
        "values ('subscribers', '2026-01-01', 'drift', 'warning', 't', 'b', 'science')"
    )
    with pytest.raises(QueryRefused):
        read_only_query.ask(reader_url, "delete from churn.alerts")

    with psycopg.connect(warehouse.url) as connection:
        assert (1,) == connection.execute("select count(*) from churn.alerts").fetchone()


def test_the_reader_exists_once_and_keeps_its_password(
    warehouse: Warehouse, reader_url: str, tmp_path: Path
) -> None:
    """Migrating again changes nothing, and only the owner of the file may read the password."""
    reader_login.ensure(warehouse.url, tmp_path)

    assert reader_url == reader_login.url(warehouse.url, tmp_path)
    assert [("churn_reader",)] == read_only_query.ask(reader_url, "select session_user::text").rows
    assert [0o600] == [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()]


def test_without_a_reader_the_next_command_is_named(tmp_path: Path) -> None:
    """An installation from before the reader says how to get one."""
    with pytest.raises(DatabaseUnavailable, match="no user churn_reader") as caught:
        reader_login.url("postgresql://churn:secret@127.0.0.1:1/churn", tmp_path)

    assert "churn migrate" == caught.value.next_step
