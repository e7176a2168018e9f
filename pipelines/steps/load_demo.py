"""Fill the raw tables with a generated business, once."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

import pyarrow as pa
import structlog

from pipelines import demo
from pipelines.demo import PlantedDrift
from pipelines.domain.privacy.erasure import without_erased
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)

SOURCE = "demo"
TABLES = ("customers", "subscriptions", "invoices", "usage_events", "support_tickets")


class Loads(Protocol):
    """Where the rows go, and what went there before."""

    def rows(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
        """Return the rows of a query."""

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run one statement."""

    def ingest(self, schema: str, batches: Mapping[str, pa.Table]) -> int:
        """Append to several tables in one transaction."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock for the block; RunLocked if somebody else does."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """
    What a load did.

    Attributes:
        rows: Table name to rows it holds of this business.
        was_loaded: False when the same business had been loaded before, and this changed nothing.
        erased_rows: Rows that were left out, because their customer was erased.
    """

    rows: dict[str, int]
    was_loaded: bool
    erased_rows: int = 0


def load_demo(
    *,
    warehouse: Loads,
    customers: int,
    months: int,
    seed: int,
    until: date,
    drift: PlantedDrift | None = None,
    raw_schema: str = "raw",
) -> LoadReport:
    """
    Generate a business, load it and note it in the ledger, in one transaction.

    Customers who were erased are left out.

    Args:
        warehouse: Database that is loaded into.
        customers: People who were subscribers at any time of the history.
        months: Length of the history.
        seed: The same arguments give the same rows.
        until: First day that is not part of the history.
        drift: Planted into the rows from its date on.
        raw_schema: Schema of the raw tables.

    Raises:
        ImportRefused: The raw tables hold another business.
        RunLocked: Another load is under way.
    """
    arguments = {
        "customers": customers,
        "months": months,
        "seed": seed,
        "until": until.isoformat(),
        "drift": None if drift is None else asdict(drift),
        "version": demo.VERSION,
    }
    canonical = json.dumps(arguments, sort_keys=True, default=str)
    fingerprint = hashlib.sha256(canonical.encode()).hexdigest()

    with warehouse.lock("load of demo customers"):
        rows = _rows_held(warehouse, raw_schema)
        if _is_loaded(warehouse, raw_schema, fingerprint):
            log.info("demo_known_already", fingerprint=fingerprint[:12], rows=sum(rows.values()))
            return LoadReport(rows, was_loaded=False)
        _refuse_other(rows)

        log.info("demo_generating", customers=customers, months=months, seed=seed)
        tables = demo.generate(
            customers=customers, months=months, seed=seed, until=until, drift=drift
        )
        generated = sum(table.num_rows for table in tables.values())
        erased = {row[0] for row in warehouse.rows("select customer_sha256 from churn.erasures")}
        tables = {name: without_erased(table, erased) for name, table in tables.items()}
        rows = {name: table.num_rows for name, table in tables.items()}
        erased_rows = generated - sum(rows.values())
        for name, count in rows.items():
            log.info("demo_table_loading", table=name, rows=count)
        ledger = _ledger_row(fingerprint, sum(rows.values()), canonical)
        warehouse.ingest(raw_schema, {**tables, "loads": ledger})
        for name in TABLES:
            warehouse.execute(f"analyze {raw_schema}.{name}")

    log.info(
        "demo_loaded",
        fingerprint=fingerprint[:12],
        rows=sum(rows.values()),
        erased_rows=erased_rows,
    )

    return LoadReport(rows, was_loaded=True, erased_rows=erased_rows)


def _rows_held(warehouse: Loads, raw_schema: str) -> dict[str, int]:
    """Return the number of rows of each raw table."""
    counts = ", ".join(
        f"(select count(*) from {raw_schema}.{name}) as {name}"  # noqa: S608  names of ours
        for name in TABLES
    )

    return dict(zip(TABLES, warehouse.rows(f"select {counts}")[0], strict=True))


def _is_loaded(warehouse: Loads, raw_schema: str, fingerprint: str) -> bool:
    """Tell whether the ledger knows this very business."""
    found = warehouse.rows(
        f"select 1 from {raw_schema}.loads "  # noqa: S608  a name from churn.toml
        "where source = :source and fingerprint = :fingerprint",
        {"source": SOURCE, "fingerprint": fingerprint},
    )

    return bool(found)


def _refuse_other(rows: Mapping[str, int]) -> None:
    """Refuse to mix a business with the rows of another."""
    if any(rows.values()):
        held = ", ".join(f"{count:,} {name}" for name, count in rows.items() if count)
        raise ImportRefused(
            f"the raw tables hold other records already: {held}; nothing was loaded",
            next_step="make clean, which removes them with all that was built from them",
        )


def _ledger_row(fingerprint: str, rows: int, details: str) -> pa.Table:
    """Return the row of raw.loads that says what was loaded."""
    return pa.table(
        {
            "source": [SOURCE],
            "fingerprint": [fingerprint],
            "rows": pa.array([rows], pa.int64()),
            "details": pa.array([details], pa.json_()),
        }
    )
