"""`churn sql` reads, and the database itself refuses whatever else it is given."""

from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.warehouse import read_only_query, reader_login
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.cli import output
from pipelines.errors import DatabaseUnavailable, QueryRefused
from tests import databases


@pytest.fixture
def reader_url(warehouse: Warehouse, tmp_path: Path) -> str:
    """The warehouse, as `churn sql` connects to the embedded one."""
    reader_login.ensure(warehouse.url, tmp_path)

    return reader_login.url(warehouse.url, tmp_path)


def test_a_query_returns_columns_and_rows(reader_url: str) -> None:
    """A select gives names and values."""
    answer = read_only_query.ask(reader_url, "select 1 as one, '50%' as share")

    assert read_only_query.Answer(("one", "share"), [(1, "50%")]) == answer


def test_json_is_shown_as_json(reader_url: str) -> None:
    """As programs that read the CSV expect it, not as Python writes a dictionary."""
    query = """select '{"base": -1.5, "plan": null}'::jsonb as a, '[1]'::json as b"""

    assert [('{"base": -1.5, "plan": null}', "[1]")] == read_only_query.ask(reader_url, query).rows


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


def test_who_may_not_come_in_is_told_so(reader_url: str) -> None:
    """A wrong password, a database that is not there and a server that is full are no bugs."""
    login, _, server = reader_url.rpartition("@")
    password = login.rpartition(":")[2]
    for url in (
        reader_url.replace(password, "wrong"),
        f"{login}@{server.rpartition('/')[0]}/nowhere",
        f"{login}@127.0.0.1:1/churn",
    ):
        with pytest.raises(DatabaseUnavailable, match="does not answer") as refused:
            read_only_query.ask(url, "select 1")
        assert password not in refused.value.message


def test_a_server_that_is_full_is_told(warehouse: Warehouse, reader_url: str) -> None:
    """By the role's own limit, as by the server's."""
    user = reader_url.split("//")[1].split(":", maxsplit=1)[0]
    warehouse.execute(f"alter role {user} connection limit 1")
    try:
        with (
            psycopg.connect(reader_url),
            pytest.raises(DatabaseUnavailable, match="too many connections"),
        ):
            read_only_query.ask(reader_url, "select 1")
    finally:
        warehouse.execute(f"alter role {user} connection limit {reader_login.CONNECTIONS}")


def test_what_anybody_wrote_is_shown_and_does_nothing(
    reader_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Markup, escapes and formulas, in names of columns and in values."""
    query = """select '[/red]' as "[/bold]", e'\\x1b[2J' as "\x1b[31m", '=1+1' as "=cmd", -1 as n"""
    answer = read_only_query.ask(reader_url, query)
    output.table(answer.columns, answer.rows)
    shown = capsys.readouterr().out
    output.comma_separated(answer.columns, answer.rows)
    cells = capsys.readouterr().out

    assert all(text in shown for text in ("[/red]", "[/bold]", r"\x1b[2J", r"\x1b[31m"))
    assert "\x1b" not in shown + cells
    assert r"[/bold],\x1b[31m,'=cmd,n" == cells.splitlines()[0]
    assert r"[/red],\x1b[2J,'=1+1,-1" == cells.splitlines()[1]


def test_the_login_that_is_printed_reads_within_limits(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """In any client: no other database, no waiting for ever, nothing written."""
    with databases.created(warehouse.url.rpartition("/")[0], "somebody_elses"):
        reader_login.ensure(warehouse.url, tmp_path)
        url = reader_login.url(warehouse.url, tmp_path)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(f"{url.rpartition('/')[0]}/somebody_elses")

    with psycopg.connect(url) as connection:
        shown = {
            name: connection.execute("select current_setting(%s)", [name]).fetchone()
            for name in reader_login.LIMITS
        }
        assert {name: (value,) for name, value in reader_login.LIMITS.items()} == shown
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("create table pg_temp.mine (a int)")
        connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select pg_read_file('/etc/passwd')")
    limits = "select rolconnlimit from pg_roles where rolname = :name"
    assert [(reader_login.CONNECTIONS,)] == warehouse.rows(limits, {"name": reader_login.NAME})
