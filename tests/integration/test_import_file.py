"""Importing files into a real PostgreSQL."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.files import data_files
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.imports.files import RETAIL, SOURCES, TELCO
from pipelines.domain.privacy.erasure import customer_sha256
from pipelines.errors import ImportRefused, RunLocked
from pipelines.steps.data.import_file import Imported, import_file

AS_OF = date(2026, 11, 20)
HEADER = ",".join(column.name for column in TELCO.columns)
CUSTOMER = (
    "{id},Female,0,Yes,No,{tenure},No,No phone service,DSL,No,Yes,No,No,No,No,Month-to-month,Yes,"
    "Electronic check,29.85,{total},{churn}"
)
RETAIL_CSV = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,"HOLDER, WHITE",6,12/1/2010 8:26,2.55,17850,United Kingdom
536366,71053,,8,12/1/2010 8:28,3.39,,France
C536367,84029G,BOTTLE,-2,12/2/2010 8:28,2.75,17850,United Kingdom
"""


def telco_csv(path: Path, churn: str = "Yes") -> Path:
    """Write two telco customers, one of them new."""
    rows = [
        CUSTOMER.format(id="a", tenure=0, total=" ", churn="No"),
        CUSTOMER.format(id="b", tenure=2, total=59.7, churn=churn),
    ]
    path.write_text("\n".join([HEADER, *rows, ""]))

    return path


def load(warehouse: Warehouse, source: str, path: Path, as_of: date | None = None) -> Imported:
    """Import *path*."""
    return import_file(
        source=SOURCES[source],
        file=data_files.read(path),
        as_of=as_of,
        raw=WarehouseRawTables(warehouse),
        locks=warehouse,
    )


def counts(warehouse: Warehouse) -> tuple[int, int, int]:
    """Rows of the two raw tables and of the ledger."""
    (row,) = warehouse.rows(
        "select (select count(*) from raw.telco_customers), "
        "(select count(*) from raw.retail_invoice_lines), (select count(*) from raw.loads)"
    )
    return tuple(row)  # type: ignore[return-value]


def test_a_telco_file_is_loaded_as_known_the_day_before(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Rows, the ledger's row and the result agree."""
    imported = load(warehouse, "telco", telco_csv(tmp_path / "t.csv"), AS_OF)

    day_before = date(2026, 11, 19)
    assert Imported("telco", 2, True, day_before, day_before) == imported
    assert (2, 0, 1) == counts(warehouse)
    rows = warehouse.rows(
        "select customer_id, tenure, total_charges, churn, loaded_at at time zone 'UTC' "
        "from raw.telco_customers order by customer_id"
    )
    assert ("a", 0, None, "No") == tuple(rows[0])[:4]
    assert "2026-11-19T00:00:00" == rows[1][4].isoformat()


def test_a_retail_file_is_loaded_as_known_when_it_happened(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Lines without a customer are loaded too; the file's own times are UTC."""
    path = tmp_path / "r.csv"
    path.write_text(RETAIL_CSV)

    imported = load(warehouse, "retail", path)

    assert Imported("retail", 3, True, date(2010, 12, 1), date(2010, 12, 2)) == imported
    rows = warehouse.rows(
        "select line_number, invoice_no, quantity, customer_id, description, "
        "(invoiced_at at time zone 'UTC')::text, invoiced_at = loaded_at "
        "from raw.retail_invoice_lines order by line_number"
    )
    assert [
        (1, "536365", 6, "17850", "HOLDER, WHITE", "2010-12-01 08:26:00", True),
        (2, "536366", 8, None, None, "2010-12-01 08:28:00", True),
        (3, "C536367", -2, "17850", "BOTTLE", "2010-12-02 08:28:00", True),
    ] == [tuple(row) for row in rows]


def test_the_same_file_again_changes_nothing_and_says_so(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """A copy under another name is the same file; a later as_of may use what is there."""
    first = load(warehouse, "telco", telco_csv(tmp_path / "t.csv"), AS_OF)
    again = load(warehouse, "telco", telco_csv(tmp_path / "copy.csv"), date(2026, 12, 24))

    assert (True, False) == (first.is_new, again.is_new)
    assert "2 rows of telco loaded (known on 2026-11-19)" == str(first)
    assert "2 rows of telco were loaded before; nothing changed" in str(again)
    assert first.known_until == again.known_until
    assert (2, 0, 1) == counts(warehouse)


def test_the_same_file_for_an_earlier_day_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    """Saying that it is there already would hide that the earlier day cannot use it."""
    path = telco_csv(tmp_path / "t.csv")
    load(warehouse, "telco", path, AS_OF)

    with pytest.raises(ImportRefused, match="cannot be used as of 2026-11-19"):
        load(warehouse, "telco", path, date(2026, 11, 19))


def test_a_second_snapshot_of_the_same_day_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    """Of two files known at the same moment nobody could say which one holds."""
    load(warehouse, "telco", telco_csv(tmp_path / "t.csv"), AS_OF)
    other = telco_csv(tmp_path / "other.csv", churn="No")

    with pytest.raises(ImportRefused, match="another telco file with 2 rows"):
        load(warehouse, "telco", other, AS_OF)
    assert (2, 0, 1) == counts(warehouse)

    assert load(warehouse, "telco", other, date(2026, 12, 20)).is_new
    assert (4, 0, 2) == counts(warehouse)


def test_a_refused_file_loads_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    """Neither a row nor a word in the ledger stays behind."""
    with pytest.raises(ImportRefused, match="Churn: 1 of 2 values are not Yes or No"):
        load(warehouse, "telco", telco_csv(tmp_path / "t.csv", churn="Perhaps"), AS_OF)
    with pytest.raises(ImportRefused, match="8 of 8 columns are missing"):
        load(warehouse, "retail", telco_csv(tmp_path / "t.csv"))

    assert (0, 0, 0) == counts(warehouse)


def test_rows_and_ledger_are_one_transaction(warehouse: Warehouse, tmp_path: Path) -> None:
    """Where the ledger cannot be written, the rows are not there either."""
    warehouse.execute("alter table raw.loads add constraint none_today check (rows = 0)")

    with pytest.raises(Exception, match="none_today"):
        load(warehouse, "telco", telco_csv(tmp_path / "t.csv"), AS_OF)

    assert (0, 0, 0) == counts(warehouse)


def test_two_imports_of_one_source_do_not_run_at_once(warehouse: Warehouse, tmp_path: Path) -> None:
    """The second one is told to come back."""
    path = tmp_path / "r.csv"
    path.write_text(RETAIL_CSV)

    with (
        warehouse.lock(f"import of {RETAIL.name}"),
        pytest.raises(RunLocked, match="there can be one import of retail at a time"),
    ):
        load(warehouse, "retail", path)

    assert load(warehouse, "retail", path).is_new


def test_erased_customers_are_left_out_and_counted(warehouse: Warehouse, tmp_path: Path) -> None:
    """Their rows never reach the table; rows of nobody do; the line people read says how many."""
    for customer in ("b", "17850"):
        warehouse.execute(
            "insert into churn.erasures values (:sha256, now(), 1)",
            {"sha256": customer_sha256(customer)},
        )
    path = tmp_path / "r.csv"
    path.write_text(RETAIL_CSV)

    telco = load(warehouse, "telco", telco_csv(tmp_path / "t.csv"), AS_OF)
    retail = load(warehouse, "retail", path)

    assert (1, 1, 2) == counts(warehouse)
    assert ((1, 1), (1, 2)) == ((telco.rows, telco.erased_rows), (retail.rows, retail.erased_rows))
    assert "1 rows of retail loaded, 2 of erased customers left out (" in str(retail)
    assert [("a",)] == warehouse.rows("select customer_id from raw.telco_customers")
    assert [(None,)] == warehouse.rows("select customer_id from raw.retail_invoice_lines")
    again = load(warehouse, "retail", path)
    assert (1, 0, False) == (again.rows, again.erased_rows, again.is_new)


INJECTION = "'); drop table raw.telco_customers; --"


def test_what_looks_like_sql_is_stored_as_text(warehouse: Warehouse, tmp_path: Path) -> None:
    """Values are never part of a statement, and a column nobody asked for is not looked at."""
    path = tmp_path / f"{INJECTION.replace('/', '')}.csv"
    quoted = f'"{INJECTION}"'
    row = CUSTOMER.format(id=quoted, tenure=2, total=59.7, churn="No")
    path.write_text(f'{HEADER},"customer_id"") values (1); --"\n{row},{quoted}\n')

    load(warehouse, "telco", path, AS_OF)

    assert [(INJECTION,)] == warehouse.rows("select customer_id from raw.telco_customers")
    assert [(path.name,)] == warehouse.rows("select details ->> 'file' from raw.loads")


def test_a_header_that_looks_like_sql_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    """A column of such a name is a missing column; nothing is loaded, nothing is dropped."""
    path = telco_csv(tmp_path / "t.csv")
    path.write_text(path.read_text("utf-8").replace("tenure", f'"tenure {INJECTION}"', 1), "utf-8")

    with pytest.raises(ImportRefused, match="1 of 21 columns are missing: tenure"):
        load(warehouse, "telco", path, AS_OF)
    assert (0, 0, 0) == counts(warehouse)
