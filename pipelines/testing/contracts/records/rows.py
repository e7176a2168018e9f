"""Rows of a few raw tables, for customers by name."""

from datetime import UTC, datetime

import pyarrow as pa

KNOWN_AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


def events(*customers: str, loaded_at: datetime = KNOWN_AT) -> pa.Table:
    """Return a usage event of each of *customers*."""
    rows = len(customers)

    return pa.table(
        {
            "event_id": [f"e{number}" for number in range(rows)],
            "customer_id": list(customers),
            "quantity": [1.5] * rows,
            "occurred_at": pa.array([KNOWN_AT] * rows, INSTANT),
            "loaded_at": pa.array([loaded_at] * rows, INSTANT),
        }
    )


def tickets(*customers: str) -> pa.Table:
    """Return a support ticket of each of *customers*."""
    rows = len(customers)

    return pa.table(
        {
            "ticket_id": [f"t{number}" for number in range(rows)],
            "customer_id": list(customers),
            "opened_at": pa.array([KNOWN_AT] * rows, INSTANT),
            "loaded_at": pa.array([KNOWN_AT] * rows, INSTANT),
        }
    )


def invoice_lines(*customers: str | None) -> pa.Table:
    """Return a line of a shop's invoice for each of *customers*; None is nobody in particular."""
    rows = len(customers)

    return pa.table(
        {
            "line_number": pa.array(range(rows), pa.int64()),
            "invoice_no": [f"i{number}" for number in range(rows)],
            "invoiced_at": pa.array([KNOWN_AT] * rows, INSTANT),
            "customer_id": pa.array(customers, pa.string()),
            "loaded_at": pa.array([KNOWN_AT] * rows, INSTANT),
        }
    )
