"""When a generated business is loaded, and when not."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
import structlog.testing

from pipelines import demo
from pipelines.demo import PlantedDrift
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused, RunLocked
from pipelines.steps.data.load_demo import TABLES, LoadReport, load_demo
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.records import MemoryRawTables
from tests.unit.steps.journal import Journal

BUSINESS: Mapping[str, Any] = {
    "customers": 8,
    "months": 2,
    "seed": 1,
    "until": date(2026, 6, 30),
    "drift": None,
}


@dataclass
class House:
    """Raw tables and locks."""

    raw: MemoryRawTables = field(default_factory=MemoryRawTables)
    journal: Journal = field(default_factory=Journal)

    def load(self, **changes: Any) -> LoadReport:
        """Load the business, or another one."""
        raw = self.journal.watch(self.raw)

        return load_demo(**{**BUSINESS, **changes}, raw=raw, locks=self.journal.locks)


@dataclass(frozen=True)
class FirstLoad:
    """A first load and what it did; it took a tenth of a second, so that nobody may change it."""

    house: House
    report: LoadReport
    logs: list[MutableMapping[str, Any]]

    def copy(self) -> House:
        """Return a house in which the business is loaded."""
        return House(MemoryRawTables(dict(self.house.raw.tables), [*self.house.raw.ledger]))


@pytest.fixture(scope="module")
def first() -> FirstLoad:
    """Load the business into empty tables."""
    house = House()
    with structlog.testing.capture_logs() as logs:
        report = house.load()

    return FirstLoad(house, report, logs)


def test_an_empty_warehouse_is_filled(first: FirstLoad) -> None:
    """Every raw table, in one load the ledger tells of with its arguments."""
    report, raw = first.report, first.house.raw

    assert report.was_loaded
    assert {name: len(table) for name, table in raw.tables.items()} == report.rows
    assert [*TABLES] == [*report.rows]
    assert all(report.rows.values())
    (entry,) = raw.ledger
    assert ("demo", sum(report.rows.values())) == (entry.source, entry.rows)
    expected = {"customers": 8, "until": "2026-06-30", "version": demo.VERSION}
    assert expected.items() <= entry.details.items()


def test_the_same_business_is_loaded_once(first: FirstLoad) -> None:
    """A second time returns the rows that are there, and generates nothing."""
    house = first.copy()
    with structlog.testing.capture_logs() as logs:
        again = house.load()

    assert replace(first.report, was_loaded=False) == again
    assert 1 == len(house.raw.ledger)
    assert ["demo_known_already"] == [entry["event"] for entry in logs]
    assert [] == house.journal.of("append")


@pytest.mark.parametrize(
    "change",
    [
        {"customers": 9},
        {"months": 3},
        {"seed": 2},
        {"until": date(2026, 7, 1)},
        {"drift": PlantedDrift(date(2026, 6, 1), "behaviour")},
    ],
)
def test_another_business_is_not_mixed_in(first: FirstLoad, change: dict[str, Any]) -> None:
    """Whatever makes it another: the rows there are named, and nothing is loaded."""
    house, rows = first.copy(), first.report.rows
    with pytest.raises(ImportRefused) as refused:
        house.load(**change)

    held = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    assert (
        f"the raw tables hold other records already: {held}; nothing was loaded",
        "make clean, which removes them with all that was built from them",
    ) == (refused.value.message, refused.value.next_step)
    assert rows == house.raw.rows(TABLES)
    assert 1 == len(house.raw.ledger)


def test_one_row_of_another_business_is_enough(first: FirstLoad) -> None:
    """Records that came without an entry in the ledger are not mixed with either."""
    house = House()
    house.raw.tables = {"invoices": first.house.raw.tables["invoices"].slice(0, 1)}
    with pytest.raises(ImportRefused, match="already: 1 invoices;"):
        house.load()

    assert [] == house.raw.ledger


def test_erased_customers_are_left_out_and_counted(first: FirstLoad) -> None:
    """Of every table; with or without them, and beside other sources, it is the same business."""
    tables = first.house.raw.tables
    gone = tables["subscriptions"]["customer_id"][0].as_py()
    house = House()
    house.raw.tables = {"bank__customers": tables["customers"]}
    house.raw.tombstones = {customer_sha256(gone)}
    report = house.load()

    everybody = sum(first.report.rows.values())
    assert everybody - sum(report.rows.values()) == report.erased_rows > 1
    for name in TABLES:
        assert gone not in house.raw.tables[name]["customer_id"].to_pylist()
    assert first.house.raw.ledger[0].fingerprint == house.raw.ledger[0].fingerprint
    assert sum(report.rows.values()) == house.raw.ledger[0].rows
    assert not house.load().was_loaded


def test_one_load_at_a_time(first: FirstLoad) -> None:
    """The lock is held from counting what is there until the rows are in."""
    assert ["rows", "loads", "erased", "append"] == first.house.journal.order()
    assert {frozenset({"load of demo customers"})} == {
        call.held for call in first.house.journal.calls
    }

    house = House(journal=Journal(MemoryLocks({"load of demo customers"})))
    with pytest.raises(RunLocked, match="load of demo customers"):
        house.load()
    assert [] == house.journal.calls
    assert {} == house.raw.tables


def test_the_log_counts_and_names_nobody(first: FirstLoad) -> None:
    """Tables, blocks and rows are logged; neither ids nor names of customers."""
    rows, people = first.report.rows, first.house.raw.tables["customers"]

    assert [*rows.items()] == [
        (entry["table"], entry["rows"])
        for entry in first.logs
        if entry["event"] == "demo_table_loaded"
    ]
    assert sum(rows.values()) == first.logs[-1]["rows"]
    assert [(8, 8, sum(rows.values()), 0)] == [
        (entry["customers"], entry["of"], entry["rows"], entry["seconds_left"])
        for entry in first.logs
        if entry["event"] == "demo_customers_loaded"
    ]
    for name in [*people["customer_id"].to_pylist(), *people["full_name"].to_pylist()]:
        assert name not in str(first.logs)
