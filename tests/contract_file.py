"""Contracts as a business exports them: a row each, and no other log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.domain.columns import column
from pipelines.domain.inspection.tables import Inspected
from pipelines.steps.data.inspect import inspect
from pipelines.testing.sources import MemorySourceTable

FIRST = date(2023, 1, 1)
TODAY = date(2026, 11, 1)
PLANS = {"Basic": 9.9, "Plus": 19.9, "Pro": 49.9}
# Of a hundred customers a month, after so many months of a contract.
LEAVING = {"Basic": 5.0, "Plus": 3.0, "Pro": 1.0}
NEARLY_A_YEAR = range(10, 14)
HEADERS = (
    *("contract_no", "customer_id", "start_date", "end_date", "plan", "monthly_fee"),
    *("is_sepa", "days_lasted", "status", "reason"),
)


def contracts(
    customers: int = 400, *, seed: int = 5, renews: bool = True, today: date = TODAY
) -> pa.Table:
    """
    Return contracts, every value as text.

    Who has Basic leaves more often, and so does whoever has a contract for nearly a year. Some
    change their plan by a new contract, which begins on the day after the old one ended, on the
    day itself or weeks later; some have two at once; some have one with an end that lies ahead.
    What tells that a contract has ended is written then.
    """
    random = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for number in range(customers):
        begin = FIRST + timedelta(days=int(random.integers(0, (today - FIRST).days - 30)))
        plan = str(random.choice([*PLANS]))
        while True:
            end, has_left = _end(random, begin, plan, today=today)
            rows.append(_row(random, (len(rows), number), (begin, end), plan, today))
            if renews and random.random() < 0.1:
                later = begin + timedelta(days=int(random.integers(1, 90)))
                if later < min(today, end or today):
                    rows.append(_row(random, (len(rows), number), (later, end), "Basic", today))
            if end is None or end >= today or has_left or not renews:
                break
            begin = end + timedelta(days=int(random.choice([0, 1, 1, 40])))
            plan = str(random.choice([*PLANS]))
            if begin >= today:
                break

    return pa.table(
        {
            header: pa.array([str(row[place]) for row in rows])
            for place, header in enumerate(HEADERS)
        }
    )


def looked_at(found: pa.Table, name: str = "contracts", *, as_of: date = TODAY) -> Inspected:
    """Look at a table, as `churn inspect` does."""
    source = MemorySourceTable(found, name=name)

    return inspect(sources=[source], as_of=as_of, label=None, most_rows=100_000).tables[0]


def with_columns(found: Inspected, **more: Sequence[object]) -> Inspected:
    """Return a table that was looked at with other columns besides; one without values is gone."""
    read = {
        name: column.read(name, pa.chunked_array([pa.array([str(value) for value in values])]))
        for name, values in more.items()
        if len(values)
    }
    kept = [each for each in found.columns if each.name not in more]
    columns = (*kept, *read.values())
    times = tuple(each.name for each in columns if each.kind in {"date", "instant"})

    return replace(found, columns=columns, times=times)


def _end(
    random: np.random.Generator, begin: date, plan: str, *, today: date
) -> tuple[date | None, bool]:
    """Return when a contract ends, None where it runs, and whether its customer leaves then."""
    months = 0
    while begin + timedelta(days=30 * months) < today:
        months += 1
        rate = LEAVING[plan] * (6 if months in NEARLY_A_YEAR else 1) / 100
        end = begin + timedelta(days=30 * months - int(random.integers(0, 30)))
        if random.random() < rate:
            return (end, True) if end < today else (None, False)
        if random.random() < 0.02:
            return (end, False) if end < today else (None, False)

    return (today + timedelta(days=60), False) if random.random() < 0.1 else (None, False)


def _row(
    random: np.random.Generator,
    numbers: tuple[int, int],
    times: tuple[date, date | None],
    plan: str,
    today: date,
) -> tuple[object, ...]:
    """Return a contract, by its number and its customer's, as it is exported today."""
    (number, customer), (begin, end) = numbers, times
    is_over = end is not None and end < today
    lasted = ((end if end is not None and is_over else today) - begin).days
    why = str(random.choice(["price", "moved", "other"])) if is_over else ""

    return (
        *(f"V-{number:05d}", f"K-{customer:04d}", begin.isoformat(), end or "", plan),
        *(PLANS[plan] + int(random.integers(0, 3)), bool(random.random() < 0.6), lasted),
        *("ended" if is_over else "active", why),
    )
