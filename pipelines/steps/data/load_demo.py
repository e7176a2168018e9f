"""Fill the raw tables with a generated business, once."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

import pyarrow as pa
import structlog

from pipelines import demo
from pipelines.demo import PlantedDrift
from pipelines.domain.imports.loads import Load
from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.records import RawTables
from pipelines.domain.privacy.erasure import without_erased
from pipelines.errors import ImportRefused

log = structlog.get_logger(__name__)

SOURCE = "demo"
TABLES = ("customers", "subscriptions", "invoices", "usage_events", "support_tickets")


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
    customers: int,
    months: int,
    seed: int,
    until: date,
    drift: PlantedDrift | None = None,
    raw: RawTables,
    locks: Locks,
) -> LoadReport:
    """
    Generate a business, load it and note it in the ledger, in one transaction.

    Customers who were erased are left out. Only a block of customers is in memory at a time.

    Args:
        customers: People who were subscribers at any time of the history.
        months: Length of the history.
        seed: The same arguments give the same rows.
        until: First day that is not part of the history.
        drift: Planted into the rows from its date on.
        raw: The raw tables.
        locks: One load at a time.

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

    with locks.lock("load of demo customers"):
        rows = raw.rows(TABLES)
        if any(load.fingerprint == fingerprint for load in raw.loads(SOURCE)):
            log.info("demo_known_already", fingerprint=fingerprint[:12], rows=sum(rows.values()))
            return LoadReport(rows, was_loaded=False)
        _refuse_other(rows)

        log.info("demo_generating", customers=customers, months=months, seed=seed)
        making = _Making(customers, raw.erased())
        blocks = demo.blocks(
            customers=customers, months=months, seed=seed, until=until, drift=drift
        )
        load = Load(SOURCE, fingerprint, 0, json.loads(canonical))
        rows = raw.append(making.told(blocks), load)

    for name, count in rows.items():
        log.info("demo_table_loaded", table=name, rows=count)
    log.info(
        "demo_loaded",
        fingerprint=fingerprint[:12],
        rows=sum(rows.values()),
        erased_rows=making.erased_rows,
    )

    return LoadReport(rows, was_loaded=True, erased_rows=making.erased_rows)


@dataclass
class _Making:
    """
    Blocks of a business on their way into the raw tables.

    Attributes:
        customers: How many there are to be.
        erased: Digests of those who are left out.
        erased_rows: Rows left out so far.
    """

    customers: int
    erased: frozenset[bytes]
    erased_rows: int = 0
    _began_at: float = field(default_factory=time.monotonic)

    def told(self, blocks: Iterable[demo.Block]) -> Iterator[dict[str, pa.Table]]:
        """Yield what is to be loaded, and tell of each block that was."""
        loaded = 0
        for block in blocks:
            kept = {name: without_erased(rows, self.erased) for name, rows in block.tables.items()}
            rows = _rows(kept)
            self.erased_rows += _rows(block.tables) - rows
            yield kept
            # Or it would be in memory for as long as the next is made.
            kept.clear()
            block.tables.clear()
            loaded += block.customers
            took = time.monotonic() - self._began_at
            log.info(
                "demo_customers_loaded",
                customers=loaded,
                of=self.customers,
                rows=rows,
                seconds=round(took),
                seconds_left=round(took * (self.customers - loaded) / loaded),
            )


def _rows(tables: Mapping[str, pa.Table]) -> int:
    """Return the rows of all tables."""
    return sum(table.num_rows for table in tables.values())


def _refuse_other(rows: Mapping[str, int]) -> None:
    """Refuse to mix a business with the rows of another."""
    if any(rows.values()):
        held = ", ".join(f"{count:,} {name}" for name, count in rows.items() if count)
        raise ImportRefused(
            f"the raw tables hold other records already: {held}; nothing was loaded",
            next_step="make clean, which removes them with all that was built from them",
        )
