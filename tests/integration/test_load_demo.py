import contextlib
from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.adapters.loads import ledger
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse import columns
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.demo import PlantedDrift
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused, RunLocked
from pipelines.steps.data.load_demo import TABLES, LoadReport, load_demo

UNTIL = date(2026, 11, 21)


def load(warehouse: Warehouse, *, seed: int = 7, drift: PlantedDrift | None = None) -> LoadReport:
    """Load a very small business."""
    return load_demo(
        customers=300,
        months=6,
        seed=seed,
        until=UNTIL,
        drift=drift,
        raw=WarehouseRawTables(warehouse),
        locks=warehouse,
    )


def counted(warehouse: Warehouse) -> dict[str, int]:
    """Rows that each table really holds."""
    return {
        name: warehouse.rows(f"select count(*) from raw.{name}")[0][0]
        for name in (*TABLES, "loads")
    }


class Interrupted(Warehouse):
    """A warehouse whose connection breaks before the ledger is written."""

    @contextlib.contextmanager
    def loading(self) -> Iterator[columns.Transaction]:
        """Write everything but the ledger, then fail to write that."""
        with super().loading() as transaction:
            yield WithoutLedger(transaction.connection)


class WithoutLedger(columns.Transaction):
    """A transaction that cannot write the ledger."""

    def ingest(self, schema: str, table: str, rows: pa.Table | pa.RecordBatchReader) -> int:
        """Write *rows*, but to a ledger of other columns."""
        if table == ledger.TABLE:
            assert isinstance(rows, pa.Table)
            rows = rows.rename_columns(["no"] * 4)

        return super().ingest(schema, table, rows)


def test_all_tables_and_the_ledger_are_filled(warehouse: Warehouse) -> None:
    """The report says what the tables hold, and the ledger what it was made from."""
    report = load(warehouse)
    source, rows, details = warehouse.rows("select source, rows, details from raw.loads")[0]

    assert min(report.rows.values()) > 300
    assert LoadReport(report.rows, was_loaded=True) == report
    assert {**report.rows, "loads": 1} == counted(warehouse)
    assert ("demo", sum(report.rows.values())) == (source, rows)
    assert details["customers"] == 300


def test_the_planner_knows_the_tables(warehouse: Warehouse) -> None:
    """Statistics are there right after loading."""
    load(warehouse)
    known = warehouse.rows("select distinct tablename from pg_stats where schemaname = 'raw'")

    assert set(TABLES) <= {row.tablename for row in known}


def test_loading_again_changes_nothing(warehouse: Warehouse) -> None:
    """The second load of the same business reports the rows that are there, and adds none."""
    first = load(warehouse)
    before = counted(warehouse)
    again = load(warehouse)

    assert LoadReport(first.rows, was_loaded=False) == again
    assert before == counted(warehouse)


def test_erased_customers_are_left_out(warehouse: Warehouse) -> None:
    """A business that is loaded after an erasure lacks that customer, and nobody else."""
    warehouse.execute(
        "insert into churn.erasures values (:sha256, now(), 1)",
        {"sha256": customer_sha256("C00000001")},
    )
    report = load(warehouse)

    assert report.erased_rows > 10
    assert {**report.rows, "loads": 1} == counted(warehouse)
    assert [(299, 0)] == warehouse.rows(
        "select count(distinct customer_id), count(*) filter (where customer_id = 'C00000001') "
        "from raw.customers"
    )
    assert 0 == load(warehouse).erased_rows


def test_another_business_is_refused(warehouse: Warehouse) -> None:
    """Another seed, or the same one with a drift, is refused with counts and the next command."""
    rows = load(warehouse).rows
    before = counted(warehouse)

    with pytest.raises(ImportRefused, match=f"{rows['usage_events']:,} usage_events") as refused:
        load(warehouse, seed=8)
    assert refused.value.next_step.startswith("make clean")
    with pytest.raises(ImportRefused):
        load(warehouse, drift=PlantedDrift(date(2026, 11, 1), "nulls"))
    assert before == counted(warehouse)


def test_a_load_that_breaks_leaves_nothing(warehouse: Warehouse) -> None:
    """When the ledger cannot be written, the tables stay empty and a later load succeeds."""
    with pytest.raises(Exception, match="no"):
        load(Interrupted(warehouse.url))
    assert set(counted(warehouse).values()) == {0}

    assert load(warehouse).was_loaded


def test_two_loads_do_not_mix(warehouse: Warehouse) -> None:
    """While another load holds the lock, this one stops before it generates anything."""
    with (
        warehouse.lock("load of demo customers"),
        pytest.raises(RunLocked, match="one load of demo customers at a time"),
    ):
        load(warehouse)


def test_progress_is_logged_without_personal_data(warehouse: Warehouse) -> None:
    """One event a table, with its rows; no value of a record."""
    with structlog.testing.capture_logs() as logs:
        report = load(warehouse)
    tables = {entry["table"]: entry["rows"] for entry in logs if "table" in entry}

    assert report.rows == tables
    assert "example." not in str(logs)
