"""Declared populations loaded into a real PostgreSQL, from every kind of source."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from pipelines.adapters.dbt import replay
from pipelines.adapters.tables.erasures import WarehouseErasures
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import ImportRefused
from tests import databases
from tests.integration.declared_house import AS_OF, CUSTOMERS, EVENTS, House
from tests.sources import workbook

DAY_BEFORE = datetime(2026, 6, 29, tzinfo=UTC)
HEADER = ("Id", "Fee", "Visits", "New", "Joined", "Seen", "Note")
ROWS: list[tuple[Any, ...]] = [
    ("17850", 29.1, 7, True, date(2024, 2, 29), datetime(2024, 3, 31, 1, 30), 'Ada, "L"'),  # noqa: DTZ001
    ("2", -1.0, None, False, date(1999, 12, 31), datetime(2024, 10, 27, 1, 30, 0, 250000), None),  # noqa: DTZ001
    ("3", 0.1, -3, None, None, None, "Jörg"),
]
EXPECTED = [
    ("17850", 29.1, 7, True, date(2024, 2, 29), datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
     'Ada, "L"', DAY_BEFORE),
    ("2", None, None, False, date(1999, 12, 31),
     datetime(2024, 10, 27, 1, 30, 0, 250000, tzinfo=UTC), None, DAY_BEFORE),
    ("3", 0.1, -3, None, None, None, "Jörg", DAY_BEFORE),
]  # fmt: skip
KINDS = ("csv", "parquet", "xlsx", "jsonl", "sqlite", "postgresql")


@pytest.fixture
def house(warehouse: Warehouse, tmp_path: Path) -> House:
    """A project of nobody yet."""
    return House(tmp_path, warehouse)


@pytest.fixture(scope="module")
def shop(server_url: str) -> Iterator[str]:
    """Address of somebody's database with the table."""
    with databases.created(server_url, "declared_shop") as warehouse:
        warehouse.execute(
            'create table people ("Id" bigint, "Fee" double precision, "Visits" integer, '
            '"New" boolean, "Joined" date, "Seen" timestamp, "Note" text)'
        )
        for row in ROWS:
            values = {f"v{place}": value for place, value in enumerate(row)}
            warehouse.execute(
                "insert into people values (cast(:v0 as bigint), :v1, :v2, :v3, :v4, :v5, :v6)",
                values,
            )
        yield f"{warehouse.engine.url.render_as_string(hide_password=False)}#people".replace(
            "postgresql+psycopg", "postgresql"
        )


def written(kind: str, folder: Path, shop: str) -> str:
    """Write ROWS as one kind of source; return its name."""
    path = folder / f"people.{kind}"
    texts = [["" if value is None else str(value) for value in row] for row in ROWS]
    if kind == "csv":
        quoted = [
            ",".join('"{}"'.format(value.replace('"', '""')) for value in row) for row in texts
        ]
        path.write_text("\n".join([",".join(HEADER), *quoted]) + "\n")
    elif kind == "parquet":
        ids = [int(row[0]) for row in ROWS]
        columns = [ids, *([*column] for column in list(zip(*ROWS, strict=True))[1:])]
        pa.parquet.write_table(pa.table(dict(zip(HEADER, columns, strict=True))), path)
    elif kind == "xlsx":
        cells = [[float(row[0]), *("" if v is None else _cell(v) for v in row[1:])] for row in ROWS]
        workbook(path, {"people": [HEADER, *cells]})
    elif kind == "jsonl":
        rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows))
    elif kind == "sqlite":
        with sqlite3.connect(path) as connection:
            connection.execute(
                'create table people ("Id" integer, "Fee" real, "Visits" integer, "New" boolean, '
                '"Joined" text, "Seen" text, "Note" text)'
            )
            values = [[row[0], *row[1:4], *(v and str(v) for v in row[4:])] for row in ROWS]
            connection.executemany("insert into people values (?, ?, ?, ?, ?, ?, ?)", values)
        connection.close()
        return f"sqlite:///{path}#people"
    else:
        return shop

    return str(path)


def _cell(value: object) -> object:
    """Return what a sheet holds: a date is a time at midnight."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001

    return value


def events(path: Path, *rows: str) -> str:
    """Write a log; return its name."""
    path.write_text("\n".join(["Id,At,Kind", *rows]) + "\n")

    return str(path)


def test_one_table_is_the_same_from_every_kind_of_source(
    house: House, tmp_path: Path, shop: str
) -> None:
    """Csv, Parquet, a sheet, JSON Lines, SQLite and PostgreSQL: equal rows, and equal digests."""
    columns = "customer_id, fee_eur, visits, is_new, joined_on, seen_at, note, loaded_at"
    digests = set()
    for kind in KINDS:
        house.declare(f"of_{kind}", people={**CUSTOMERS, "origin": written(kind, tmp_path, shop)})
        (imported,) = house.load(f"of_{kind}")

        assert (3, 3) == (imported.read, imported.loaded), kind
        assert sorted(EXPECTED, key=repr) == house.rows(f"of_{kind}__people", columns), kind
        digests.add(tuple(house.rows(f"of_{kind}__people", "row_digest")))
    assert 1 == len(digests)

    # Nor does it matter where the same content comes from the next time.
    (again,) = house.load("of_csv", people=str(tmp_path / "people.parquet"))
    assert not again.is_new


def test_populations_never_share_a_table(house: House, tmp_path: Path) -> None:
    """Two may call theirs the same, and declare them otherwise."""
    origin = events(tmp_path / "e.csv", "ann,2026-01-01,login")
    other = {**EVENTS["columns"], "kind": {"header": "Kind", "type": "text", "missing": ["login"]}}
    house.declare("gym", events={**EVENTS, "origin": origin})
    house.declare("bank", events={**EVENTS, "origin": origin, "columns": other})
    house.load("gym")
    house.load("bank")

    assert [("login",)] == house.rows("gym__events", "kind")
    assert [(None,)] == house.rows("bank__events", "kind")


def test_the_command_loads_what_is_declared(house: House, tmp_path: Path) -> None:
    """A line a table; a source named on the command line instead; and again, nothing."""
    origin = events(tmp_path / "e.csv", "ann,2026-01-01,login", ",2026-01-01,login")
    house.declare("gym", events={**EVENTS, "origin": origin})

    code, printed, logged = house.run("import", "gym")
    assert (0, "gym__events: 2 rows read: 1 loaded, 1 of nobody\n") == (code, printed), logged
    code, printed, _ = house.run("import", "gym")
    assert (0, True) == (code, "the same as were loaded before" in printed)
    grown = events(tmp_path / "new.csv", "ann,2026-01-01,login", "bob,2026-01-01,login")
    for source in (grown, f"events={grown}"):
        code, printed, _ = house.run("import", "gym", source)
        assert 0 == code
    assert 2 == len(house.rows("gym__events"))


@pytest.mark.parametrize(
    ("sources", "code", "part"),
    [
        (("a.csv",), 2, "there are 2 tables: say TABLE=SOURCE for first, second"),
        (("first=a.csv", "first=b.csv"), 2, "first has one source, and two are named"),
        (("first=none.csv",), 20, "none.csv cannot be read: No such file"),
        (("second=two",), 20, "two holds 2 tables, and one is needed: a, b"),
    ],
)
def test_a_source_that_is_none_of_a_table_is_refused(
    house: House, tmp_path: Path, sources: tuple[str, ...], code: int, part: str
) -> None:
    """As wrong usage, or as the source it is."""
    origin = events(tmp_path / "e.csv", "ann,2026-01-01,login")
    (tmp_path / "two").mkdir()
    events(tmp_path / "two" / "a.csv", "ann,2026-01-01,login")
    (tmp_path / "two" / "b.csv").write_text("Other,Columns\n1,2\n")
    house.declare("gym", first={**EVENTS, "origin": origin}, second={**EVENTS, "origin": origin})
    words = [source.replace("two", str(tmp_path / "two")) for source in sources]
    found, _, logged = house.run("import", "gym", *words)

    assert code == found
    assert part in logged
    assert {"loads": [], "quarantine": []} == house.state()


def test_a_refused_row_is_on_its_line(house: House, tmp_path: Path) -> None:
    """As an editor counts it: after values of several lines, and lines that are none or blank."""
    rows = ('"an\nn",2026-01-01,"a\nb"', "", "too,few", "bob,2026-01-01,a", "cy,soon,a")
    house.declare("gym", events={**EVENTS, "origin": events(tmp_path / "e.csv", *rows)})
    (imported,) = house.load("gym", pct=100)

    assert (4, 2, 2) == (imported.read, imported.loaded, imported.refused)
    assert [
        (6, None, "has 2 values for 3 columns"),
        (8, "happened_at", "is not a date or time"),
    ] == house.rows("quarantine", "line, column_name, reason")


def test_a_log_grows(house: House, tmp_path: Path) -> None:
    """Late and changed rows are known from now; identical ones stay as many as there are."""
    house.declare("gym", events={**EVENTS, "origin": str(tmp_path / "e.csv")})
    first = ["ann,2026-06-01 10:00,a", "ann,2026-06-01 10:00,a", "bob,2026-06-02,b"]
    events(tmp_path / "e.csv", *first)
    house.load("gym")
    events(tmp_path / "e.csv", *first[:2], "bob,2026-06-02,changed", "cy,2026-05-01,late",
           "ann,2026-07-01 08:00,new")  # fmt: skip
    (imported,) = house.load("gym", date(2026, 7, 2))

    assert (5, 3, 2) == (imported.read, imported.loaded, imported.already_there)
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert [
        ("ann", "a", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        ("ann", "a", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        ("ann", "new", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("bob", "b", datetime(2026, 6, 2, tzinfo=UTC)),
        ("bob", "changed", now),
        ("cy", "late", now),
    ] == house.rows("gym__events", "customer_id, kind, loaded_at")


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_csv_that_grows_day_by_day_is_each_day_the_same_as_at_once(
    house: House, tmp_path: Path, batch: int
) -> None:
    """Whatever part of it came on which day."""
    rows = [f"c{n % 13},2026-06-{n % 27 + 1:02d} 1{n % 10}:00,k{n % 3}" for n in range(60)]
    house.declare("gym", events={**EVENTS, "origin": str(tmp_path / "e.csv")})
    for day, end in enumerate(range(batch, len(rows) + batch, max(batch, 7))):
        events(tmp_path / "e.csv", *rows[:end])
        house.load("gym", date(2026, 7, 1 + day))
    grown = house.rows("gym__events", "customer_id, happened_at, kind, row_digest")
    events(tmp_path / "e.csv", *rows)
    house.load("gym", date(2026, 7, 31))
    house.declare("whole", events={**EVENTS, "origin": str(tmp_path / "e.csv")})
    house.load("whole")

    at_once = house.rows("whole__events", "customer_id, happened_at, kind, row_digest")
    assert 60 == len(at_once)
    assert at_once == house.rows("gym__events", "customer_id, happened_at, kind, row_digest")
    assert {*grown} <= {*at_once}


def test_zones_and_clocks_that_change(house: House, tmp_path: Path) -> None:
    """Times with a zone are instants, also in the hour that is there twice; without, UTC."""
    rows = (
        "a,2024-10-27T02:30:00+02:00,before", "a,2024-10-27T02:30:00+01:00,after",
        "a,2024-10-27 02:30:00,plain", "a,2024-03-31T03:30:00+02,spring",
    )  # fmt: skip
    house.declare("gym", events={**EVENTS, "origin": events(tmp_path / "e.csv", *rows)})
    house.load("gym")

    assert {
        "before": datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
        "after": datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
        "plain": datetime(2024, 10, 27, 2, 30, tzinfo=UTC),
        "spring": datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
    } == dict(house.rows("gym__events", "kind, happened_at"))


def test_what_a_customer_is_like_may_change(house: House, tmp_path: Path) -> None:
    """In every row of a later export: no row is another one, and each says what it first said."""
    columns = dict(EVENTS["columns"])
    columns["kind"] = {**columns["kind"], "identifies": False}
    origin = events(tmp_path / "e.csv", "ann,2026-06-01,free", "ann,2026-06-02,free")
    house.declare("gym", events={**EVENTS, "columns": columns, "origin": origin})
    house.load("gym")
    events(tmp_path / "e.csv", *(f"ann,2026-06-0{day},paid" for day in (1, 2, 3)))
    (imported,) = house.load("gym", date(2026, 7, 2))

    assert (3, 1, 2) == (imported.read, imported.loaded, imported.already_there)
    assert [("free",), ("free",), ("paid",)] == house.rows("gym__events", "kind")


def test_a_table_gains_columns_and_keeps_its_types(house: House, tmp_path: Path) -> None:
    """As its declaration does; what was refused leaves the table as it was."""
    origin = events(tmp_path / "e.csv", "ann,2026-01-01,7", "bob,2026-01-02,8")
    columns = dict(EVENTS["columns"])
    kind = columns.pop("kind")
    house.declare("gym", events={**EVENTS, "columns": columns, "origin": origin})
    house.load("gym")
    house.declare("gym", events={**EVENTS, "origin": origin})
    (wider,) = house.load("gym", date(2026, 7, 1))
    assert (False, 2) == (wider.is_new, wider.already_there)
    assert [(None,), (None,)] == house.rows("gym__events", "kind")

    columns["kind"] = {**kind, "type": "integer"}
    house.declare("gym", events={**EVENTS, "columns": columns, "origin": origin})
    before = house.state()
    with pytest.raises(ImportRefused, match="kind is text there and declared as bigint"):
        house.load("gym", date(2026, 7, 2))
    assert before == house.state()


def test_erasing_finds_declared_tables(house: House, tmp_path: Path) -> None:
    """And who was erased does not come back, of a snapshot or a log."""
    people = tmp_path / "p.csv"
    people.write_text("Id,Fee,Visits,New,Joined,Seen,Note\nann,1,1,1,,,\nbob,1,1,1,,,\n")
    house.declare(
        "gym",
        people={**CUSTOMERS, "origin": str(people)},
        events={**EVENTS, "origin": events(tmp_path / "e.csv", "ann,2026-01-01,a")},
    )
    house.load("gym")
    erasures = WarehouseErasures(house.warehouse, ["raw"], "analytics")
    erased = erasures.erase("ann", lambda _table, _rows: None)

    assert {"raw.gym__people": 1, "raw.gym__events": 1}.items() <= erased.rows.items()
    events(tmp_path / "e.csv", "ann,2026-01-01,a", "bob,2026-01-01,b")
    imported = house.load("gym", date(2026, 7, 1))
    assert [(1, 1), (1, 1)] == [(table.loaded + table.already_there, table.of_erased)
                                for table in imported]  # fmt: skip
    assert [("bob",)] == house.rows("gym__people", "customer_id")
    assert [("bob",)] == house.rows("gym__events", "customer_id")


def test_a_past_is_cut_from_declared_tables(house: House, tmp_path: Path) -> None:
    """As the leak check does for the trainer: what was not known then is not there."""
    house.declare("gym", events={**EVENTS, "origin": str(tmp_path / "e.csv")})
    events(tmp_path / "e.csv", "ann,2026-06-01,a")
    house.load("gym")
    events(tmp_path / "e.csv", "ann,2026-06-01,a", "bob,2026-05-01,late")
    house.load("gym", date(2026, 7, 10))
    # A right on the database itself, which a copy of one does not have.
    name = house.warehouse.engine.url.database
    house.warehouse.execute(f"grant create on database {name} to churn_trainer")
    trainer = Warehouse(connection_options.configured(house.warehouse.url, role="churn_trainer"))
    replay.cut(trainer, raw_schema="raw", into="replay_then", as_of=AS_OF)

    assert [("ann",)] == trainer.rows("select customer_id from replay_then.gym__events")
    assert [] == trainer.rows("select 1 from replay_then.quarantine")
    trainer.engine.dispose()
