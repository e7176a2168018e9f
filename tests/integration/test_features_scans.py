"""How often a night of features reads what it is made of."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.demo import business
from pipelines.settings import ROOT

AS_OF, DUE = date(2026, 9, 15), date(2026, 8, 1)
TABLES = ("customers", "invoices", "subscriptions", "support_tickets", "usage_events")
# Whoever scans a table on the way through an index has counted as one of both.
SCANS = """
select relname, seq_scan + coalesce(idx_scan, 0) as scans, seq_scan, idx_scan
from pg_stat_user_tables where schemaname = 'raw' order by relname
"""
# They go back for years, so that days of a night's windows are a small part of them. Tickets are
# so few that they are read whole.
OLDER = {
    "invoices": ("issued_at", "due_at", "paid_at", "loaded_at"),
    "usage_events": ("occurred_at", "loaded_at"),
}


@pytest.fixture
def warehouse_of_years(warehouse: Warehouse) -> Warehouse:
    """A warehouse with a business whose daily tables go back for years, as they were loaded."""
    recent = business.generate(customers=1_500, months=6, seed=5, until=date(2026, 10, 1))
    warehouse.ingest("raw", recent)
    for table, times in OLDER.items():
        kept = [name for name in recent[table].column_names if name not in times]
        for years in range(4, 0, -1):
            moved = ", ".join(f"{name} - {years} * interval '1 year' as {name}" for name in times)
            warehouse.execute(
                f"create table if not exists public.{table} (like raw.{table}); "
                f"insert into public.{table} ({', '.join([*kept, *times])}) "
                f"select {', '.join(kept)}, {moved} from raw.{table} order by {times[-1]}"
            )
        warehouse.execute(
            f"insert into public.{table} select * from raw.{table} order by loaded_at"
        )
        warehouse.execute(f"truncate raw.{table}")
        warehouse.execute(f"insert into raw.{table} select * from public.{table}")
        warehouse.execute(f"drop table public.{table}")
    # BRIN knows of the last pages once they are summarised.
    for table in TABLES:
        with warehouse.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                f"vacuum (analyze) raw.{table}"
            )

    return warehouse


def scanned(warehouse: Warehouse) -> dict[str, tuple[int, int, int]]:
    """Scans of each table so far: all, sequential, through an index."""
    warehouse.engine.dispose()  # a session tells what it did when it ends

    return {row.relname: tuple(row)[1:] for row in warehouse.rows(SCANS) if row.relname in TABLES}


def test_a_night_reads_each_source_three_times_at_most(
    warehouse_of_years: Warehouse, tmp_path: Path
) -> None:
    """Features, labels and tests together; what happens daily is found through its days."""
    warehouse = warehouse_of_years
    dbt = Dbt(ROOT / "dbt_project", warehouse.url, "analytics", tmp_path)
    variables = {"as_ofs": [str(AS_OF)], "label_as_ofs": [str(DUE)], "known_at": str(AS_OF)}
    dbt.build("+fct_customer_features", {"as_ofs": [str(DUE)]})
    before = scanned(warehouse)
    dbt.build("+fct_customer_features +fct_churn_labels", variables)
    after = scanned(warehouse)

    scans = {
        table: tuple(late - early for late, early in zip(after[table], before[table], strict=True))
        for table in TABLES
    }
    assert [] == [table for table, (every, *_) in scans.items() if not 1 <= every <= 3]
    assert dict.fromkeys(OLDER, 0) == {table: scans[table][1] for table in OLDER}
    assert [(AS_OF, True)] == [
        tuple(row)
        for row in warehouse.rows(
            "select as_of, count(*) > 500 from analytics.fct_customer_features "
            "where as_of = :as_of group by as_of",
            {"as_of": AS_OF},
        )
    ]
