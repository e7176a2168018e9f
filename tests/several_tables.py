"""A subscription business as it is exported: five tables that lead to an account."""

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from pipelines.domain.inspection import keys
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.inspection.tables import Inspected
from pipelines.steps.data.inspect import inspect
from pipelines.testing.sources import MemorySourceTable

FIRST = date(2026, 1, 1)
DAYS = 260
ACCOUNTS = 240


@functools.cache
def tables(*, days: int = DAYS, accounts: int = ACCOUNTS, seed: int = 11) -> dict[str, pa.Table]:
    """
    Return the tables by name, every value as text.

    Accounts leave at times that a rising silence and more tickets foretell. A ticket is rated and
    a subscription flagged when it is closed, which is later than it is opened.
    """
    random = np.random.default_rng(seed)
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in HEADERS}
    for number in range(accounts):
        account, contract = f"A-{number:04d}", f"S-{number:04d}"
        began = int(random.integers(-40, days // 2))
        ended = began + 40 + int(random.exponential(days))
        has_left = ended < days
        plan = str(random.choice(["Basic", "Pro"]))
        rows["accounts"].append(
            (
                account,
                f"Firm {number}",
                str(random.choice(["DE", "FR"])),
                _day(began),
                plan,
                has_left,
            )
        )
        end = _day(ended) if has_left else ""
        fee, end = 20 + number % 50, _day(ended) if has_left else ""
        contracts = [contract]
        rows["subscriptions"].append((contract, account, _day(began), end, plan, fee, has_left))
        if number % 3 == 0:
            contracts.append(f"{contract}-2")
            more = _day(min(began + 30, days - 1))
            rows["subscriptions"].append((contracts[1], account, more, end, plan, 9, has_left))
        for day in range(max(began, 0), min(ended, days)):
            is_late = has_left and ended - day < 40
            if random.random() < (0.08 if is_late else 0.3):
                kind = str(random.choice(["export", "search", "share"], p=[0.2, 0.7, 0.1]))
                use = f"U-{len(rows['usage']):06d}"
                rows["usage"].append(
                    (
                        use,
                        str(random.choice(contracts)),
                        _day(day),
                        kind,
                        int(random.integers(1, 9)),
                    )
                )
            if random.random() < (0.03 if is_late else 0.01):
                rows["tickets"].append(_ticket(random, len(rows["tickets"]), account, day))
        if has_left:
            why = str(random.choice(["price", "support"]))
            rows["cancellations"].append((f"C-{number:04d}", account, _day(ended), why))

    return {
        name: pa.table(
            {
                header: pa.array([str(row[place]) for row in rows[name]])
                for place, header in enumerate(headers)
            }
        )
        for name, headers in HEADERS.items()
    }


def looked_at(
    found: dict[str, pa.Table], *, label: str | None = None, as_of: date = date(2026, 12, 1)
) -> Inspection:
    """Look at tables, as `churn inspect` does; at the same ones once."""
    return _looked_at(tuple(map(_Shown, found, found.values())), label, as_of)


HEADERS = {
    "accounts": ("account_id", "account_name", "country", "signup_date", "plan", "has_left"),
    "subscriptions": (
        *("subscription_id", "account_id", "start_date", "end_date", "plan", "fee"),
        "churn_flag",
    ),
    "usage": ("usage_id", "subscription_id", "used_on", "feature", "amount"),
    "tickets": ("ticket_id", "account_id", "opened_at", "closed_at", "priority", "rating"),
    "cancellations": ("cancellation_id", "account_id", "cancelled_on", "reason"),
}


@dataclass(frozen=True)
class _Shown:
    """A table by its name, the same as another where it holds the same."""

    name: str
    rows: pa.Table

    def __hash__(self) -> int:
        return hash((self.name, self.rows.num_rows, *self.rows.column_names))


@functools.cache
def _looked_at(shown: tuple[_Shown, ...], label: str | None, as_of: date) -> Inspection:
    """Look at tables, at those that others have in common once."""
    header = label.partition("=")[0] if label else ""
    labelled = next((each for each in shown if header in each.rows.column_names), None)
    found = [_inspected(each, label if each is labelled else None, as_of) for each in shown]

    return Inspection(found, keys.links([(table.name, table.columns) for table in found]))


@functools.cache
def _inspected(shown: _Shown, label: str | None, as_of: date) -> Inspected:
    """Look at a table that was not looked at before."""
    source = MemorySourceTable(shown.rows, name=shown.name)
    (found,) = inspect(sources=[source], as_of=as_of, label=label, most_rows=100_000).tables

    return found


def _day(number: int) -> str:
    """Return a day as it is exported."""
    return (FIRST + timedelta(days=number)).isoformat()


def _ticket(random: np.random.Generator, number: int, account: str, day: int) -> tuple[object, ...]:
    """Return a ticket; one of ten is open still, and who is rated is closed."""
    opened = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(
        days=day, minutes=int(random.integers(0, 1440))
    )
    is_closed = random.random() < 0.8
    closed = opened + timedelta(hours=int(random.integers(2, 90))) if is_closed else None
    rating = int(random.integers(1, 6)) if is_closed and random.random() < 0.6 else ""
    priority = str(random.choice(["low", "high", "urgent"]))

    return (
        *(f"T-{number:05d}", account, opened.strftime("%Y-%m-%d %H:%M")),
        *(closed.strftime("%Y-%m-%d %H:%M") if closed else "", priority, rating),
    )
