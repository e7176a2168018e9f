"""Customers of whom one column says who left, and what they have: many rows each, and no time."""

import numpy as np
import pyarrow as pa

KINDS = ("phone", "tablet", "router")


def tables(customers: int = 300, *, seed: int = 3) -> dict[str, pa.Table]:
    """
    Return customers and devices, every value as text; who has few devices leaves more often.

    Some customers have none, and some devices are nobody's.
    """
    random = np.random.default_rng(seed)
    people: list[tuple[object, ...]] = []
    devices: list[tuple[object, ...]] = []
    for number in range(customers):
        customer = f"K-{number:04d}"
        has = int(random.poisson(2))
        has_left = random.random() < (0.45 if has < 2 else 0.15)
        people.append((customer, 20 + number % 50, "yes" if has_left else "no"))
        devices += [
            (f"D-{len(devices) + place}", customer, *_device(random)) for place in range(has)
        ]
    devices += [(f"N-{place}", "", *_device(random)) for place in range(9)]

    return {
        "customers": _table(("customer_id", "age", "churned"), people),
        "devices": _table(("device_id", "customer_id", "kind", "price", "is_leased"), devices),
    }


def _device(random: np.random.Generator) -> tuple[object, ...]:
    """Return kind, price, unknown of some, and whether it is leased."""
    price = round(float(random.gamma(4, 50)), 2)

    return (
        str(random.choice(KINDS, p=[0.6, 0.3, 0.1])),
        price if random.random() < 0.9 else "",
        "true" if random.random() < 0.5 else "false",
    )


def _table(headers: tuple[str, ...], rows: list[tuple[object, ...]]) -> pa.Table:
    """Return rows as a table of text."""
    return pa.table(
        {header: [str(row[place]) for row in rows] for place, header in enumerate(headers)}
    )
