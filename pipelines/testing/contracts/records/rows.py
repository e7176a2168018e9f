"""Rows of a few raw tables, for customers by name."""

from datetime import UTC, datetime

import pyarrow as pa

KNOWN_AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


def events(*customers: str) -> pa.Table:
    """Return a usage event of each of *customers*."""
    rows = len(customers)

    return pa.table(
        {
            "event_id": [f"e{number}" for number in range(rows)],
            "customer_id": list(customers),
            "quantity": [1.5] * rows,
            "occurred_at": pa.array([KNOWN_AT] * rows, INSTANT),
            "loaded_at": pa.array([KNOWN_AT] * rows, INSTANT),
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


def visits(*customers: str | None) -> pa.Table:
    """Return a visit of each of *customers*; None is nobody in particular."""
    rows = len(customers)

    return pa.table(
        {
            "customer_id": pa.array(customers, pa.string()),
            "visited_at": pa.array([KNOWN_AT] * rows, INSTANT),
            "loaded_at": pa.array([KNOWN_AT] * rows, INSTANT),
        }
    )
