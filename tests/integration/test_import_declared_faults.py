"""Loads of declared populations that fail, are killed or are denied: nothing of them is there."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import RoleMissing
from tests import databases
from tests.integration.declared_house import CUSTOMERS, EVENTS, House

ROWS = 100_000


@pytest.fixture
def house(warehouse: Warehouse, tmp_path: Path) -> House:
    """A project of nobody yet."""
    return House(tmp_path, warehouse)


@pytest.fixture
def shop(server_url: str) -> Iterator[Warehouse]:
    """Somebody's database, with a log whose end never comes, and a user who may read nothing."""
    with databases.created(server_url, "faulty_shop") as warehouse:
        warehouse.execute(
            'create view visits as select n::text as "Id", now() - interval \'9 days\' as "At", '
            f"n::text || case when n > {ROWS} then pg_sleep(1)::text else '' end as \"Kind\" "
            f"from generate_series(1, {2 * ROWS}) as n"
        )
        warehouse.execute("create user nobody_yet password 'hunter2'")
        try:
            yield warehouse
        finally:
            warehouse.execute("drop user nobody_yet")


def address(shop: Warehouse, user: str = "churn", password: str = "churn") -> str:
    """Return the address of the log for a user."""
    url = shop.engine.url.set(drivername="postgresql")
    if user != "churn":
        url = url.set(username=user, password=password)

    return url.render_as_string(hide_password=False) + "#visits"


@pytest.fixture
def two_tables(house: House, shop: Warehouse, tmp_path: Path) -> House:
    """A small snapshot, and a log that takes for ever."""
    people = tmp_path / "p.csv"
    people.write_text("Id,Fee,Visits,New,Joined,Seen,Note\nann,1,1,1,,,\n")
    (tmp_path / "e.csv").write_text("Id,At,Kind\nann,2026-01-01,a\nbob,2026-01-01,a\n")
    house.declare(
        "gym",
        people={**CUSTOMERS, "origin": str(people)},
        events={**EVENTS, "origin": address(shop)},
    )

    return house


def loaders(house: House) -> int:
    """Return how many sessions of imports there are."""
    return len(
        house.warehouse.rows(
            "select 1 from pg_stat_activity where application_name like 'churn import%' "
            "and datname = current_database()"
        )
    )


def wait(condition: "object", seconds: float = 60) -> None:
    """Wait until *condition* holds."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def copies(house: House) -> bool:
    """Tell whether somebody streams rows in."""
    return bool(
        house.warehouse.rows(
            "select 1 from pg_stat_activity where datname = current_database() "
            "and query like 'COPY%' and query like '%events%' and state = 'active'"
        )
    )


def reads(shop: Warehouse) -> bool:
    """Tell whether somebody waits for the rows of the log that never come."""
    return bool(
        shop.rows(
            "select 1 from pg_stat_activity where datname = current_database() "
            "and wait_event = 'PgSleep'"
        )
    )


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143)])
def test_killed_in_the_middle_nothing_is_loaded(
    two_tables: House, sent: signal.Signals, code: int
) -> None:
    """Of the table that was loaded before neither; and again, it is whole."""
    process = two_tables.start("import", "gym", "--as-of", "2026-06-30")
    wait(lambda: copies(two_tables))
    os.killpg(process.pid, sent)
    _, logged = process.communicate(timeout=60)
    assert code == process.returncode, logged

    wait(lambda: loaders(two_tables) == 0)
    assert {"loads": [], "quarantine": []} == two_tables.state()
    fast = f"events={two_tables.project / 'e.csv'}"
    code, printed, logged = two_tables.run("import", "gym", fast, "--as-of", "2026-06-30")
    assert (0, 2) == (code, printed.count(" loaded")), logged
    assert 2 == len(two_tables.rows("gym__events"))


@pytest.mark.story
def test_a_warehouse_that_ends_the_session_is_said(two_tables: House, shop: Warehouse) -> None:
    """With the documented exit code, when the next rows are sent; nothing is loaded."""
    slow = (
        'select n::text as "Id", now() - interval \'9 days\' as "At", '
        "n::text || case when n % 100 = 0 then pg_sleep(0.01)::text else '' end as \"Kind\" "
        "from generate_series(1, 400000) as n"
    )
    source = f"events={address(shop).removesuffix('#visits')}?query={slow}"
    process = two_tables.start("import", "gym", source)
    wait(lambda: copies(two_tables))
    two_tables.warehouse.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY%events%'"
    )
    _, logged = process.communicate(timeout=120)

    assert 11 == process.returncode, logged
    assert {"loads": [], "quarantine": []} == two_tables.state()


def test_a_source_that_dies_on_the_way_leaves_nothing(house: House, shop: Warehouse) -> None:
    """A database whose server ends the session in the middle."""
    house.declare("gym", events={**EVENTS, "origin": address(shop)})
    process = house.start("import", "gym")
    wait(lambda: copies(house) and reads(shop))
    shop.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    _, logged = process.communicate(timeout=60)

    assert 20 == process.returncode, logged
    assert "broke off after" in logged
    assert {"loads": [], "quarantine": []} == house.state()


def test_a_source_nobody_may_read_is_explained(house: House, shop: Warehouse) -> None:
    """With the grant that is missing; the password is nowhere."""
    house.declare("gym", events={**EVENTS, "origin": address(shop, "nobody_yet", "hunter2")})
    code, _, logged = house.run("import", "gym")

    assert 20 == code
    assert "permission denied for view visits" in logged
    assert "grant select on visits to nobody_yet" in " ".join(logged.split())
    assert "hunter2" not in logged


@pytest.mark.parametrize(
    ("revoke", "grant"),
    [
        (
            "revoke execute on function churn.make_declared_table(text, text[], text[]) "
            "from churn_loader",
            "grant execute on function make_declared_table to churn_loader",
        ),
        ("revoke insert on raw.loads from churn_loader", "grant insert on loads to churn_loader"),
        (
            "do $$ begin execute format('revoke temporary on database %I from public, "
            "churn_loader', current_database()); end $$",
            "grant temporary on database",
        ),
    ],
)
def test_a_right_that_is_missing_is_named(
    house: House, tmp_path: Path, revoke: str, grant: str
) -> None:
    """As the statement that gives it; nothing is loaded."""
    (tmp_path / "e.csv").write_text("Id,At,Kind\nann,2026-01-01,a\n")
    house.declare("gym", events={**EVENTS, "origin": str(tmp_path / "e.csv")})
    house.warehouse.execute(revoke)
    with pytest.raises(RoleMissing, match="churn_loader may not load declared tables") as denied:
        house.load("gym")

    assert grant in denied.value.next_step
    assert {"loads": [], "quarantine": []} == house.state()


def test_a_loader_makes_declared_tables_and_no_others(warehouse: Warehouse) -> None:
    """Whatever it asks for: names, columns and types are what migrations allow."""
    loader = connection_options.configured(warehouse.url, role="churn_loader")
    call = "select churn.make_declared_table(%s, %s, %s)"
    ours = {"customer_id": "text"}
    illegal = [
        ("customers", ours),
        ("shop_orders", ours),
        ("shop___orders", ours),
        ("_a__b", ours),
        ("a__b_", ours),
        ("Shop__orders", ours),
        ("a__b c", ours),
        (f"{'a' * 60}__bcd", ours),
        ('a__b"; drop table raw.loads; --', ours),
        (None, ours),
        ("a__b", {}),
        ("a__b", {"note": "text"}),
        ("a__b", {"customer_id": "text", "loaded_at": "text"}),
        ("a__b", {"customer_id": "text", "x y": "text"}),
        ("a__b", {"customer_id": "text", "x": "text default pg_read_file('/etc/passwd')"}),
        ("a__b", {"customer_id": "text", "x": "serial"}),
        ("a__b", {"customer_id": "text", "x": None}),
        ("a__b", {"customer_id": "text", "x": "text, y text"}),
        ("foreign__table", ours),
        ("foreign__view", ours),
    ]
    warehouse.execute("create table raw.foreign__table (customer_id text)")
    warehouse.execute("create view raw.foreign__view as select 'a' as customer_id")
    before = warehouse.rows("select count(*) from pg_class")
    with psycopg.connect(loader, autocommit=True) as session:
        for name, columns in illegal:
            with pytest.raises(psycopg.Error) as refused:
                session.execute(call, [name, [*columns], [*columns.values()]])
            assert refused.value.sqlstate in {"42602", "22023", "42809"}, (name, columns)
        assert before == warehouse.rows("select count(*) from pg_class")

        session.execute(call, ["a__b", [*ours], [*ours.values()]])
        session.execute(call, ["a__b", ["customer_id", "x"], ["text", "date"]])
        with pytest.raises(psycopg.Error, match=r"raw\.a__b\.x is of type date and is declared as"):
            session.execute(call, ["a__b", ["customer_id", "x"], ["text", "text"]])
    assert [("customer_id",), ("loaded_at",), ("row_digest",), ("x",)] == warehouse.rows(
        "select column_name::text from information_schema.columns "
        "where table_schema = 'raw' and table_name = 'a__b' order by ordinal_position"
    )


def test_the_loaders_search_path_is_not_the_owners(warehouse: Warehouse) -> None:
    """A function of the caller's own is not what the owner calls."""
    loader = connection_options.configured(warehouse.url, role="churn_loader")
    with psycopg.connect(loader, autocommit=True) as session:
        session.execute("create function pg_temp.cardinality(text[]) returns integer language sql "
                        "return 1 / 0")  # fmt: skip
        session.execute("set search_path = pg_temp, pg_catalog")
        session.execute("select churn.make_declared_table('a__b', '{customer_id}', '{text}')")

    assert [("churn",)] == warehouse.rows(
        "select tableowner::text from pg_tables where tablename = 'a__b'"
    )
