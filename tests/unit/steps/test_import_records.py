"""Which tables of a declared population are loaded, again, and which are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.imports.declared import Declared, DeclaredColumn, DeclaredTable
from pipelines.domain.imports.imported import ImportedTable
from pipelines.domain.ports.sources import RefusedRow
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused, RunLocked
from pipelines.steps.data import import_records as step
from pipelines.steps.data.import_records import import_records
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.records import MemoryDeclaredTables, MemoryRawTables
from pipelines.testing.sources import MemorySourceTable
from tests.unit.steps.journal import Journal

AS_OF, NEXT_DAY = date(2026, 6, 30), date(2026, 7, 1)
DAY_BEFORE = date(2026, 6, 29)
ID = DeclaredColumn("customer_id", "Member", "text")
MEMBERS = DeclaredTable(
    "gym",
    "members",
    "members.csv",
    "snapshot",
    (ID, DeclaredColumn("fee_eur", "Fee", "number", "1.234,5")),
    dropped={"Name": "personal data: names"},
)
VISITS = DeclaredTable(
    "gym",
    "visits",
    "visits.csv",
    "log",
    (ID, DeclaredColumn("visited_at", "At", "instant")),
    happened_at="visited_at",
)
Rows = Sequence[tuple[object, ...]]


def members(*rows: tuple[object, ...], refused: Sequence[RefusedRow] = ()) -> MemorySourceTable:
    """Return members with their fees and names."""
    return _source(("Member", "Fee", "Name"), [(*row, "Ada") for row in rows], refused)


def visits(*rows: tuple[object, ...]) -> MemorySourceTable:
    """Return visits with their times."""
    return _source(("Member", "At"), rows)


def _source(
    names: Sequence[str], rows: Rows, refused: Sequence[RefusedRow] = ()
) -> MemorySourceTable:
    columns = [*zip(*rows, strict=True)] or [()] * len(names)
    table = pa.table(
        {name: pa.array(its, pa.string()) for name, its in zip(names, columns, strict=True)}
    )

    return MemorySourceTable(table, refused, origin="memory")


class House:
    """Raw tables, declared tables and locks."""

    def __init__(self) -> None:
        self.raw, self.journal = MemoryRawTables(), Journal()
        self.tables = MemoryDeclaredTables(self.raw)

    def load(self, as_of: date = AS_OF, **sources: MemorySourceTable) -> list[ImportedTable]:
        """Import some tables; a hundredth of the rows of each may be refused."""
        known = {"members": MEMBERS, "visits": VISITS}

        return self.load_declared([known[name] for name in sources], sources, as_of)

    def load_declared(
        self,
        tables: Sequence[DeclaredTable],
        sources: Mapping[str, MemorySourceTable],
        as_of: date = AS_OF,
    ) -> list[ImportedTable]:
        """Import tables that are declared otherwise."""
        return import_records(
            declared=Declared("gym", tuple(tables)),
            sources=sources,
            as_of=as_of,
            refused_rows_pct=1.0,
            raw=self.journal.watch(self.raw),
            tables=self.journal.watch(self.tables),
            locks=self.journal.locks,
        )

    def refusal(self, *args: Any, **kwargs: Any) -> tuple[str, str]:
        """Return message and next step of a refusal, after which everything is as it was."""
        before = self.state()
        with pytest.raises(ImportRefused) as refused:
            (self.load_declared if args else self.load)(*args, **kwargs)
        assert before == self.state()
        assert set() == self.journal.locks.held

        return refused.value.message, refused.value.next_step

    def state(self) -> tuple[Any, ...]:
        """Return all there is."""
        tables = {name: rows.to_pylist() for name, rows in self.raw.tables.items()}

        return tables, [*self.raw.ledger], dict(self.tables.made), [*self.tables.quarantine]

    def rows(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        """Return some columns of a raw table."""
        return [tuple(row[name] for name in columns) for row in self.raw.tables[table].to_pylist()]


def plenty(*rows: tuple[object, ...]) -> list[tuple[object, ...]]:
    """Return *rows* after 300 of others, beside which one or two of them may be refused."""
    return [*((f"m{number}", "7") for number in range(300)), *rows]


def test_a_table_may_go_through_another() -> None:
    """Which is loaded before it; what leads to nobody is left out."""
    cards = DeclaredTable(
        "gym",
        "cards",
        "cards.csv",
        "log",
        (ID, DeclaredColumn("visited_at", "At", "instant"), DeclaredColumn("card", "Name", "text")),
        happened_at="visited_at",
    )
    owner = replace(ID, through="cards.card")
    swipes = replace(VISITS, name="swipes", columns=(owner, VISITS.columns[1]))
    house = House()
    given = _source(("Member", "At", "Name"), [("ann", "2026-01-01", "c1")])
    came = _source(("Member", "At"), [("c1", "2026-01-02"), ("c9", "2026-01-02")])
    imported = house.load_declared([cards, swipes], {"cards": given, "swipes": came})

    assert "gym__swipes: 2 rows read: 1 loaded, 1 of nobody" == str(imported[1])
    assert [("ann",)] == house.rows("gym__swipes", "customer_id")


def test_tables_are_loaded_together() -> None:
    """A snapshot as known the day before, a log as known when it happened."""
    house = House()
    imported = house.load(
        members=members(("ann", "1.000,5"), ("bob", "")), visits=visits(("ann", "2026-01-02"))
    )

    assert [
        "gym__members: 2 rows read: 2 loaded",
        "gym__visits: 1 rows read: 1 loaded",
    ] == [*map(str, imported)]
    known = datetime(2026, 6, 29, tzinfo=UTC)
    assert [("ann", 1000.5, known), ("bob", None, known)] == house.rows(
        "gym__members", "customer_id", "fee_eur", "loaded_at"
    )
    assert [(datetime(2026, 1, 2, tzinfo=UTC),)] == house.rows("gym__visits", "loaded_at")
    (first, second) = house.raw.ledger
    assert (("gym__members", 2), ("gym__visits", 1)) == (
        (first.source, first.rows),
        (second.source, second.rows),
    )
    assert {
        "origin": "memory",
        "content": first.fingerprint,
        "known_on": "2026-06-29",
        "rows_read": 2,
        "already_there": 0,
        "of_nobody": 0,
        "of_erased": 0,
        "not_yet": 0,
        "refused": 0,
    } == first.details


def test_the_same_content_changes_nothing() -> None:
    """On whatever day, written in whatever way."""
    house = House()
    sources = {"members": members(("ann", "7")), "visits": visits(("ann", "2026-01-02"))}
    house.load(**sources)
    before = house.state()
    again = house.load(
        NEXT_DAY, members=members((" ann", "7,0")), visits=visits(("ann", "2026-01-02 00:00"))
    )

    assert before == house.state()
    assert [False, False] == [table.is_new for table in again]
    assert (
        "gym__members: 1 rows read, the same as were loaded before; nothing changed "
        "(known on 2026-06-29)"
    ) == str(again[0])


def test_a_second_snapshot_of_a_day_is_refused() -> None:
    """Nobody could say which one holds; of the tables before it nothing is loaded either."""
    house = House()
    house.load(members=members(("ann", "7")))

    assert (
        "memory: another snapshot of gym__members with 1 rows is already known on 2026-06-29; "
        "nothing was loaded",
        "give another date: `churn import gym --as-of YYYY-MM-DD`",
    ) == house.refusal(visits=visits(("ann", "2026-01-02")), members=members(("ann", "8")))
    assert house.load(NEXT_DAY, members=members(("ann", "8")))[0].is_new


def test_a_snapshot_cannot_be_known_before_it_was() -> None:
    """What holds from a day on does not hold on the day before."""
    house = House()
    house.load(members=members(("ann", "7")))

    assert (
        "cannot be used as of 2026-06-29"
        in house.refusal(as_of=DAY_BEFORE, members=members(("ann", "7")))[0]
    )


def test_a_snapshot_that_holds_again_is_loaded_again() -> None:
    """After another one did: every load replaces the one before it."""
    house = House()
    for day, fee in enumerate(("7", "8", "7", "7")):
        house.load(date(2026, 7, 1 + day), members=members(("ann", fee)))

    assert [7.0, 8.0, 7.0] == [fee for (fee,) in house.rows("gym__members", "fee_eur")]
    assert ["2026-06-30", "2026-07-01", "2026-07-02"] == [
        load.details["known_on"] for load in house.raw.ledger
    ]


def test_a_log_that_has_grown_adds_what_is_new() -> None:
    """What came late or changed is known from now on, and what is there stays."""
    house = House()
    first = (("ann", "2026-06-01"), ("bob", "2026-06-02"), ("ann", "2026-06-01"))
    house.load(visits=visits(*first))
    grown = (*first, ("ann", "2026-06-01"), ("cy", "2026-06-15"), ("cy", "2026-06-30 10:00"))
    (imported,) = house.load(NEXT_DAY, visits=visits(*grown))

    assert "gym__visits: 6 rows read: 3 loaded, 3 already there" == str(imported)
    now = datetime(2026, 6, 30, tzinfo=UTC)
    assert [
        ("ann", now),
        ("cy", now),
        ("cy", datetime(2026, 6, 30, 10, tzinfo=UTC)),
    ] == house.rows("gym__visits", "customer_id", "loaded_at")[3:]


def test_a_log_is_not_loaded_into_the_past() -> None:
    """Lists of those days were made without what it brings."""
    house = House()
    house.load(visits=visits(("ann", "2026-06-01")))
    message, next_step = house.refusal(as_of=DAY_BEFORE, visits=visits(("bob", "2026-06-01")))

    assert "gym__visits was last loaded as known on 2026-06-29" in message
    assert "use an as_of after 2026-06-29" == next_step


def test_what_had_not_happened_yet_is_loaded_when_it_has() -> None:
    """The same file again then brings what was refused before."""
    house = House()
    rows = [(f"m{number}", "2026-06-01") for number in range(300)] + [("ann", "2026-07-02")]
    (before,) = house.load(visits=visits(*rows))
    (after,) = house.load(date(2026, 7, 3), visits=visits(*rows))
    (again,) = house.load(date(2026, 7, 3), visits=visits(*rows))

    assert [(300, 0, 1), (1, 300, 0), (0, 301, 0)] == [
        (table.loaded, table.already_there, table.refused) for table in (before, after, again)
    ]
    assert [True, True, False] == [table.is_new for table in (before, after, again)]
    assert 2 == len({load.fingerprint for load in house.raw.ledger})


def test_a_few_rows_may_be_refused() -> None:
    """They are in quarantine, with line and reason; every row is somewhere."""
    house = House()
    (imported,) = house.load(
        members=members(*plenty(("m7", "7"), ("ann", "x")), refused=[RefusedRow(9, "has 1 values")])
    )

    assert "gym__members: 303 rows read: 300 loaded, 3 refused" == str(imported)
    assert {
        (9, None, "has 1 values"),
        (301, "customer_id", "repeats the customer of an earlier row"),
        (302, "fee_eur", "is not a number"),
    } == {(row["line"], row["column_name"], row["reason"]) for row in house.tables.quarantine}


def test_many_refused_rows_refuse_the_load() -> None:
    """With how many they are, why, and where, and none of their values."""
    message, next_step = House().refusal(
        members=members(*plenty(("m7", "7"), ("ann", "Ada"), ("bob", "Ada"), ("m8", "7")))
    )

    assert (
        "memory was refused and nothing was loaded: rows that are none of gym__members are "
        "4 of 304, and 1 % may be: "
    ) in message
    assert "fee_eur: is not a number: 2 rows, first on line 302, 303" in message
    assert "repeats the customer of an earlier row: 2 rows, first on line 301, 304" in message
    assert "Ada" not in message
    assert "refused_rows_pct" in next_step


def test_rows_of_nobody_do_not_refuse_a_log() -> None:
    """However common they are; they are counted, and in no table."""
    house = House()
    (imported,) = house.load(
        visits=visits(("", "2026-01-01"), (None, "2026-01-01"), ("ann", "2026-01-01"))
    )

    assert "gym__visits: 3 rows read: 1 loaded, 2 of nobody" == str(imported)
    assert [] == house.tables.quarantine


def test_items_are_replaced_as_a_whole() -> None:
    """However many a customer has; those of nobody are counted, the same change nothing."""
    lockers = DeclaredTable(
        "gym", "lockers", "lockers.csv", "items", (ID, DeclaredColumn("size", "Size", "text"))
    )

    def load(as_of: date, *rows: tuple[object, ...]) -> str:
        source = {"lockers": _source(("Member", "Size"), rows)}
        return str(house.load_declared([lockers], source, as_of)[0])

    house = House()
    first = [("ann", "S"), ("ann", "S"), ("bob", "L"), ("", "L")]
    assert "gym__lockers: 4 rows read: 3 loaded, 1 of nobody" == load(AS_OF, *first)
    assert "the same as were loaded before" in load(AS_OF + timedelta(days=1), *first)
    assert "gym__lockers: 1 rows read: 1 loaded" == load(AS_OF + timedelta(days=2), ("ann", "S"))
    assert [] == house.tables.quarantine
    assert [3, 1] == [load.rows for load in house.raw.ledger]


def test_erased_customers_stay_away() -> None:
    """And are counted."""
    house = House()
    house.raw.tombstones = {customer_sha256("ann")}
    imported = house.load(
        members=members(("ann", "7"), ("bob", "7")), visits=visits(("ann", "2026-01-01"))
    )

    assert [
        "gym__members: 2 rows read: 1 loaded, 1 of erased customers",
        "gym__visits: 1 rows read: 0 loaded, 1 of erased customers",
    ] == [*map(str, imported)]


def test_a_column_nobody_declared_is_told() -> None:
    """And left out; one that was dropped on purpose is not told."""
    house = House()
    with structlog.testing.capture_logs() as logs:
        (imported,) = house.load(
            visits=_source(("Member", "At", "Gate"), [("ann", "2026-01-01", "3")])
        )
        house.load(members=members(("ann", "7")))

    assert ("Gate",) == imported.undeclared
    assert [("columns_not_declared", "gym__visits", "Gate")] == [
        (entry["event"], entry["table"], entry["left_out"])
        for entry in logs
        if entry["log_level"] == "warning"
    ]
    assert "not declared: Gate" in str(imported)


def test_a_column_that_is_missing_is_refused() -> None:
    """By its name in the source."""
    message, next_step = House().refusal(visits=_source(("Member", "Gate"), [("ann", "3")]))

    assert (
        "memory: 1 of 2 columns that gym declares of visits are missing: At "
        "(found: Member, Gate); nothing was loaded"
    ) == message
    assert "sources/gym.toml" in next_step


def test_who_left_need_not_be_known_yet() -> None:
    """Of a later snapshot; the rows are whole, and the column of who left is blank."""
    house = House()
    left = DeclaredColumn("has_left", "Left", "text")
    table = replace(MEMBERS, columns=(*MEMBERS.columns, left), label="has_left")
    first = _source(("Member", "Fee", "Left"), [("ann", "1", "no")])
    later = _source(("Member", "Fee"), [("ann", "2")])

    house.load_declared([table], {"members": first})
    house.load_declared([table], {"members": later}, NEXT_DAY)

    assert [("1", "no"), ("2", None)] == [
        (f"{fee:g}", gone) for fee, gone in house.rows("gym__members", "fee_eur", "has_left")
    ]


def test_a_source_without_rows_is_refused() -> None:
    """It is rather broken than empty."""
    assert "has a header and no rows" in House().refusal(members=members())[0]


def test_a_column_is_gained() -> None:
    """It is NULL in rows of before, and rows of a log are still the same rows."""
    house = House()
    log = visits(("ann", "2026-01-01"))
    house.load(visits=log, members=members(("ann", "7")))
    gate = DeclaredColumn("gate", "Gate", "integer")
    wider = [replace(table, columns=(*table.columns, gate)) for table in (VISITS, MEMBERS)]
    sources = {
        "visits": _source(
            ("Member", "At", "Gate"), [("ann", "2026-01-01", "3"), ("ann", "2026-01-02", "4")]
        ),
        "members": _source(("Member", "Fee", "Gate"), [("ann", "7", "3")]),
    }
    imported = house.load_declared(wider, sources, NEXT_DAY)

    assert [(1, 1), (1, 0)] == [(table.loaded, table.already_there) for table in imported]
    assert [(None,), (4,)] == house.rows("gym__visits", "gate")
    assert [(None,), (3,)] == house.rows("gym__members", "gate")


def test_a_column_rows_are_known_by_stays_declared() -> None:
    """Without it every row of a log would be new."""
    house = House()
    house.load(visits=_source(("Member", "At"), [("ann", "2026-01-01")]))
    other = replace(
        VISITS, columns=(ID, replace(VISITS.columns[1], name="came_at")), happened_at="came_at"
    )

    assert (
        "are known by 1 columns that are not declared any more: visited_at"
        in house.refusal([other], {"visits": visits(("ann", "2026-01-01"))}, NEXT_DAY)[0]
    )


def test_a_column_of_another_type_is_refused() -> None:
    """Before a row is read."""
    house = House()
    house.load(members=members(("ann", "7")))
    text = replace(MEMBERS, columns=(ID, DeclaredColumn("fee_eur", "Fee", "text")))

    assert "fee_eur" in house.refusal([text], {"members": members(("ann", "7"))}, NEXT_DAY)[0]


def test_there_is_one_import_of_a_population_at_a_time() -> None:
    """Everything it asks of the tables is asked while nobody else can change them."""
    house = House()
    house.load(members=members(("ann", "7")))
    assert {frozenset({"import of gym"})} == {call.held for call in house.journal.calls}

    house.journal.locks = MemoryLocks({"import of gym"})
    with pytest.raises(RunLocked, match="import of gym"):
        house.load(NEXT_DAY, members=members(("bob", "7")))
    assert [("ann",)] == house.rows("gym__members", "customer_id")


def test_a_long_load_is_told_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many rows were read, and how many refused."""
    monkeypatch.setattr(step, "TELL_EVERY_SECONDS", 0)
    with structlog.testing.capture_logs() as logs:
        House().load(members=members(("ann", "7")))

    assert [
        {"event": "rows_read", "table": "gym__members", "rows": 1, "refused": 0},
        {"event": "rows_gathered", "table": "gym__members", "rows": 1, "refused": 0},
        {"event": "table_imported", "table": "gym__members", "read": 1, "loaded": 1, "refused": 0},
    ] == [{key: value for key, value in entry.items() if key != "log_level"} for entry in logs]
