"""Declared tables of a shop, and rows for them."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa

from pipelines.domain.imports.declared import DeclaredColumn, DeclaredTable
from pipelines.domain.imports.loads import Load
from pipelines.domain.imports.quarantine import Quarantine
from pipelines.domain.imports.sieve import staged_schema

KNOWN_AT = datetime(2026, 3, 1, tzinfo=UTC)
ID = DeclaredColumn("customer_id", "Id", "text")
AT = DeclaredColumn("ordered_at", "At", "instant")
PAID = DeclaredColumn("paid_eur", "Paid", "number")
CUSTOMERS = DeclaredTable("shop", "customers", "customers.csv", "snapshot", (ID, PAID))
ORDERS = DeclaredTable("shop", "orders", "orders.csv", "log", (ID, AT, PAID), "ordered_at")

ITEMS = DeclaredTable("shop", "items", "items.csv", "items", (ID, PAID))

CARD = DeclaredColumn("card_no", "Card", "text")
CARDS = DeclaredTable("shop", "cards", "cards.csv", "log", (ID, AT, CARD), "ordered_at")

Row = tuple[str, float]


def load_of(table: DeclaredTable, fingerprint: str = "abcdef", rows: int = 0) -> Load:
    """Return an entry of the ledger."""
    return Load(table.raw_table, fingerprint, rows, {"known_on": "2026-03-01"})


def refused(table: DeclaredTable, *lines: int) -> pa.Table:
    """Return refused rows."""
    quarantine = Quarantine(table.population, table.raw_table, table.origin)
    quarantine.add(lines, "paid_eur", "is not a number")

    return quarantine.table()


def batches(
    table: DeclaredTable, *rows: Row, known_at: datetime = KNOWN_AT
) -> Sequence[pa.RecordBatch]:
    """Return rows of a customer and what they paid, in two batches, on lines from 2 on."""
    made = [
        {
            "customer_id": customer,
            "paid_eur": paid,
            "card_no": f"card {paid:g}",
            "ordered_at": KNOWN_AT,
            "loaded_at": known_at,
            "row_digest": hashlib.sha256(f"{customer} {paid}".encode()).digest(),
            "#place": place,
            "#line": place + 1,
        }
        for place, (customer, paid) in enumerate(rows, 1)
    ]
    schema = staged_schema(table)
    whole = pa.Table.from_pylist(made, schema)

    return list(whole.to_batches(max_chunksize=max(1, len(rows) // 2)))
