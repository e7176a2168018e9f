"""Tables that people bring in databases: SQLite, and a real PostgreSQL."""

import json
import logging
import os
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import psycopg
import pyarrow as pa
import pyarrow.parquet
import pytest

from pipelines.adapters.sources import source
from pipelines.adapters.sources.databases.tables import DatabaseTable
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.sources import RefusedRow
from pipelines.errors import ChurnError, DatabaseUnavailable, ImportRefused
from tests import databases
from tests.sources import as_text, only, read, refusal, rows_of, workbook

CANARY = "canary/p@ss:word"
ROWS = [
    {"id": "1", "name": "Ada, Lady", "fee": "29.5", "plan": "basic"},
    {"id": "2", "name": 'Bob "B"\nBuilder', "fee": "7", "plan": None},
    {"id": "3", "name": "Jörg Müller", "fee": "-0.25", "plan": "pro"},
]


@pytest.fixture(scope="module")
def shop(server_url: str) -> Iterator[str]:
    """Address of somebody's database, for a user whose password is not to be seen."""
    with databases.created(server_url, "shop") as warehouse:
        warehouse.execute(f"create role reader superuser login password '{CANARY}'")
        warehouse.execute("create schema crm")
        warehouse.execute(
            'create table crm."Cus.to%mers" (id bigint, name text, fee float8, plan text)'
        )
        warehouse.execute(
            "create table numbers as select n, n::text as t from generate_series(1, 200000) n"
        )
        for row in ROWS:
            warehouse.execute('insert into crm."Cus.to%mers" values (:id, :name, :fee, :plan)', row)
        server = warehouse.engine.url.render_as_string(hide_password=False).rpartition("@")[2]
        try:
            yield f"postgresql://reader:{quote(CANARY, safe='')}@{server}"
        finally:
            warehouse.execute("drop owned by reader")
            warehouse.execute("drop role reader")


def sqlite(path: Path, *statements: str) -> str:
    """Make a database of SQLite; return its address."""
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()

    return f"sqlite:///{path}"


def test_one_table_is_the_same_in_every_kind_of_source(shop: str, tmp_path: Path) -> None:
    """Csv, Parquet, a sheet, JSON Lines, SQLite and PostgreSQL, all of it cast to text."""
    table = pa.Table.from_pylist(ROWS)
    pa.parquet.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    header = [*ROWS[0]]
    number = {"id", "fee"}
    cells = [[float(v) if k in number else v or "" for k, v in row.items()] for row in ROWS]
    workbook(tmp_path / "a.xlsx", {"a": [header, *cells]})
    lines = [
        ",".join('"{}"'.format((v or "").replace('"', '""')) for v in row.values()) for row in ROWS
    ]
    (tmp_path / "a.csv").write_text("\n".join([",".join(header), *lines]) + "\n")
    file = sqlite(tmp_path / "a.db", "create table a (id integer, name text, fee real, plan text)")
    connection = sqlite3.connect(tmp_path / "a.db")
    with connection:
        connection.executemany("insert into a values (:id, :name, :fee, :plan)", ROWS)
    connection.close()
    # A csv cannot tell nothing from an empty text, and whoever reads it decides.
    of_csv = [{key: value or "" for key, value in row.items()} for row in ROWS]

    assert of_csv == as_text(only(tmp_path / "a.csv"))
    for name in ("a.parquet", "a.jsonl", "a.xlsx"):
        assert ROWS == as_text(only(tmp_path / name)), name
    assert ROWS == as_text(only(f"{file}#a"))
    assert ROWS == as_text(only(f"{shop}#crm.Cus.to%mers"))


def test_a_database_that_stalls_is_left(shop: str) -> None:
    """Its process is there and says nothing more; whoever reads is not there for ever either."""
    table = only(f"{shop}#numbers")
    assert isinstance(table, DatabaseTable)
    rows = replace(table, patience_seconds=1).batches(pytest.fail)
    next(rows)
    with psycopg.connect(shop) as other:
        (pid,) = other.execute(
            "select pid from pg_stat_activity where datname = current_database() "
            "and state = 'idle in transaction' and query like 'FETCH%'"
        ).fetchone() or (0,)
        assert pid
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(ImportRefused, match="its server said nothing for 1 s") as refused:
                list(rows)
        finally:
            os.kill(pid, signal.SIGCONT)

    assert "broke off after" in refused.value.message


def test_columns_of_postgresql_have_its_types(shop: str) -> None:
    """A numeric with digits is a decimal, one without is float64; what we do not know is text."""
    query = (
        "select 1::int2 as a, 1.50::numeric(10,2) as b, 2.5::numeric as c, true as d, "
        "date '2026-11-20' as e, timestamptz '2026-11-20 12:00:00.25+02' as f, "
        "timestamp '2026-11-20 12:00' as g, '{1,2}'::int[] as h, '{\"x\": 1}'::jsonb as i, "
        "'5 days'::interval as j, 'NaN'::float8 as k, '\\x01'::bytea as l, null as m, '%' as n"
    )

    table = only(f"{shop}?query={query}")

    assert ("query", f"{shown(shop)}?query=…") == (table.name, table.origin)
    assert [
        *(pa.int64(), pa.decimal128(10, 2), pa.float64(), pa.bool_(), pa.date32()),
        *(pa.timestamp("us", "UTC"), pa.timestamp("us"), *[pa.string()] * 3, pa.float64()),
        *[pa.string()] * 3,
    ] == table.schema.types
    (row,) = rows_of(f"{shop}?query={quote(query)}")
    assert [1, Decimal("1.50"), 2.5, True, date(2026, 11, 20)] == [row[name] for name in "abcde"]
    assert datetime(2026, 11, 20, 10, 0, 0, 250_000, tzinfo=UTC) == row["f"]
    assert ["{1,2}", '{"x": 1}', "5 days"] == [row[name] for name in "hij"]
    assert row["k"] != row["k"]
    assert ["\\x01", None, "%"] == [row[name] for name in "lmn"]


def test_values_that_arrow_does_not_have_are_refused_by_row(shop: str) -> None:
    """No date is infinite, and no decimal is no number; the other rows are read."""
    query = (
        "select id, day, fee::numeric(4,2) from (values (1, date '2026-11-20', 1.5), "
        "(2, 'infinity', 1), (3, '2026-11-21', 'NaN'), (4, null, null)) as a (id, day, fee)"
    )

    rows, refused = read(only(f"{shop}?query={query}"))

    assert [1, 4] == [row["id"] for row in rows]
    assert [
        RefusedRow(2, "has no value of its type in day (date32[day])"),
        RefusedRow(3, "has no value of its type in fee (decimal128(4, 2))"),
    ] == refused


def test_without_a_name_every_table_is_read(shop: str, tmp_path: Path) -> None:
    """Of the default schema; tables of others are named."""
    assert ["numbers"] == [table.name for table in source.opened(shop)]
    assert f"{shown(shop)}#numbers" == only(shop).origin
    file = sqlite(tmp_path / "a.db", "create table a (x)", "create table b (x)")
    assert ["a", "b"] == [table.name for table in source.opened(file)]
    assert "holds no tables" in refusal(sqlite(tmp_path / "e.db", "pragma user_version = 1"))
    assert "has no table nothing; its default schema has: a, b" in refusal(f"{file}#nothing")


def test_a_query_can_only_read(shop: str) -> None:
    """Neither a second statement nor a function changes anything."""
    for query in (
        "select 1; commit; drop table numbers",
        "delete from numbers returning n",
        "with gone as (delete from numbers returning n) select * from gone",
        "select setval(pg_get_serial_sequence('numbers', 'n'), 1), lo_create(0)",
        "drop table numbers",
        "set transaction read write",
        "select * from nothing",
        "",
        "   -- nothing",
    ):
        refusal(f"{shop}?query={query}")

    assert 200_000 == sum(len(batch) for batch in only(f"{shop}#numbers").batches(pytest.fail))


def test_rows_are_fetched_as_they_are_read(shop: str) -> None:
    """The first batch of 100 MB is 16 MB."""
    query = "select n, repeat('x', 1000) as t from generate_series(1, 100000) n"

    batches = only(f"{shop}?query={query}").batches(pytest.fail)

    assert 10_000 < len(next(batches)) < 20_000
    batches.close()  # type: ignore[attr-defined]


def test_a_server_that_ends_in_the_middle_says_how_far_it_came(shop: str) -> None:
    """It is a refusal with the number of rows, and no traceback."""
    batches = only(f"{shop}#numbers").batches(pytest.fail)
    first = next(batches)
    with psycopg.connect(shop, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )

    with pytest.raises(ImportRefused, match=r"#numbers broke off after [\d,]+ rows") as caught:
        list(batches)
    read_rows = int(
        caught.value.message.partition("after ")[2].partition(" rows")[0].replace(",", "")
    )
    assert len(first) <= read_rows < 200_000


def test_a_password_is_nowhere(shop: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in an origin, a message, a log or what a table prints as."""
    caplog.set_level(logging.DEBUG)
    said = [f"{table!r} {table.origin}" for table in source.opened(shop)]
    login, _, server = shop.rpartition("@")
    for bad in (
        f"{shop}#nothing",
        f"{shop}?query=nonsense here",
        f"{login}x@{server}",
        f"{login}@localhost:1/shop",
        f"{login}@nowhere.invalid/shop",
        f"{login}@{server.replace('/shop', '/nothing')}",
        f"{shop}?nonsense=1",
        f"postgresql://reader:{CANARY}@{server}",
        f"mysql://reader:{quote(CANARY, safe='')}@localhost/shop",
        f"nonsense://reader:{quote(CANARY, safe='')}@localhost/shop",
    ):
        with pytest.raises(ChurnError) as caught:
            source.opened(bad)
        assert isinstance(caught.value, ImportRefused | DatabaseUnavailable)
        said.append(f"{caught.value.message} {caught.value.next_step} {caught.value!r}")

    whole = "\n".join([*said, caplog.text])
    assert 11 == len(said)
    for spelling in (CANARY, quote(CANARY, safe=""), "canary", "ss:word"):
        assert spelling not in whole


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    """That is no fault of the data."""
    with pytest.raises(DatabaseUnavailable, match="localhost:1/shop does not answer"):
        source.opened("postgresql://ada@localhost:1/shop")


def test_a_missing_driver_is_named() -> None:
    """With the package that has it."""
    message = refusal("mysql://ada@localhost/shop")

    assert "needs a driver that is not installed: pymysql" in message
    assert "oracledb" in refusal("oracle+oracledb://ada@localhost/shop")


def test_the_warehouse_is_a_source(warehouse: Warehouse) -> None:
    """By name; its address is asked for only then."""
    table = only("warehouse#raw.loads", warehouse=lambda: warehouse.url)

    assert ("loads", "warehouse#raw.loads") == (table.name, table.origin)
    assert "load_id" in table.schema.names or len(table.schema) > 2
    assert ([], []) == read(table)
    assert "names no table" in refusal("warehouse", warehouse=lambda: warehouse.url)
    assert "there is no warehouse here" in refusal("warehouse#raw.loads")


def test_sqlite_is_never_written_to(tmp_path: Path) -> None:
    """A file that is not there is not made, and a query that writes is refused."""
    file = sqlite(tmp_path / "a.db", "create table a (x integer)", "insert into a values (1)")

    assert "No such file" in refusal(f"sqlite:///{tmp_path}/none.db#a")
    assert not (tmp_path / "none.db").exists()
    assert "readonly database" in refusal(f"{file}?query=insert into a values (2)")
    assert [{"x": 1}] == rows_of(f"{file}#a")
    (tmp_path / "no.db").write_text("id,name\n")
    assert "is no SQLite database: 8 bytes" in refusal(f"sqlite:///{tmp_path}/no.db")
    assert "is not the address of a file" in refusal("sqlite://")
    assert "is not a file" in refusal(f"sqlite:///{tmp_path}")


def test_values_of_sqlite_must_be_of_their_columns_type(tmp_path: Path) -> None:
    """SQLite stores anything anywhere; dates are the text somebody stored."""
    file = sqlite(
        tmp_path / "a.db",
        "create table a (id integer, fee numeric(10,2), is_new boolean, day date, raw)",
        "insert into a values (1, 1.5, 1, '2026-11-20', x'01')",
        "insert into a values ('x', 2, 0, '20.11.2026', 'y')",
        "insert into a values (3, null, null, 7, null)",
    )

    table = only(f"{file}#a")
    rows, refused = read(table)

    kinds = [pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.string()]
    assert kinds == table.schema.types
    assert [
        {"id": 1, "fee": 1.5, "is_new": True, "day": "2026-11-20", "raw": "\\x01"},
        {"id": 3, "fee": None, "is_new": None, "day": "7", "raw": None},
    ] == rows
    assert [RefusedRow(2, "has no value of its type in id (int64)")] == refused


def test_a_damaged_database_of_sqlite_is_refused(tmp_path: Path) -> None:
    """With the rows that were read before the damage."""
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table a (x text)")
        connection.executemany("insert into a values (?)", [("y" * 100,)] * 50_000)
    connection.close()
    content = bytearray(path.read_bytes())
    half = len(content) // 2 // 4096 * 4096
    content[half:] = b"\xff" * (len(content) - half)
    path.write_bytes(content)

    assert "rows: database disk image is malformed" in refusal(f"sqlite:///{path}#a")


def test_views_and_odd_names_are_read(tmp_path: Path) -> None:
    """Names are quoted, never pasted."""
    file = sqlite(
        tmp_path / "a.db",
        'create table "x""; drop table y; --" (a integer, "b.c" text)',
        "create table y (z integer)",
        'create view "a.b" as select 1 as c, 2 as d',
    )

    assert [] == rows_of(f'{file}#x"; drop table y; --')
    assert [] == rows_of(f"{file}#y")
    assert [{"c": "1", "d": "2"}] == rows_of(f'{file}?query=select * from "a.b"')
    assert 1 == len(rows_of(f"{file}#a.b"))


def shown(address: str) -> str:
    """Return an address as it may be shown."""
    return address.replace(quote(CANARY, safe=""), "***")
